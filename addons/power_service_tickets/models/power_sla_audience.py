from odoo.tools import SQL

# Who is told instead where there is nobody.
ABOVE = {
    "assignee": "team_leader",
    "first_contact": "team_leader",
    "user": "team_leader",
    "team_leader": "station_chief",
    "station_chief": "quality",
    "quality": "manager",
}
GROUPS = {
    "quality": "power_service_base.group_power_quality",
    "manager": "power_service_base.group_power_manager",
}


class Audience:
    """Who is meant by a step of the ladder, for a batch of tickets.

    A constant number of queries, asked when first needed. A confidential ticket is told
    to quality staff only, and never to those it is about.

    :param places: dict of ticket id to (station id, team id, user id) that counts
        instead of where the ticket is now, None for none
    """

    def __init__(self, env, ticket_ids=(), places=None):
        self.env = env
        self._groups = {}
        self.tickets = {row["id"]: row for row in self._read_tickets(ticket_ids)}
        for ticket_id, place in (places or {}).items():
            names = ("station_id", "team_id", "user_id")
            self.tickets[ticket_id].update(zip(names, place, strict=True))
        self._heads = self._read_heads()
        named = {
            row[name]
            for row in self.tickets.values()
            for name in ("user_id", "first_contact_user_id")
        }
        self._active = {}
        self._read_active(named | set(self._heads.values()))

    def _read_tickets(self, ticket_ids):
        if not ticket_ids:
            return []
        return self.env.execute_query_dict(
            SQL(
                "SELECT ticket.id, ticket.name, ticket.subject, ticket.company_id,"
                " ticket.station_id, ticket.team_id, ticket.user_id,"
                " ticket.first_contact_user_id, ticket.is_confidential,"
                " ARRAY(SELECT employee.user_id FROM power_ticket_accused_rel AS rel"
                " JOIN hr_employee AS employee ON employee.id = rel.employee_id"
                " WHERE rel.ticket_id = ticket.id) AS accused"
                " FROM power_ticket AS ticket WHERE ticket.id = ANY(%s)",
                list(ticket_ids),
            )
        )

    def _read_heads(self):
        """Dict of station or team to its head's user."""
        stations = {row["station_id"] for row in self.tickets.values()} - {None}
        teams = {row["team_id"] for row in self.tickets.values()} - {None}
        if not stations | teams:
            return {}
        heads = dict(
            self.env.execute_query(
                SQL(
                    "SELECT department.id, employee.user_id"
                    " FROM hr_department AS department JOIN hr_employee AS employee"
                    " ON employee.id = department.manager_id"
                    " WHERE department.id = ANY(%s) AND employee.user_id IS NOT NULL",
                    list(stations | teams),
                )
            )
        )
        chiefs = self.env["power.responsibility"]._get_responsible(
            "hr.department", sorted(stations), "station_chief", fallback=False
        )
        for station_id, employee in chiefs.items():
            if employee.user_id:
                heads[station_id] = employee.user_id.id
        return heads

    def _read_active(self, user_ids):
        """Find out which of the users are active employees, and of which companies."""
        user_ids = [
            user_id for user_id in user_ids if user_id and user_id not in self._active
        ]
        if not user_ids:
            return
        self._active.update(dict.fromkeys(user_ids, frozenset()))
        for user_id, company_ids in self.env.execute_query(
            SQL(
                "SELECT users.id, array_agg(rel.cid) FROM res_users AS users"
                " JOIN res_company_users_rel AS rel ON rel.user_id = users.id"
                " WHERE users.id = ANY(%s) AND users.active"
                " AND NOT COALESCE(users.share, FALSE) GROUP BY users.id",
                user_ids,
            )
        ):
            self._active[user_id] = frozenset(company_ids)

    def get_group(self, name, company_id):
        """Ids of the active users of a company who are quality staff or managers.

        Managers are quality staff too; they count as such where there are no others.
        """
        key = name, company_id
        if key not in self._groups:
            users = self._get_members(name, company_id)
            if name == "quality":
                users = users - self._get_members("manager", company_id) or users
            self._groups[key] = frozenset(users)
        return self._groups[key]

    def _get_members(self, name, company_id):
        members = self.env.ref(GROUPS[name]).all_user_ids.filtered("active")
        root = self.env.ref("base.user_root")
        return {
            user.id for user in members - root if company_id in user.company_ids.ids
        }

    def find(self, ticket_id, rung):
        """Who is told by a step, or who is above where there is nobody.

        :param rung: a :class:`~..core.sla_policies.Rung`
        :return: (whose turn it was, set of user ids)
        """
        ticket = self.tickets[ticket_id]
        whom = rung.whom
        while whom:
            users = self._get_users(ticket, whom, rung)
            if ticket["is_confidential"]:
                users = self._keep_confidential(ticket, whom, users)
            if users:
                return whom, users
            whom = ABOVE.get(whom)
        admin = self.env.ref("base.user_admin")
        if admin.active and not ticket["is_confidential"]:
            return "manager", {admin.id}
        return "manager", set()

    def _get_users(self, ticket, whom, rung):
        if whom in GROUPS:
            return self.get_group(whom, ticket["company_id"])
        if whom == "user":
            self._read_active([rung.user_id])
        user_id = {
            "user": rung.user_id,
            "assignee": ticket["user_id"],
            "first_contact": ticket["first_contact_user_id"],
            "team_leader": self._heads.get(ticket["team_id"]),
            "station_chief": self._heads.get(ticket["station_id"]),
        }[whom]
        # Nobody of another company is told of the ticket.
        is_there = ticket["company_id"] in self._active.get(user_id, ())
        return {user_id} if is_there else set()

    def _keep_confidential(self, ticket, whom, users):
        if whom in ("team_leader", "station_chief"):
            return set()
        company_id = ticket["company_id"]
        allowed = self._get_members("quality", company_id)
        return (set(users) & allowed) - set(ticket["accused"])
