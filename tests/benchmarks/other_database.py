"""A database of its own beside the benchmark's, for what others' modules are measured
in; and a run of a benchmark there, in a process of its own."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import odoo.tools.config

ROOT = Path(__file__).resolve().parents[2]


def shell(command):
    """Run a command with the project's own functions; its output."""
    result = subprocess.run(
        ["bash", "-c", f"source scripts/env.sh; pg_start; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(result.stderr[-2000:])
    return result.stdout


@contextmanager
def database(suffix, modules, paths=(), core=False):
    """A copy of the template (or of Odoo's own modules only) with more modules.

    :return: the options of Odoo for it
    """
    name = f"{odoo.tools.config['db_name'][0]}-{suffix}"
    template = shell(f"scripts/template {'--core' if core else ''}").split()[-1]
    shell(f"db_drop {name}; db_copy {template} {name}")
    options = [*sys.argv[2:]]
    options[options.index("-d") + 1] = name
    addons = [option for option in options if option.startswith("--addons-path")]
    path = (
        ",".join(
            [
                addons[0].partition("=")[2]
                if addons
                else odoo.tools.config["addons_path"]
            ]
            + [str(item) for item in paths]
        )
        if paths
        else None
    )
    if path:
        options = [option for option in options if option not in addons]
        options.append(f"--addons-path={path}")
    try:
        command = [sys.executable, "-m", "odoo", "server", *options, "--no-http"]
        subprocess.run(
            [*command, "-i", modules, "--stop-after-init"],
            check=True,
            cwd=ROOT,
            capture_output=True,
        )
        yield options
    finally:
        shell(f"db_drop {name}")


def run_there(script, options):
    """Run a script's ``measure(env)`` in that database.

    :return: what it returned, as JSON
    """
    result = subprocess.run(
        [sys.executable, __file__, str(script), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(result.stderr[-3000:])
    return json.loads(result.stdout.splitlines()[-1])


def main(path, options):
    import runner

    import odoo.api
    from odoo.orm.registry import Registry

    odoo.tools.config.parse_config(options, setup_logging=True)
    module = runner.load(Path(path))
    registry = Registry(odoo.tools.config["db_name"][0])
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        print(json.dumps(module.measure(env)))
        cr.rollback()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
