"""What OCA's helpdesk does with tickets that have two promises each."""

from timing import make_timed

COUNT = 1000


def measure(env):
    """Seconds to create tickets, to move them to another stage, and queries of both."""
    stages = env["helpdesk.ticket.stage"].search([], order="sequence")
    team = env["helpdesk.ticket.team"].create({"name": "Bench", "use_sla": True})
    partner = env["res.partner"].create({"name": "Bench"})
    env["helpdesk.sla"].create(
        [
            {
                "name": f"Within {hours} hours",
                "hours": hours,
                "team_ids": [(6, 0, team.ids)],
                "stage_id": stages[-1].id,
            }
            for hours in (8, 48)
        ]
    )
    env.flush_all()
    found = {}
    timed = make_timed(env, found)

    def create(count):
        return env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Bench {number}",
                    "description": "No light",
                    "team_id": team.id,
                    "partner_id": partner.id,
                }
                for number in range(count)
            ]
        )

    create(5)
    tickets = timed("create", lambda: create(COUNT))
    found["clocks"] = len(tickets.ticket_sla_ids)
    timed("stage", lambda: tickets.write({"stage_id": stages[1].id}))
    return found
