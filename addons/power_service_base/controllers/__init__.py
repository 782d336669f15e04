from . import portal
from . import service_pages
from . import power_notice
