"""Set-up, run, stop and test: what stops them is said in one sentence, in time.

Each test has a folder of its own for what is made, and stand-ins for the commands that
would change the machine. No network, and no database server but one that isn't there.
"""

import ast
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[1]
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\n'
UBUNTU = 'PRETTY_NAME="Ubuntu 24.04 LTS"\nVERSION_CODENAME=noble\n'
NOBODY_LISTENS = "http://127.0.0.1:9/simple"
ALL_INSTALLED = 'for name; do echo "$name install ok installed"; done'
FORBIDDEN = 'echo "$0 $*" >>"${0%/*}/forbidden"; exit 1'
MIRROR = "'http://mirror.example/debian/dists/bookworm/InRelease' x 0"


class Machine:
    """A machine that only seems to be changed, with an empty folder for the set-up."""

    def __init__(self, folder):
        self.folder = folder
        self.local = folder / "local"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.local.mkdir()
        self.write("os-release", DEBIAN)
        for name in ("apt-get", "dpkg", "dpkg-deb", "sudo"):
            self.stub(name, FORBIDDEN)
        self.stub("dpkg-query", ALL_INSTALLED)
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PG", "POWER_", "PIP_", "ODOO_"))
        } | {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "POWER_LOCAL": str(self.local),
            "POWER_DB": "scripttest",
            "POWER_OS_RELEASE": str(folder / "os-release"),
        }

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def stub(self, name, body):
        """Put a stand-in for a command in front of the real one."""
        self.write(f"bin/{name}", f"#!/bin/bash\n{body}\n").chmod(0o755)

    def hide(self, name):
        """Take a command away: a PATH of links to all the others."""
        links = self.folder / "links"
        links.mkdir()
        for folder in os.environ["PATH"].split(":"):
            for path in Path(folder).glob("*"):
                if path.name != name and not (links / path.name).is_symlink():
                    (links / path.name).symlink_to(path)
        (self.bin / name).unlink()
        self.environment["PATH"] = f"{self.bin}:{links}"

    def be_unprivileged(self):
        """Let the scripts believe that this user is not root."""
        if os.geteuid() == 0:
            os.chown(self.local, 4242, 4242)
            self.stub("id", '[ "$1" = -un ] && echo ann || echo 4242')

    def let_root_work(self):
        """Let the scripts be root, or believe that sudo makes them so."""
        self.stub("sudo", 'while [[ $1 = -* ]]; do shift; done; exec "$@"')
        self.stub("dpkg", "exit 0")

    def odoo(self, version="19, 0"):
        """A folder that looks like Odoo's sources."""
        self.write(
            "odoo/odoo/release.py", f"version_info = ({version}, FINAL, 0, '')\n"
        )
        return str(self.folder / "odoo")

    def run(self, script, *arguments, root=ROOT, **variables):
        return subprocess.run(
            [str(root / "scripts" / script), *arguments],
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def fail(self, script, *arguments, **variables):
        """Run what must be refused; return its only sentence."""
        answer = self.run(script, *arguments, **variables)
        assert answer.returncode == 1, answer
        lines = answer.stderr.splitlines()
        assert len(lines) == 1, answer.stderr
        assert lines[0].startswith("Error: "), lines
        forbidden = self.bin / "forbidden"
        assert not forbidden.exists(), forbidden.read_text()
        assert not (self.local / "ready").exists(), "a failed set-up must not be done"
        return lines[0]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def sleeper(*arguments):
    """Start a process that does nothing, with these among its arguments."""
    code = "import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code, *arguments])
    deadline = time.monotonic() + 20
    while code not in Path(f"/proc/{process.pid}/cmdline").read_text():
        assert time.monotonic() < deadline
    return process


# What stops the set-up ---------------------------------------------------------------


def test_port_in_use(machine):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        said = machine.fail("run", POWER_PORT=port)
    assert f"Port {port} is in use by another program" in said
    assert "POWER_PORT=" in said
    assert not (machine.local / "venv").exists(), "told before anything is set up"


def test_not_debian_12(machine):
    machine.write("os-release", UBUNTU)
    said = machine.fail("setup")
    assert "Debian 12" in said and "Ubuntu 24.04 LTS" in said
    assert "docker-compose.yml" in said


def test_full_disk(machine):
    machine.stub("df", "printf 'x\\n/dev/x 9 4 %s 9%% /\\n' $((5 * 1024 * 1024))")
    said = machine.fail("setup")
    assert f"Only 5 GB free under {machine.local}: this needs 6 GB" in said


def test_neither_root_nor_sudo(machine):
    machine.hide("sudo")
    machine.be_unprivileged()
    machine.stub("dpkg-query", "exit 1")
    said = machine.fail("setup")
    assert "needs root" in said and "install sudo" in said


def test_sudo_refuses(machine):
    machine.be_unprivileged()
    machine.stub("dpkg-query", "exit 1")
    machine.stub("sudo", "echo 'a password is required' >&2; exit 1")
    assert "sudo refuses" in machine.fail("setup")


@pytest.mark.parametrize(
    ("apt", "reason"),
    [
        (
            "Temporary failure resolving 'mirror.example'",
            "the registry can't be reached",
        ),
        ("Could not connect to mirror.example:80", "the registry can't be reached"),
        ("You don't have enough: No space left on device", "the disk is full"),
        ("Unable to acquire the dpkg frontend lock", "another program is installing"),
    ],
)
def test_debian_packages_fail(machine, apt, reason):
    machine.let_root_work()
    machine.stub("dpkg-query", "exit 1")
    machine.stub(
        "apt-get", f'[ "$1" = update ] || {{ echo "E: {apt}" >&2; exit 100; }}'
    )
    said = machine.fail("setup")
    assert "Debian packages could not be installed" in said
    assert reason in said


@pytest.mark.parametrize(
    ("apt", "reason"),
    [
        ("Cannot initiate the connection: Network is unreachable", "can't be reached"),
        ("Release file for sid is expired (invalid since 16d)", "clock is wrong"),
        ("write (28: No space left on device)", "the disk is full"),
    ],
)
def test_odoo_cannot_be_fetched(machine, apt, reason):
    machine.stub(
        "apt-get",
        f'case "$*" in *--print-uris*) echo "{MIRROR}" ;;'
        f' *) echo "E: {apt}" >&2; exit 100 ;; esac',
    )
    said = machine.fail("setup")
    assert "Odoo could not be fetched from http://mirror.example/debian" in said
    assert reason in said
    assert not (machine.local / "odoo").exists()


def test_no_debian_mirror(machine):
    docker = "'http://mirror.example/linux/debian/dists/bookworm/InRelease' x 0"
    machine.stub("apt-get", f'echo "{docker}"')
    assert "No Debian mirror found" in machine.fail("setup")


def test_python_packages_fail(machine):
    # Half an environment, as an interrupted run leaves it, is made anew.
    left = machine.write("local/venv/bin/python", "half a file")
    variables = {
        "ODOO_HOME": machine.odoo(),
        "PIP_INDEX_URL": NOBODY_LISTENS,
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
    }
    said = machine.fail("setup", **variables)
    assert "Python packages could not be installed" in said
    assert "the registry can't be reached" in said
    venv = machine.local / "venv"
    assert left.is_symlink(), "the interpreter is there"
    # Nothing was changed in it, so it is still good; and not taken for filled.
    assert (venv / ".complete").exists()
    assert not list(venv.glob(".odoo-*"))


@pytest.mark.parametrize("version", ["18, 0", None])
def test_wrong_odoo_home(machine, version):
    home = machine.odoo(version) if version else str(machine.folder)
    said = machine.fail("setup", ODOO_HOME=home)
    assert f"ODOO_HOME={home} holds no Odoo 19.0" in said


@pytest.mark.parametrize("script", ["psql", "template", "demo", "reset"])
def test_named_server_does_not_answer(machine, script):
    said = machine.fail(script, PGHOST=str(machine.folder / "nowhere"))
    assert "PostgreSQL at PGHOST=" in said and "unset PGHOST" in said


@pytest.mark.parametrize("script", ["setup", "run", "stop", "test", "psql"])
def test_folder_of_another_user(machine, script):
    machine.stub("stat", '[ "$2" = %U ] && echo ann || echo 4242')
    said = machine.fail(script)
    assert f"{machine.local} belongs to the user ann: run this as that user" in said


def test_folder_that_cannot_be_made(machine):
    file = machine.write("file", "")
    said = machine.fail("setup", POWER_LOCAL=str(file / "local"))
    assert f"The folder {file}/local can't be made: Not a directory." in said


@pytest.mark.parametrize(
    "name", ["../power", "Power", "power-test", "", "x" * 41, "a;b"]
)
def test_database_name(machine, name):
    if name:
        assert "POWER_DB=" in machine.fail("reset", "--yes", POWER_DB=name)
    else:
        assert machine.run("stop", POWER_DB=name).returncode == 0, "empty: the default"


@pytest.mark.parametrize("port", ["http", "0", "8069; x", "123456"])
def test_port_number(machine, port):
    assert "is no port number" in machine.fail("run", POWER_PORT=port)


def test_node_packages_fail(machine):
    clone = machine.folder / "clone"
    for name in ("scripts/lint", "requirements/lint.txt", ".pre-commit-config.yaml"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    subprocess.run(["git", "init", "-q"], cwd=clone, check=True)
    venv = clone / ".local/lint/venv"
    venv.joinpath("bin").mkdir(parents=True)
    ready = 'f=$1; { /usr/bin/python3 --version; sha256sum <"$f"; }'
    answer = subprocess.run(
        ["bash", "-c", ready, "-", clone / "requirements/lint.txt"],
        check=True,
        capture_output=True,
    )
    venv.joinpath("ready").write_bytes(answer.stdout)
    script = "#!/bin/bash\necho 'npm ERR! code ECONNREFUSED'; exit 1\n"
    venv.joinpath("bin/pre-commit").write_text(script)
    venv.joinpath("bin/pre-commit").chmod(0o755)
    answer = machine.run("lint", "--setup", root=clone)
    assert answer.returncode == 2
    assert "the node package registry can't be reached" in answer.stderr


# Run, stop, reset --------------------------------------------------------------------


def test_stop_leaves_other_programs_alone(machine):
    """The number in a stale file is another program's by now."""
    with sleeper("--http-port=8069") as other:
        pidfile = machine.write("local/odoo-8069.pid", str(other.pid))
        answer = machine.run("stop")
        alive = other.poll() is None
        other.kill()
    assert (answer.returncode, answer.stdout) == (0, "Stopped.\n")
    assert alive
    assert not pidfile.exists()
    assert machine.run("stop").returncode == 0, "twice is no harm"


def test_stop_ends_our_server(machine):
    with sleeper("--http-port=8071", f"--data-dir={machine.local}/data") as server:
        machine.write("local/odoo-8071.pid", str(server.pid))
        machine.write("local/odoo-8072.pid", "no number")
        answer = machine.run("stop")
        ended = server.wait(timeout=20)
    assert answer.returncode == 0, answer.stderr
    assert ended == -signal.SIGTERM


def test_reset_before_anything_was_made(machine):
    answer = machine.run("reset", "--yes")
    assert answer.returncode == 0, answer.stderr
    assert not (machine.local / "postgres").exists()


def test_run_of_another_database_on_the_port(machine):
    arguments = ("--http-port=8069", f"--data-dir={machine.local}/data", "-d", "other")
    with sleeper(*arguments) as server:
        machine.write("local/odoo-8069.pid", str(server.pid))
        said = machine.fail("run")
        server.kill()
    assert "Port 8069 serves another database of this project" in said


def source(machine, commands, **variables):
    answer = subprocess.run(
        ["bash", "-c", f"source {ROOT}/scripts/env.sh; {commands}"],
        env={**machine.environment, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.strip()


def test_private_server_stays_private_in_scripts_of_scripts(machine):
    show = 'printf "%s " "${PG_PRIVATE:-none}"'
    again = f"{show}; bash -c 'source {ROOT}/scripts/env.sh; {show}'"
    assert source(machine, again) == "1 1"
    assert source(machine, again, PGHOST="db.example") == "none none"


def test_path_of_the_socket_is_short_enough(machine):
    deep = machine.folder / "/".join(["a-long-name-of-a-folder"] * 6)
    host = source(machine, "echo $PGHOST", POWER_LOCAL=str(deep))
    assert len(f"{host}/.s.PGSQL.5432") <= 107
    assert host != source(machine, "echo $PGHOST", POWER_LOCAL=str(deep / "other"))


def test_pdf_in_chinese_letters(machine):
    """Several characters (直, 骨, 网) look otherwise in a Japanese font."""
    page = machine.write("page.html", '<meta charset="utf-8"><p>直供电网格员联系卡</p>')
    target = machine.folder / "page.pdf"
    source(machine, f"wkhtmltopdf -q {page} {target}")
    content = PdfReader(target).pages[0]
    fonts = [font.get_object() for font in content["/Resources"]["/Font"].values()]
    assert "联系卡" in content.extract_text()
    assert {str(font["/BaseFont"])[-10:] for font in fonts} == {"sc-Regular"}


# Tests that fail are told ------------------------------------------------------------

LINE = "2026-11-22 12:00:00,123 4711 {} power-test odoo.addons.base: {}\n"


@pytest.mark.parametrize(
    ("level", "clean"),
    [("INFO", 0), ("WARNING", 1), ("ERROR", 1), ("CRITICAL", 1)],
)
def test_warning_in_the_log_is_found(machine, level, clean):
    log = machine.write(
        "log", LINE.format("INFO", "a") + LINE.format(level, "b") + "text\n"
    )
    commands = f'odoo_log_is_clean "{log}" 2>/dev/null && echo 0 || echo 1'
    assert source(machine, commands) == str(clean)


def test_word_in_a_message_is_no_warning(machine):
    log = machine.write("log", LINE.format("INFO", "GET /x?q=a WARNING b"))
    assert source(machine, f'odoo_log_is_clean "{log}" && echo clean') == "clean"


SUITE = """<testsuites>
<testsuite tests="4" failures="{failures}" errors="0" skipped="1">
<testcase name="test_tour"><skipped message="{reason}"/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("failures", "reason", "code", "line"),
    [
        (0, "not on Sundays", 0, "3 passed, 0 failed, 1 skipped"),
        (1, "not on Sundays", 1, "2 passed, 1 failed, 1 skipped"),
        (0, "Chrome executable not found", 1, "no browser for: test_tour"),
    ],
)
def test_summary(machine, failures, reason, code, line):
    machine.write("results/a.xml", SUITE.format(failures=failures, reason=reason))
    answer = subprocess.run(
        [sys.executable, ROOT / "scripts/test_summary.py", machine.folder / "results"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == code
    assert line in answer.stdout


def test_failing_test_fails_the_run(machine):
    """The real scripts/test, in a checkout that has no more than two tests."""
    clone = machine.folder / "clone"
    shutil.copytree(ROOT / "scripts", clone / "scripts")
    code = "def test_good():\n    pass\n\ndef test_bad():\n    assert False\n"
    machine.write("clone/tests/test_two.py", code)
    # What set-up would make, borrowed from the environment that runs this.
    machine.write("clone/scripts/setup", "#!/bin/bash\n").chmod(0o755)
    (machine.local / "venv").symlink_to(sys.prefix)
    answer = machine.run("test", "tests/test_two.py", root=clone)
    assert answer.returncode == 1
    lines = answer.stdout.splitlines()
    assert "1 passed, 1 failed, 0 skipped" in lines[-2:]
    assert lines[-1].startswith("FAILED in ")
    good = machine.run("test", "tests/test_two.py", "-k", "good", root=clone)
    assert good.returncode == 0, good
    assert "1 passed, 0 failed, 0 skipped" in good.stdout.splitlines()[-2:]


def test_every_addon_of_the_product_is_installed_and_updated():
    """In the order of their arrows: an addon that is updated before those below it, or
    below one that is new, meets tables that nobody has brought up to date."""
    product = [
        path.parent.name
        for path in sorted((ROOT / "addons").glob("power_service_*/__manifest__.py"))
        if not ast.literal_eval(path.read_text()).get("auto_install")
    ]
    for file in ("scripts/env.sh", "docker-compose.yml"):
        found = re.search(r"MODULES:-([\w,]+)\}", (ROOT / file).read_text())
        assert sorted(found[1].split(",")) == product, file
