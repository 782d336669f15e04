"""Import the addons as Odoo does, also when a run has no database and no Odoo plugin.

The rules in core/ are tested in plain pytest (``scripts/test`` calls it with
``-p no:odoo``). There nothing tells Python where the addons are, and pytest would
import ``power_service_base`` beside ``odoo.addons.power_service_base``, which Odoo
refuses.

In a run on several processes each has its own copy of the database and, by what is
done here, of its files. Odoo's tests remove files that their own database does not
know: with one folder for all, as pytest-odoo has it, they would remove each other's.
"""

import importlib
import os
import shutil
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

ADDONS = Path(__file__).resolve().parent


@contextmanager
def own_filestore(original, database):
    """Give a worker's database links to the files of the one it is a copy of."""
    from odoo.tools import config

    if original == database:
        yield
        return
    folder = Path(config.filestore(database))
    shutil.rmtree(folder, ignore_errors=True)
    if Path(config.filestore(original)).is_dir():
        # Links are enough: a stored file is never changed.
        shutil.copytree(config.filestore(original), folder, copy_function=os.link)
    yield
    shutil.rmtree(folder, ignore_errors=True)


def pytest_configure(config):
    if not config.pluginmanager.is_blocked("odoo"):
        import pytest_odoo

        import odoo.tests.common

        pytest_odoo._shared_filestore = own_filestore
        # Tenths of a second: a browser that starts for the first time on a busy machine
        # needs more than Odoo's 10 s, after which its test would be skipped.
        odoo.tests.common.CHECK_BROWSER_ITERATIONS = 600
        return
    import odoo.addons

    odoo.addons.__path__ = [str(ADDONS), *odoo.addons.__path__]
    for manifest in sorted(ADDONS.glob("*/__manifest__.py")):
        name = manifest.parent.name
        sys.modules[name] = importlib.import_module(f"odoo.addons.{name}")


def pytest_sessionfinish(session):
    """Let a worker end in its own time.

    Whoever started it interrupts it after five seconds, while the garbage of thousands
    of tests is still collected; that would be logged as a warning, and fail the run.
    """
    if hasattr(session.config, "workerinput"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
