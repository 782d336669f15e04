from . import power_calendar_load
