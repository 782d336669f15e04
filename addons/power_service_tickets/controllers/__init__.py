from . import bulletin
from . import rating
from . import portal_tickets
