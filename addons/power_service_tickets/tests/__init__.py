from . import test_access
from . import test_core_callback_window
from . import test_core_escalation
from . import test_core_repeat
from . import test_core_sla_clock
from . import test_core_sla_laws
from . import test_core_sla_match
from . import test_rectification
