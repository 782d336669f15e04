from . import power_ticket_analysis
from . import power_complaint_bulletin
from . import power_complaint_subscription
