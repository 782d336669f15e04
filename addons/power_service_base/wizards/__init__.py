from . import power_calendar_load
from . import power_responsibility_transfer
from . import power_message_gateway_test
from . import power_notice_compose
from . import power_notice_outcome
from . import power_notice_rechannel
from . import power_assignment_preview
from . import power_customer_find
