from . import bulletin
from . import rating
