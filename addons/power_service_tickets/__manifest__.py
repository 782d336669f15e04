{
    "name": "Power Service Tickets",
    "summary": "Requests, promise clocks and complaint control",
    "version": "19.0.1.0.0",
    "category": "Services/Power Service",
    "author": "Power Service contributors",
    "website": "https://github.com/power-service/power-service",
    "license": "LGPL-3",
    "depends": ["power_service_base", "rating"],
    "data": [
        "security/ir.model.access.csv",
        "security/power_rectification_security.xml",
        "data/power_rectification_data.xml",
        "wizards/power_reason_entry_views.xml",
        "views/power_rectification_views.xml",
        "views/power_service_tickets_menus.xml",
    ],
}
