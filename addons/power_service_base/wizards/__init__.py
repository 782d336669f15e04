from . import power_calendar_load
from . import power_responsibility_transfer
