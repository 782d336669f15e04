"""scripts/backup and scripts/restore against a real server, and what they refuse."""

import hashlib
import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAME = f"backuptest_{os.getpid()}"


def read_environment():
    """The scripts' own settings: the server, started, and Odoo's interpreter."""
    command = """source scripts/env.sh && pg_start
        for key in PGHOST PGPORT PGUSER VENV DATA; do
            printf "%s=%s\\0" "$key" "${!key:-}"
        done"""
    answer = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, check=True, capture_output=True, text=True
    )
    values = dict(item.split("=", 1) for item in answer.stdout.split("\0") if item)
    return {key: value for key, value in values.items() if value}


@pytest.fixture(scope="module")
def settings():
    return read_environment()


@pytest.fixture
def place(settings, tmp_path):
    """A data folder of its own on the server, and a database with files to back up."""
    place = Place(settings, tmp_path)
    place.create_database()
    yield place
    place.drop_all()


class Place:
    """One data folder, and the databases whose names begin with NAME."""

    def __init__(self, settings, folder):
        self.data = folder / "data"
        self.backups = folder / "backups"
        self.environment = {
            **os.environ,
            **{key: value for key, value in settings.items() if key.startswith("PG")},
            "ODOO_DATA_DIR": str(self.data),
        }
        self.environment.pop("PGDATABASE", None)
        self.data.mkdir()

    def run(self, *command, check=True, **variables):
        answer = subprocess.run(
            [str(part) for part in command],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        if check:
            assert answer.returncode == 0, answer.stderr
        return answer

    def sql(self, database, query):
        answer = self.run(
            "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", query
        )
        return answer.stdout.strip()

    def databases(self):
        query = "SELECT datname FROM pg_database WHERE datname LIKE '{}%' ORDER BY 1"
        return self.sql("postgres", query.format(NAME)).split()

    def create_database(self):
        self.run("createdb", "-T", "template0", "-E", "UTF8", NAME)
        self.sql(
            NAME,
            """
            CREATE TABLE customer (id serial PRIMARY KEY, name text UNIQUE);
            INSERT INTO customer (name)
                SELECT '客户 ' || i FROM generate_series(1, 500) i;
            CREATE TABLE ir_attachment (id serial PRIMARY KEY, store_fname text);
            CREATE TABLE ir_module_module (name text, latest_version text);
            INSERT INTO ir_module_module VALUES ('base', '19.0.1.3');
            """,
        )
        for content in (b"one", b"two" * 100_000, b""):
            self.add_file(content)
        # Not named by the database any more: it belongs in no backup.
        (self.filestore() / "unused").write_bytes(b"left over")

    def filestore(self, database=NAME):
        return self.data / "filestore" / database

    def add_file(self, content):
        digest = hashlib.sha1(content).hexdigest()
        name = f"{digest[:2]}/{digest}"
        (self.filestore() / name).parent.mkdir(parents=True, exist_ok=True)
        (self.filestore() / name).write_bytes(content)
        self.sql(
            NAME,
            f"INSERT INTO ir_attachment (store_fname) VALUES ('{name}'), ('{name}')",
        )

    def contents(self, database):
        """All rows and all files: what a restored copy is compared by."""
        tables = "SELECT string_agg(c::text, '|' ORDER BY id) FROM {} c"
        files = {
            str(path.relative_to(self.filestore(database))): path.read_bytes()
            for path in sorted(self.filestore(database).rglob("*"))
            if path.is_file() and path.name != "unused"
        }
        rows = [
            self.sql(database, tables.format(t)) for t in ("customer", "ir_attachment")
        ]
        return rows, files

    def backup(self, *arguments, check=True):
        command = (ROOT / "scripts/backup", "--database", NAME, "--to", self.backups)
        answer = self.run(*command, *arguments, check=check)
        return Path(answer.stdout.strip()) if check else answer

    def restore(self, *arguments, check=True, **variables):
        command = (ROOT / "scripts/restore", *arguments)
        return self.run(*command, check=check, **variables)

    def drop_all(self):
        for database in self.databases():
            self.run("dropdb", "--force", database)

    def leftovers(self):
        """Names that a finished or failed run must not leave."""
        folder = self.data / "filestore"
        names = self.databases() + [path.name for path in folder.iterdir()]
        return [name for name in names if "restoring" in name or "replaced" in name]


def test_restored_copy_is_the_same(place):
    folder = place.backup()
    assert sorted(path.name for path in folder.iterdir()) == [
        "SHA256SUMS",
        "database.dump",
        "filestore.tar",
        "manifest.txt",
    ]
    manifest = (folder / "manifest.txt").read_text()
    assert f"database: {NAME}\n" in manifest
    assert "odoo_version: 19.0.1.3\n" in manifest
    assert "files: 3\nfiles_missing: 0\n" in manifest
    copy = f"{NAME}_copy"
    answer = place.restore(folder, "--database", copy)
    assert answer.stdout.strip() == copy
    rows, files = place.contents(copy)
    assert len(files) == 3
    assert '(500,"客户 500")' in rows[0]
    assert (rows, files) == place.contents(NAME)
    # The copy lives on: its sequences continue, its constraints hold.
    assert (
        place.sql(copy, "INSERT INTO customer (name) VALUES ('x') RETURNING id")
        == "501"
    )
    twice = "INSERT INTO customer (name) VALUES ('x')"
    assert place.run("psql", "-Xq", "-d", copy, "-c", twice, check=False).returncode
    assert not (place.filestore(copy) / "unused").exists()
    assert place.leftovers() == []


def test_existing_database_is_kept_without_force(place):
    folder = place.backup()
    place.sql(NAME, "DELETE FROM customer")
    answer = place.restore(folder, check=False)
    assert answer.returncode == 1
    assert f"database {NAME} exists: --force replaces it" in answer.stderr
    assert place.sql(NAME, "SELECT count(*) FROM customer") == "0"


def test_force_replaces_database_and_files_while_in_use(place):
    before = place.contents(NAME)
    folder = place.backup()
    place.sql(NAME, "DELETE FROM customer")
    place.add_file(b"younger than the backup")
    user = subprocess.Popen(
        ["psql", "-Xq", "-d", NAME, "-c", "SELECT pg_sleep(60)"],
        env=place.environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
    )
    deadline = time.monotonic() + 10
    while place.sql("postgres", waiting) == "0" and time.monotonic() < deadline:
        time.sleep(0.05)
    place.restore(folder, "--force")
    assert user.wait(timeout=10) != 0, "the session was disconnected"
    assert place.contents(NAME) == before
    assert place.leftovers() == []


@pytest.mark.parametrize("name", ["database.dump", "filestore.tar", "manifest.txt"])
def test_damaged_backup_is_refused(place, name):
    before = place.contents(NAME)
    folder = place.backup()
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    answer = place.restore(folder, "--force", check=False)
    assert answer.returncode == 1
    assert "the backup is damaged, nothing was restored" in answer.stderr
    assert name in answer.stderr
    assert place.contents(NAME) == before
    assert place.databases() == [NAME]


def test_incomplete_backup_is_refused(place):
    folder = place.backup()
    (folder / "filestore.tar").rename(folder / "filestore.old")
    answer = place.restore(folder, "--force", check=False)
    assert answer.returncode == 1
    assert "filestore.tar is missing" in answer.stderr
    (folder / "filestore.old").rename(folder / "filestore.tar")
    # Sums that leave a file out prove nothing about it.
    sums = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    (folder / "SHA256SUMS").write_text("".join(sums[:2]))
    answer = place.restore(folder, "--force", check=False)
    assert answer.returncode == 1
    assert "the list of checksums" in answer.stderr
    partial = folder.rename(folder.with_name(folder.name + ".partial"))
    answer = place.restore(partial, "--force", check=False)
    assert answer.returncode == 1
    assert "was never finished" in answer.stderr


def sign(folder):
    """Give changed files valid checksums, as a backup that was bad from the start."""
    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("database.dump", "filestore.tar", "manifest.txt")
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_failure_half_way_changes_nothing(place):
    before = place.contents(NAME)
    folder = place.backup()
    dump = (folder / "database.dump").read_bytes()
    (folder / "database.dump").write_bytes(dump[: len(dump) * 2 // 3])
    sign(folder)
    answer = place.restore(folder, "--force", check=False)
    assert answer.returncode != 0
    assert "what was there before is unchanged" in answer.stderr
    assert place.contents(NAME) == before
    assert place.databases() == [NAME]
    assert place.leftovers() == []


def test_failure_of_the_files_changes_nothing(place):
    before = place.contents(NAME)
    folder = place.backup()
    with tarfile.open(folder / "filestore.tar", "w"):
        pass  # an archive without the files that the manifest counts
    sign(folder)
    answer = place.restore(folder, "--force", check=False)
    assert answer.returncode == 1
    assert "0 files came out of the archive, the manifest says 3" in answer.stderr
    assert place.contents(NAME) == before
    assert place.leftovers() == []


def test_failure_after_the_rename_gives_the_name_back(place, tmp_path):
    """The last step, moving the files, fails: both databases are renamed back."""
    before = place.contents(NAME)
    folder = place.backup()
    place.sql(NAME, "INSERT INTO customer (name) VALUES ('younger')")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mv").write_text(
        "#!/bin/sh\ncase $1 in *_restoring_*) exit 1 ;; esac\n"
        f'exec {shutil.which("mv")} "$@"\n'
    )
    (tools / "mv").chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    answer = place.restore(folder, "--force", check=False, PATH=path)
    assert answer.returncode == 1
    rows, files = place.contents(NAME)
    assert "younger" in rows[0]
    assert files == before[1]
    assert place.databases() == [NAME]
    assert place.leftovers() == []


def test_missing_file_is_told(place):
    named = place.sql(NAME, "SELECT store_fname FROM ir_attachment ORDER BY id LIMIT 1")
    (place.filestore() / named).unlink()
    answer = place.run(
        ROOT / "scripts/backup", "--database", NAME, "--to", place.backups
    )
    assert "1 files that the database names are not in" in answer.stderr
    manifest = (Path(answer.stdout.strip()) / "manifest.txt").read_text()
    assert "files: 2\nfiles_missing: 1\n" in manifest
    assert f"missing: {named}\n" in manifest


def test_failed_backup_keeps_nothing(place, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "pg_dump").write_text("#!/bin/sh\necho 'no space left' >&2\nexit 1\n")
    (tools / "pg_dump").chmod(0o755)
    answer = place.run(
        ROOT / "scripts/backup",
        "--database",
        NAME,
        "--to",
        place.backups,
        check=False,
        PATH=f"{tools}:{os.environ['PATH']}",
    )
    assert answer.returncode == 1
    assert "no space left" in answer.stderr
    assert "nothing was kept" in answer.stderr
    assert list(place.backups.iterdir()) == []
    waiting = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{NAME}'"
    deadline = time.monotonic() + 10
    while place.sql("postgres", waiting) != "0":
        assert time.monotonic() < deadline, "the snapshot's session is still open"
        time.sleep(0.05)


def test_old_backups_are_removed(place):
    old = place.backups / f"{NAME}-20200101T000000Z"
    other = place.backups / f"{NAME}2-20200101T000000Z"
    for folder in (old, other):
        folder.mkdir(parents=True)
    new = place.backup("--keep", "14")
    assert sorted(place.backups.iterdir()) == sorted([new, other])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--database", "nosuch_database"], "there is no database nosuch_database"),
        (["--database", 'a"; DROP'], "is no usable database name"),
        (["--keep", "soon"], "--keep takes a number of days"),
        (["--compress"], "unknown option --compress"),
        (["--to"], "--to needs a value"),
    ],
)
def test_backup_says_what_is_wrong(place, arguments, message):
    answer = place.backup(*arguments, check=False)
    assert answer.returncode == 1
    assert message in answer.stderr


def test_server_away_is_one_sentence(place):
    for script, arguments in (("backup", []), ("restore", [place.backup()])):
        answer = place.run(
            ROOT / "scripts" / script,
            *arguments,
            check=False,
            PGHOST="127.0.0.1",
            PGPORT="9",
        )
        assert answer.returncode == 1
        assert f"{script}: the database server 127.0.0.1 can't be used" in answer.stderr


def test_real_database_is_restored_harmless(place, settings):
    """The drill: a database of Odoo with our addons becomes a neutralized copy."""
    template = place.run(ROOT / "scripts/template").stdout.strip()
    source = f"{NAME}_odoo"
    place.run("createdb", "-T", template, source)
    place.sql(source, "UPDATE ir_cron SET active = true")
    shutil.copytree(
        Path(settings["DATA"]) / "filestore" / template, place.filestore(source)
    )
    answer = place.run(
        ROOT / "scripts/backup", "--database", source, "--to", place.backups
    )
    assert answer.stderr == ""
    copy = f"{NAME}_drill"
    place.restore(
        answer.stdout.strip(),
        "--database",
        copy,
        "--neutralize",
        ODOO_COMMAND=f"{settings['VENV']}/bin/python -m odoo",
    )
    harmless = (
        "SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'"
    )
    assert place.sql(copy, harmless).lower() == "true"
    assert place.sql(source, harmless) == ""
    active = "SELECT count(*) FROM ir_cron WHERE active"
    assert int(place.sql(copy, active)) < int(place.sql(source, active))
    counts = "SELECT count(*) FROM ir_model_data"
    assert place.sql(copy, counts) == place.sql(source, counts)
    named = set(
        place.sql(
            copy,
            "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname <> ''",
        ).split()
    )
    assert named
    assert {
        str(path.relative_to(place.filestore(copy)))
        for path in place.filestore(copy).rglob("*")
        if path.is_file()
    } == named


def maintain(place, script, *arguments, check=True, **variables):
    """Run one of the containers' scripts as its container would."""
    return place.run(
        ROOT / "docker" / script,
        *arguments,
        check=check,
        ODOO_DATABASE=NAME,
        BACKUP_FOLDER=str(place.backups),
        **variables,
    )


def test_health_of_the_backups(place):
    answer = maintain(place, "check", "backup", check=False)
    assert (answer.returncode, answer.stdout) == (
        1,
        "no backup of the last 1560 minutes\n",
    )
    folder = place.backup()
    maintain(place, "check", "backup")
    day_before_yesterday = time.time() - 48 * 3600
    os.utime(folder / "SHA256SUMS", (day_before_yesterday, day_before_yesterday))
    assert maintain(place, "check", "backup", check=False).returncode == 1
    # One that was never finished is none.
    shutil.copytree(folder, folder.with_name(f"{NAME}-20990101T000000Z.partial"))
    assert maintain(place, "check", "backup", check=False).returncode == 1


def test_health_of_the_jobs(place):
    place.sql(
        NAME,
        """
        CREATE TABLE ir_cron (cron_name text, active boolean, nextcall timestamp);
        INSERT INTO ir_cron VALUES
            ('soon', true, (now() AT TIME ZONE 'UTC') + interval '1 minute'),
            ('off', false, '2020-01-01');
        """,
    )
    maintain(place, "check", "cron")
    late = "(now() AT TIME ZONE 'UTC') - interval '31 minutes'"
    place.sql(NAME, f"INSERT INTO ir_cron VALUES ('stuck', true, {late})")
    answer = maintain(place, "check", "cron", check=False)
    assert (answer.returncode, answer.stdout) == (1, "waiting for too long: stuck\n")
    maintain(place, "check", "cron", "32")
    # A job that runs right now is busy, not waiting.
    lock = "BEGIN; SELECT 1 FROM ir_cron WHERE cron_name = 'stuck' FOR NO KEY UPDATE;"
    with subprocess.Popen(
        ["psql", "-XAtq", "-d", NAME],
        env=place.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as job:
        job.stdin.write(lock + "\n")
        job.stdin.flush()
        assert job.stdout.readline() == "1\n"
        maintain(place, "check", "cron")
        job.stdin.close()
    assert maintain(place, "check", "cron", check=False).returncode == 1


def test_nightly_backs_up_at_once_then_at_the_hour(place):
    """The first at its start, the next at the time given; it stops when told."""
    in_three_seconds = time.strftime("%H:%M:%S", time.localtime(time.time() + 3))
    with subprocess.Popen(
        [ROOT / "docker/nightly"],
        env={
            **place.environment,
            "ODOO_DATABASE": NAME,
            "BACKUP_FOLDER": str(place.backups),
            "BACKUP_TIME": in_three_seconds,
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as nightly:
        try:
            made = [Path(nightly.stdout.readline().strip()) for _ in range(2)]
        finally:
            nightly.terminate()
        assert nightly.wait(timeout=5) == 0
    assert made[0] != made[1]
    assert sorted(place.backups.iterdir()) == made


def test_nightly_tells_a_wrong_time(place):
    answer = maintain(place, "nightly", check=False, BACKUP_TIME="half past two")
    assert answer.returncode == 1
    assert "BACKUP_TIME is no time of day: half past two" in answer.stderr


def test_setup_leaves_an_existing_database_alone(place):
    answer = maintain(
        place,
        "setup",
        check=False,
        ODOO_MODULES="base",
        ADMIN_PASSWORD="secret",
        ODOO_COMMAND="false",
    )
    assert answer.returncode == 1
    assert f"database {NAME} exists already" in answer.stderr
    assert place.sql(NAME, "SELECT count(*) FROM customer") == "500"


def test_failed_setup_leaves_no_database(place):
    place.sql("postgres", f'ALTER DATABASE "{NAME}" RENAME TO "{NAME}_x"')
    answer = maintain(
        place,
        "setup",
        check=False,
        ODOO_MODULES="base",
        ADMIN_PASSWORD="secret",
        ODOO_COMMAND="false",
    )
    assert answer.returncode == 1
    assert place.databases() == [f"{NAME}_x"]


def test_failed_upgrade_names_the_way_back(place):
    answer = maintain(
        place, "upgrade", check=False, ODOO_MODULES="base", ODOO_COMMAND="false"
    )
    assert answer.returncode == 1
    (folder,) = place.backups.iterdir()
    assert f"scripts/restore {folder} --force" in answer.stderr
    # There is one backup a second.
    time.sleep(1.1)
    maintain(place, "upgrade", ODOO_MODULES="base", ODOO_COMMAND="true")


def test_upgrade_also_installs_addons_that_are_new(place):
    answer = maintain(
        place, "upgrade", ODOO_MODULES="base,new_addon", ODOO_COMMAND="echo"
    )
    words = answer.stdout.split()
    for option in ("-i", "-u"):
        assert words[words.index(option) + 1] == "base,new_addon"
