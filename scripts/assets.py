"""Make the web client's bundles and keep them in the database, so that nobody waits.

Takes Odoo's options; the database is given by ``-d``. Bundles of browser tests are made
too when ``POWER_TEST_ASSETS`` is set.
"""

import os
import sys

from lxml import etree

import odoo.api
import odoo.modules.registry
import odoo.tools.config
from odoo.orm.registry import Registry
from odoo.tools import str2bool

# What the web client asks for when it needs it: name, module.
LAZY = [
    ("bus.websocket_worker_assets", "bus"),
    ("web.assets_backend_lazy", "web"),
    ("web.chartjs_lib", "web"),
    ("web.fullcalendar_lib", "web"),
]
LAZY_IN_TESTS = [
    ("web_tour.automatic", "web_tour"),
    ("web_tour.interactive", "web_tour"),
]


def find_bundles(env, with_tests):
    """Return the bundles that pages call: name, scripts?, styles?, prefixed styles?

    :param with_tests: also the bundles of browser tests
    """
    installed = env["ir.module.module"]._installed()
    found = {
        (name, True, True, False)
        for name, module in LAZY + LAZY_IN_TESTS * with_tests
        if module in installed
    }
    domain = [("type", "=", "qweb"), ("arch_db", "like", "t-call-assets")]
    for view in env["ir.ui.view"].search(domain):
        for node in etree.fromstring(view.arch_db).xpath("//*[@t-call-assets]"):
            flags = [
                str2bool(node.get(name, default))
                for name, default in (
                    ("t-js", "True"),
                    ("t-css", "True"),
                    ("t-autoprefix", "False"),
                )
            ]
            name = node.get("t-call-assets")
            if with_tests or "test" not in name:
                found.add((name, *flags))
    return sorted(found)


def make_bundles(env, with_tests):
    """Make the files of each bundle that a page calls, unless they are there."""
    for name, scripts, styles, prefixed in find_bundles(env, with_tests):
        # As ir.qweb asks for them: each kind alone.
        get_bundle = env["ir.qweb"]._get_asset_bundle
        if scripts:
            get_bundle(name, css=False, autoprefix=prefixed).js()
        if styles:
            get_bundle(name, js=False, autoprefix=prefixed).css()


def main(options):
    odoo.tools.config.parse_config(options, setup_logging=True)
    with Registry(odoo.tools.config["db_name"][0]).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        make_bundles(env, bool(os.environ.get("POWER_TEST_ASSETS")))
        # The only statement of its kind: this is a script, nobody's transaction.
        cr.commit()


if __name__ == "__main__":
    main(sys.argv[1:])
