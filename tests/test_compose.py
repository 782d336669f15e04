"""docker-compose.yml: valid by the specification, and everything it names exists.

There need not be a container engine: the specification's own JSON schema (the copy that
check-jsonschema ships) says what a compose file may hold.
"""

import importlib.resources
import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
IMAGE_FOLDER = "/opt/power-service/"
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:?[-?])([^}]*))?\}")


def validate(compose):
    name = "builtin_schemas/vendor/compose-spec.json"
    file = importlib.resources.files("check_jsonschema").joinpath(name)
    schema = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(compose)


@pytest.fixture(scope="module")
def source():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return "\n".join(line.split(" #")[0] for line in text.splitlines())


@pytest.fixture(scope="module")
def compose(source):
    return yaml.safe_load(source)


@pytest.fixture(scope="module")
def example():
    """.env.example as {name: value}; a line that is none of the kind is an error."""
    values = {}
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _equals, value = line.partition("=")
            assert re.fullmatch(r"[A-Z_]+", name) and name not in values, line
            values[name] = value
    return values


def get_mounts(service):
    """(source, target) of the short-form mounts."""
    return [tuple(mount.split(":")[:2]) for mount in service.get("volumes", [])]


def test_valid_by_the_specification(compose):
    validate(compose)


@pytest.mark.parametrize(
    "change",
    [
        lambda compose: compose["services"]["web"].update(comand=["odoo"]),
        lambda compose: compose["services"]["db"].update(ports={"5432": "5432"}),
        lambda compose: compose["services"]["web"]["healthcheck"].update(retries=[3]),
        lambda compose: compose["volumes"].update(data="here"),
    ],
)
def test_the_schema_would_object(compose, change):
    broken = json.loads(json.dumps(compose))
    change(broken)
    with pytest.raises(jsonschema.ValidationError):
        validate(broken)


def test_services_are_the_ones_promised(compose):
    services = compose["services"]
    assert set(services) == {
        *("db", "web", "cron", "backup", "proxy"),
        *("setup", "upgrade"),
    }
    assert services["db"]["image"].startswith("postgres:16")
    dockerfile = (ROOT / "docker/Dockerfile").read_text()
    assert re.search(r"^FROM odoo:19\.0$", dockerfile, re.M)
    always = {name for name in services if "profiles" not in services[name]}
    assert always == {"db", "web", "cron", "backup", "proxy"}
    for name in always:
        assert services[name]["healthcheck"]["test"][0] == "CMD", name
        assert services[name]["restart"] == "unless-stopped", name
    # Only the proxy is reached from outside.
    assert [name for name in services if "ports" in services[name]] == ["proxy"]
    assert "--max-cron-threads=0" in services["web"]["command"]
    assert "--no-http" in services["cron"]["command"]


def test_mounted_paths_and_volumes_exist(compose):
    used = set()
    for name, service in compose["services"].items():
        for origin, target in get_mounts(service):
            assert target.startswith("/"), (name, target)
            if origin.startswith("."):
                assert (ROOT / origin).is_file(), (name, origin)
            else:
                used.add(origin)
        for depends in service.get("depends_on", {}):
            assert depends in compose["services"], (name, depends)
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).is_file()
    assert used == set(compose["volumes"]), "a volume is undeclared or unused"


def test_every_variable_is_in_the_example_and_the_other_way_round(source, example):
    used = {match[1]: match for match in VARIABLE.finditer(source)}
    assert set(used) == set(example)
    defaults = {}
    for match in VARIABLE.finditer(source):
        if match[2] == ":-":
            defaults.setdefault(match[1], set()).add(match[3])
    for name, values in defaults.items():
        assert values == {example[name]}, f"{name}: two defaults that differ"
    # What has no default is refused by compose when it is missing.
    assert {n for n in used if n not in defaults} == {"POSTGRES_PASSWORD"}
    assert example["POSTGRES_PASSWORD"] == example["ADMIN_PASSWORD"] == ""
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/.env" in ignored


def test_the_image_holds_what_the_services_call(compose):
    """Each copied path exists, is let through, and each called script was copied."""
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = set()
    for line in (ROOT / "docker/Dockerfile").read_text().splitlines():
        if line.startswith("COPY "):
            *origins, target = shlex.split(line)[1:]
            for origin in origins:
                assert (ROOT / origin).exists(), origin
                assert origin.split("/")[0] in allowed, origin
                inside = target + Path(origin).name if target.endswith("/") else target
                copied.add(inside)
    called = set()
    for service in compose["services"].values():
        words = [*service.get("command", ())]
        words += service.get("healthcheck", {}).get("test", [])
        called |= {word for word in words if word.startswith(IMAGE_FOLDER)}
    names = ("check", "nightly", "setup", "upgrade")
    assert called == {IMAGE_FOLDER + "docker/" + name for name in names}
    assert called <= copied
    for path in copied - {IMAGE_FOLDER + "addons"}:
        origin = ROOT / path.removeprefix(IMAGE_FOLDER)
        assert origin.is_file(), path
        if "docker/" in path or origin.name in ("backup", "restore"):
            assert origin.stat().st_mode & 0o111, f"{path} is not executable"


def test_proxy_sends_live_messages_to_their_port(compose):
    caddy = (ROOT / "docker/Caddyfile").read_text()
    config = (ROOT / "config/production.conf").read_text()
    http = re.search(r"^http_port = (\d+)$", config, re.M)[1]
    live = re.search(r"^gevent_port = (\d+)$", config, re.M)[1]
    assert re.search(r"@live path /websocket /websocket/\*", caddy)
    assert f"reverse_proxy @live {{$ODOO_LIVE:web:{live}}}" in caddy
    assert f"reverse_proxy {{$ODOO_WEB:web:{http}}} {{" in caddy
    assert "respond @management 404" in caddy
    health = " ".join(compose["services"]["web"]["healthcheck"]["test"])
    assert f"localhost:{http}/web/health" in health
    given = set(compose["services"]["proxy"]["environment"])
    read = set(re.findall(r"\{\$(\w+)", caddy)) - {"ODOO_LIVE", "ODOO_WEB"}
    assert given == read


def test_extra_packages_are_the_tested_versions():
    def read(name):
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line for line in lines if line and not line.startswith("#")}

    extra = read("odoo-addons.txt")
    assert extra
    assert extra <= read("odoo.txt")
