from odoo.addons.power_service_base.hooks import release_records


def uninstall_hook(env):
    """Let the types, stages and promises go that came with the addon and are in use."""
    release_records(env, "power_service_tickets")
