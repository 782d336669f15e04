from . import power_contact_card
