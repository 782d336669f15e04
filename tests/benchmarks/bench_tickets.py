"""Creating tickets with two clocks, and moving them on, beside OCA's helpdesk.

OCA's modules come from PyPI into ``.local`` (``odoo-addon-helpdesk-mgmt`` and
``-helpdesk-mgmt-sla``) and are measured in a database of their own, in the same run.
"""

import subprocess
import sys
from pathlib import Path

from other_database import ROOT, database, run_there
from timing import make_timed

TITLE = "Tickets beside OCA's helpdesk"
COUNT = 1000
OCA = ROOT / ".local" / "bench-oca"
PACKAGES = ("odoo-addon-helpdesk-mgmt==19.0.*", "odoo-addon-helpdesk-mgmt-sla==19.0.*")


def run(env):
    """Yield rows: tickets per second of both, and the ratios."""
    ours = [measure(env) for _round in range(2)]
    ours = {name: min(found[name] for found in ours) for name in ours[0]}
    yield "clocks per ticket", ours["clocks"] / COUNT, "", "two wanted"
    fetch()
    addons = [OCA / "odoo" / "addons"]
    with database("oca", "helpdesk_mgmt_sla", addons, core=True) as options:
        oca = run_there(Path(__file__).with_name("oca_helpdesk.py"), options)
    for name, title in (("create", "created"), ("stage", "moved to another stage")):
        yield f"{title}, ours", COUNT / ours[name], "tickets/s", ""
        yield f"{title}, OCA", COUNT / oca[name], "tickets/s", ""
        yield f"{title}, ratio", oca[name] / ours[name], "x", "want 4"
        yield f"{title}, queries of ours", ours[f"{name}_queries"], "", ""
        yield f"{title}, queries of OCA", oca[f"{name}_queries"], "", ""


def fetch():
    """Get OCA's modules once."""
    if not (OCA / "odoo" / "addons" / "helpdesk_mgmt_sla").exists():
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-q",
                "--no-deps",
                "--target",
                str(OCA),
                *PACKAGES,
            ],
            check=True,
        )


def measure(env):
    """Seconds to create complaints (first contact and answer), and to move them on."""
    complaint = env.ref("power_service_tickets.power_ticket_type_complaint")
    partner = env["res.partner"].create({"name": "Bench"})
    found = {}
    timed = make_timed(env, found)

    def create(count):
        return env["power.ticket"].create(
            [
                {
                    "subject": f"Bench {number}",
                    "description": "No light",
                    "type_id": complaint.id,
                    "partner_id": partner.id,
                }
                for number in range(count)
            ]
        )

    create(5)
    tickets = timed("create", lambda: create(COUNT))
    found["clocks"] = len(tickets.clock_ids)
    stage = env.ref("power_service_tickets.power_ticket_stage_in_progress")
    timed("stage", lambda: tickets.write({"stage_id": stage.id}))
    assert set(tickets.mapped("stage_id").ids) == {stage.id}
    return found
