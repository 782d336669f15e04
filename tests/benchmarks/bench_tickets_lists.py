"""List, kanban, board and analysis of 1,000,000 tickets beside core's tasks."""

from pathlib import Path

from other_database import database, run_there

TITLE = "A million tickets beside a million tasks"


def run(env):
    """Yield rows: ours and theirs in ms, and the ratio."""
    with database("lists", "project") as options:
        found = run_there(Path(__file__).with_name("tickets_and_tasks.py"), options)
    for name, ours, other in found:
        yield name, ours * 1000, "ms", "ours"
        yield name, other * 1000, "ms", "core, or plain SQL"
        yield name, ours / other, "x", "ratio"
