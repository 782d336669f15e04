"""scripts/lint from a fresh clone: what it says when it can't do its work."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
FILES = ["scripts/lint", "requirements/lint.txt", ".pre-commit-config.yaml"]


@pytest.fixture
def clone(tmp_path):
    """A checkout with what lint needs, and nothing fetched yet."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def run(clone, *arguments, **variables):
    return subprocess.run(
        [str(clone / "scripts/lint"), *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_unreachable_registry_is_one_clear_sentence(clone):
    # Port 9 of this machine: nobody listens, the refusal is immediate.
    nowhere = "http://127.0.0.1:9/simple"
    answer = run(
        clone,
        "--setup",
        PIP_INDEX_URL=nowhere,
        PIP_CONFIG_FILE="/dev/null",
        PIP_NO_CACHE_DIR="1",
    )
    assert answer.returncode == 2
    assert "the Python package registry can't be reached" in answer.stderr
    assert not (clone / ".local/lint/ready").exists()
    again = run(clone, "--setup", PIP_INDEX_URL=nowhere, PIP_CONFIG_FILE="/dev/null")
    assert again.returncode == 2, "a failed set-up must not count as done"


def test_not_a_checkout(clone):
    shutil.rmtree(clone / ".git")
    answer = run(clone, GIT_CEILING_DIRECTORIES=str(clone.parent))
    assert answer.returncode == 2
    assert "is no git checkout" in answer.stderr


def test_only_local_hooks_and_exact_versions():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system", "node"}
    packages = [
        package for hook in hooks for package in hook.get("additional_dependencies", [])
    ]
    assert packages
    for package in packages:
        assert package.rpartition("@")[2].replace(".", "").isdigit(), package
    for line in (ROOT / "requirements/lint.txt").read_text().splitlines():
        assert not line or line.startswith("#") or line.count("==") == 1, line
