from . import test_access
from . import test_supply_contract
from . import test_core_holiday_file
from . import test_core_working_time
from . import test_resource_calendar
from . import test_core_field_task
from . import test_field_task
from . import test_responsibility
