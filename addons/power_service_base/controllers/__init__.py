from . import portal
from . import portal_notices
from . import service_pages
from . import power_notice
from . import power_import
from . import vcard
