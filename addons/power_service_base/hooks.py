from odoo.tools import SQL
from odoo.tools.sql import convert_column_translatable

from .core.working_time import DEFAULT_TZ


def pre_init_hook(env):
    """Make the extension that the exclusion constraints on periods need."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


def post_init_hook(env):
    """Set the companies' working schedules to China's time where Odoo gave them UTC:
    promises are counted by them. And let customers into the portal by invitation: who
    signs up as nobody's customer would see nothing there.
    """
    env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2b")
    schedules = env["resource.calendar"].with_context(active_test=False)
    schedules.search([("tz", "=", "UTC"), ("company_id", "!=", False)]).tz = DEFAULT_TZ


def uninstall_hook(env):
    """Leave nothing behind, however much the addon was used."""
    # Only this addon translates the working schedules' names.
    convert_column_translatable(env.cr, "resource_calendar", "name", "varchar")
    drop_staging_tables(env)
    release_records(env, "power_service_base")


def drop_staging_tables(env):
    """Drop the tables of imported rows: they hold personal data, and no model knows
    them."""
    env.cr.execute(
        r"SELECT relname FROM pg_class WHERE relkind = 'r' "
        r"AND relnamespace = current_schema::regnamespace "
        r"AND relname ~ '^power_import_row_\d+$'"
    )
    for (name,) in env.cr.fetchall():
        env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(name)))


def release_records(env, module):
    """Let an addon's records go, though others of its own name them.

    An uninstall deletes the records that came with the addon before its tables: a
    notice purpose that notices have, a ticket type that tickets have would be refused.

    :param module: name of the addon; its extensions of others' models don't count
    """
    tables = [
        model._table
        for model in env.registry.values()
        if model._original_module == module and model._auto and not model._abstract
    ]
    env.cr.execute(
        "SELECT own.relname, fk.conname FROM pg_constraint AS fk "
        "JOIN pg_class AS own ON own.oid = fk.conrelid "
        "JOIN pg_class AS other ON other.oid = fk.confrelid "
        "WHERE fk.contype = 'f' AND fk.confdeltype IN ('a', 'r') "
        "AND own.relname = ANY(%s) AND other.relname = ANY(%s)",
        (tables, tables),
    )
    for table, name in env.cr.fetchall():
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(name),
            )
        )
