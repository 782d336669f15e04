from . import power_survey_round
from . import survey_survey
from . import survey_user_input
from . import power_survey_result
