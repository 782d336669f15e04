from . import (
    power_job_run,
    power_state_mixin,
    power_rectification,
    power_rectification_step,
    power_rectification_climb,
)
