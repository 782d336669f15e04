from . import power_reason_entry
