"""How long the files of a ticket are kept, and what stays for good."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.power_service_base.tests.common import PHOTO

from .common import QualityCommon
from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestRetention(ActionCommon, QualityCommon):
    def _create_old(self, years, code="complaint", is_open=False, **vals):
        """A ticket with proof that has ended, nothing entered for so many years."""
        moment = fields.Datetime.now() - timedelta(days=years * 366)
        with freeze_time(moment):
            ticket = self._create_ticket(code, **vals)
            file = self.env["ir.attachment"].create({"name": "a.png", "raw": PHOTO})
            ticket.register_event(
                "milestone", milestone="contacted", note="Seen", proof_ids=file.ids
            )
            if not is_open:
                reason = self.env["power.ticket.reason"].search(
                    [("kind", "=", "cancelled")], limit=1
                )
                ticket.cancel("Entered by mistake", reason.id)
        self.env.flush_all()
        self.assertEqual(ticket.is_open, is_open)
        self.assertTrue(self._get_files(ticket))
        return ticket

    def _get_files(self, ticket):
        return ticket.event_ids.proof_ids

    def _forget(self):
        self.env.flush_all()
        self._run_cron("ir_cron_forget_files")

    def _is_kept(self, ticket):
        files = self._get_files(ticket)
        self._forget()
        return bool(files) and files.exists() == files and not ticket.files_deleted_at

    def test_files_go_when_the_years_of_the_grade_are_over(self):
        for grade, years, kept in (
            (False, 2, True),
            ("general", 2, True),
            ("general", 3, False),
            ("important", 3, False),
            ("major", 4, True),
            ("major", 5, False),
            ("special", 4, True),
            ("special", 5, False),
        ):
            with self.subTest(grade=grade, years=years):
                ticket = self._create_old(years, complaint_grade=grade)
                self.assertEqual(self._is_kept(ticket), kept)

    def test_the_record_and_its_figures_stay(self):
        ticket = self._create_old(4)
        loose = self.env["ir.attachment"].create(
            {"name": "b.png", "raw": PHOTO, "res_model": "power.ticket"}
            | {"res_id": ticket.id}
        )
        files = self._get_files(ticket) | loose
        proved = ticket.event_ids.filtered("proof_ids")
        self.env.invalidate_all()
        names = ["kind", "at", "recorded_at", "note"]
        events = ticket.event_ids.sorted("id").read(names)
        clocks = ticket.clock_ids.read(["state", "deadline", "reached_at", "missed_at"])
        self._forget()
        self.assertFalse(files.exists())
        self.assertTrue(ticket.files_deleted_at)
        self.assertEqual(ticket.event_ids.sorted("id").read(names), events)
        self.assertEqual(ticket.event_ids.filtered("had_proof"), proved)
        ticket._refresh_clocks()
        self.assertEqual(
            ticket.clock_ids.read(["state", "deadline", "reached_at", "missed_at"]),
            clocks,
        )
        deleted_at = ticket.files_deleted_at
        self._forget()  # again: nothing left to do
        self.assertEqual(ticket.files_deleted_at, deleted_at)

    def test_what_was_proved_counts_as_proved_afterwards(self):
        ticket = self._create_old(4)

        def get_proved():
            events = ticket._get_clock_events()[ticket.id]
            return {event.sequence: event.has_proof for event in events}

        before = get_proved()
        self.assertIn(True, before.values())
        ticket._forget_files()
        self.assertEqual(get_proved(), before)

    def test_nothing_goes_while_something_goes_on(self):
        def dispute(ticket):
            ticket.is_disputed = True

        def claim(ticket):
            self.env["power.claim"].create(
                {
                    "name": "Fridge",
                    "ticket_id": ticket.id,
                    "happened_at": "2020-01-01 00:00",
                    "line_ids": [Command.create({"name": "x", "amount_claimed": 1})],
                }
            )

        def rectification(ticket):
            self._create_rectification(res_model=ticket._name, res_id=ticket.id)

        def repeated(ticket):
            self._create_ticket("complaint")._project_write({"repeat_of_id": ticket.id})

        def merged(ticket):
            ticket._project_write(
                {"merged_into_id": self._create_ticket("complaint").id}
            )

        def other_way(ticket):
            self._create_ticket("complaint")._project_write(
                {"merged_into_id": ticket.id}
            )

        def entered_lately(ticket):
            vals = {"note": "The court asked"}
            ticket._enter_event("noted", None, vals, allow_closed=True)

        ends = (
            *(dispute, claim, rectification, repeated, merged, other_way),
            entered_lately,
        )
        for keep in ends:
            ticket = self._create_old(6)
            keep(ticket)
            with self.subTest(why=keep.__name__):
                self.assertTrue(self._is_kept(ticket))
        self.assertTrue(self._is_kept(self._create_old(6, is_open=True)))

    def test_nothing_goes_where_it_is_kept_for_ever(self):
        ticket = self._create_old(9)
        limits = self.env["power.limit"].search([])
        limits.write({"evidence_years": 0, "evidence_years_grave": 0})
        self.assertTrue(self._is_kept(ticket))
        limits.write({"evidence_years": 10})
        self.assertTrue(self._is_kept(ticket))
        limits.write({"evidence_years": 8})
        self.assertFalse(self._is_kept(ticket))

    def test_one_batch_after_the_other(self):
        tickets = self.env["power.ticket"].union(
            *(self._create_old(4) for _number in range(3))
        )
        domain = tickets._get_outlived_domain() & fields.Domain("id", "in", tickets.ids)
        self.assertEqual(tickets.search_count(domain), 3)
        tickets[:2]._forget_files()
        self.assertEqual(tickets.search(domain), tickets[2:])

    def test_one_costs_as_many_queries_as_fifty(self):
        """The job's whole batch: find, delete, mark, count what is left."""
        job = self.env["power.ticket"]

        def forget():
            domain = job._get_outlived_domain()
            old = job.search(domain, limit=200, order="id").try_lock_for_update()
            old._forget_files()
            self.assertFalse(job.search_count(domain))
            self.env.flush_all()
            return len(old)

        self._create_old(4)
        forget()  # what is asked once and kept
        counts = {}
        for number in (1, 50):
            tickets = job.union(*(self._create_old(4) for _one in range(number)))
            self.assertEqual(len(self._get_files(tickets)), number)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(forget(), number)
            counts[number] = self.cr.sql_log_count - before
        self.assertEqual(counts[1], counts[50])

    def test_nobody_else_deletes_proof_however_old(self):
        ticket = self._create_old(9)
        files = self._get_files(ticket)
        for records in (files, files.sudo(), files.with_user(self.users["manager"])):
            for claimed in (True, 1, "RETENTION"):
                with self.assertRaises(UserError):
                    records.with_context(power_retention=claimed).unlink()
        with self.assertRaises(UserError):
            ticket.event_ids.sudo().unlink()
        for name in ("manager", "staff"):
            with self.assertRaises(UserError):
                ticket.with_user(self.users[name]).write(
                    {"files_deleted_at": fields.Datetime.now()}
                )

    def test_a_supervisor_says_that_the_dispute_is_over(self):
        ticket = self._create_ticket("complaint")
        ticket.with_user(self.users["staff"]).is_disputed = True
        with self.assertRaises(AccessError):
            ticket.with_user(self.users["staff"]).is_disputed = False
        ticket.with_user(self.users["supervisor"]).is_disputed = False
        self.assertFalse(ticket.is_disputed)
