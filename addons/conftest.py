"""Import the addons as Odoo does, also when a run has no database and no Odoo plugin.

The rules in core/ are tested in plain pytest (``scripts/test`` calls it with
``-p no:odoo``). There nothing tells Python where the addons are, and pytest would
import ``power_service_base`` beside ``odoo.addons.power_service_base``, which Odoo
refuses.
"""

import importlib
import sys
from pathlib import Path

ADDONS = Path(__file__).resolve().parent


def pytest_configure(config):
    if not config.pluginmanager.is_blocked("odoo"):
        return
    import odoo.addons

    odoo.addons.__path__ = [str(ADDONS), *odoo.addons.__path__]
    for manifest in sorted(ADDONS.glob("*/__manifest__.py")):
        name = manifest.parent.name
        sys.modules[name] = importlib.import_module(f"odoo.addons.{name}")
