from . import power_reason_entry
from . import power_duty_handover
from . import power_duty_check
from . import power_duty_plan
from . import power_ticket_review_entry
from . import power_ticket_callback_entry
from . import power_connection_entry
