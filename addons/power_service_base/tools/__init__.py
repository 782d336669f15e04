from . import gateway_client
from . import sms_api
