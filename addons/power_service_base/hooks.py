from odoo.tools.sql import convert_column_translatable


def pre_init_hook(env):
    """Make the extension that the exclusion constraints on periods need."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


def uninstall_hook(env):
    """Give the working schedules one name again: only this addon translates it."""
    convert_column_translatable(env.cr, "resource_calendar", "name", "varchar")
