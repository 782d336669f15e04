{
    "name": "Power Service Tickets: Questionnaires",
    "summary": "Satisfaction measured by questionnaires, counted per station",
    "version": "19.0.1.0.0",
    "category": "Services/Power Service",
    "author": "Power Service contributors",
    "website": "https://github.com/power-service/power-service",
    "license": "LGPL-3",
    "depends": ["power_service_tickets", "survey"],
    "auto_install": True,
    "data": [
        "security/ir.model.access.csv",
        "security/power_survey_round_security.xml",
        "data/power_survey_data.xml",
        "views/power_survey_round_views.xml",
    ],
}
