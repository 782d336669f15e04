from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
#: The shipped texts (subject, body) of notices, by the code of their purpose; the same
#: as in the data. Used when an administrator's text is empty or broken.
SHIPPED = {
    "ticket_received": (
        _lt("We have your request {{ object.name }}"),
        _lt(
            "Your request “{{ object.subject }}” was received under the number "
            "{{ object.name }}.\n"
            "You hear from us by {{ object.notice_deadline }}.\n"
            "\n"
            "Questions: {{ object.station_id.hotline }}"
        ),
    ),
    "ticket_answered": (
        _lt("Answer to your request {{ object.name }}"),
        _lt(
            "About your request “{{ object.subject }}”:\n"
            "\n"
            "{{ object.notice_answer ||| It has been dealt with. }}\n"
            "\n"
            "Questions: {{ object.station_id.hotline }}"
        ),
    ),
    "ticket_extended": (
        _lt("Your request {{ object.name }} takes longer"),
        _lt(
            "Your request “{{ object.subject }}” takes longer than usual.\n"
            "You hear from us by {{ object.notice_deadline }}.\n"
            "\n"
            "Questions: {{ object.station_id.hotline }}"
        ),
    ),
    "ticket_closed": (
        _lt("Your request {{ object.name }} is closed"),
        _lt(
            "Your request “{{ object.subject }}” ({{ object.name }}) is closed. "
            "If it isn't solved, tell us and we open it again.\n"
            "\n"
            "Questions: {{ object.station_id.hotline }}"
        ),
    ),
    "rating": (
        _lt("Are you satisfied with our answer?"),
        _lt(
            "Please rate how we handled your request {{ object.name }}: {{ "
            "object.notice_rating_url }}"
        ),
    ),
    "connection_papers": (
        _lt("Papers that are missing in your application"),
        _lt(
            "For your application {{ object.name }} these papers are missing:\n"
            "{{ object.notice_papers }}\n"
            "No others are needed to begin."
        ),
    ),
    "connection_fee": (
        _lt("Fee for your application"),
        _lt(
            "The fee for your application {{ object.name }} is {{ object.notice_fee }}."
        ),
    ),
    "connection": (
        _lt("Your supply scheme"),
        _lt(
            "The supply scheme for your application {{ object.name }}: {{ "
            "object.scheme_kva }} kVA, valid until {{ object.notice_valid_until "
            "}}.\n"
            "{{ object.scheme_note }}"
        ),
    ),
}
