from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
#: Why a step of a connection can't be entered: the codes of ``core/connection.py`` that
#: need no more than their words.
REASONS = {
    "not_needed": _lt("This connection doesn't have this step."),
    "no_class": _lt("The customer class applied for isn't entered."),
    "no_applicant": _lt("The applicant isn't entered."),
    "no_capacity": _lt("The wanted capacity isn't entered."),
    "no_point": _lt("The supply point isn't entered."),
    "no_new_customer": _lt("The new customer isn't entered."),
    "same_customer": _lt("The new customer is the present one."),
    "no_end_date": _lt("The last day isn't entered."),
    "ends_before_start": _lt("The last day lies before the first."),
    "end_date_passed": _lt("The last day has passed."),
    "scheme_no_capacity": _lt("The scheme doesn't say what capacity is granted."),
    "scheme_no_metering": _lt("The scheme doesn't say how it is metered."),
    "scheme_no_source": _lt("The scheme needs exactly one main source."),
    "scheme_one_source": _lt("Two sources are applied for: name the standby."),
    "fee_not_told": _lt("The customer hasn't been told the fee."),
    "no_meter": _lt("The meter's number isn't entered."),
    "no_area": _lt("The grid area isn't entered."),
    "number_taken": _lt("Another supply point has this consumer number."),
    "point_there": _lt("The ticket already has a supply point."),
    "not_connected": _lt("The supply point isn't connected."),
    "not_suspended": _lt("The supply point isn't suspended."),
    "point_closed": _lt("The supply point is closed."),
    "no_contract": _lt("The supply point has no contract on that day."),
    "later_contract": _lt("Another contract of the point begins later."),
    "contract_of_today": _lt(
        "The present contract begins on the same day: enter a later one."
    ),
    "not_more": _lt("The capacity granted isn't more than the present one."),
    "not_less": _lt("The capacity granted isn't less than the present one."),
}
