"""config/*.conf hold only options that Odoo 19 has, with the values that we mean."""

import configparser
import logging
from pathlib import Path

import pytest

from odoo.tools.config import configmanager

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "config").glob("*.conf"))


@pytest.fixture
def parse(monkeypatch, tmp_path):
    """Read a file as the server does at its start; return (options, warnings)."""
    log = []

    def collect(level, message, *arguments, **_options):
        if level >= logging.WARNING:
            log.append(message % arguments)

    monkeypatch.setattr(configmanager, "_log", staticmethod(collect))
    monkeypatch.setattr(configmanager, "_warn", staticmethod(log.append))
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "ODOO_RC", "ODOO_DEV"):
        monkeypatch.delenv(name, raising=False)

    def run(path):
        # Folders of the container need not be on this machine.
        text = path.read_text(encoding="utf-8")
        text = text.replace("/var/lib/odoo", str(tmp_path))
        text = text.replace("/opt/power-service/addons", str(ROOT / "addons"))
        copy = tmp_path / path.name
        copy.write_text(text, encoding="utf-8")
        log.clear()
        manager = configmanager()
        manager._parse_config(["-c", str(copy)])
        manager._warn_deprecated_options()
        return manager, log

    return run


def test_the_three_exist():
    assert [path.stem for path in FILES] == ["development", "production", "test"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_options_are_known_and_give_no_warning(parse, path):
    config, log = parse(path)
    assert log == []
    file = configparser.RawConfigParser()
    file.read(path)
    names = set(file["options"])
    assert names <= {*config.options_index, "without_demo"}, "unknown to Odoo 19"
    assert {"http_interface", "list_db"} <= names
    assert config["list_db"] is False
    assert not config["with_demo"]
    assert not config.verify_admin_password("False")
    assert not config.verify_admin_password("admin")


def test_a_wrong_value_would_be_told(parse, tmp_path):
    """The check above can fail: False looks right here, and leaves the default."""
    path = tmp_path / "broken.conf"
    path.write_text("[options]\nadmin_passwd = False\n")
    config, log = parse(path)
    assert any("admin_passwd reads 'False'" in message for message in log)
    assert any("missing --http-interface" in message for message in log)
    assert config.verify_admin_password("admin")


def test_production(parse):
    config, _log = parse(ROOT / "config/production.conf")
    assert config["proxy_mode"] is True
    assert (config["http_port"], config["gevent_port"]) == (8069, 8072)
    assert config["limit_memory_soft"] < config["limit_memory_hard"]
    assert config["limit_time_cpu"] <= config["limit_time_real"]
    assert config["limit_time_real"] <= config["limit_time_real_cron"]
    # 4 workers, 2 job processes, one gevent and the masters, within max_connections.
    assert 10 * config["db_maxconn"] <= 200


@pytest.mark.parametrize("name", ["development", "test"])
def test_others_listen_on_this_machine_only(parse, name):
    config, _log = parse(ROOT / f"config/{name}.conf")
    assert config["http_interface"] == "127.0.0.1"
