from . import power_notice
