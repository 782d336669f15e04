from base64 import b64decode
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime
from odoo.tools.mimetypes import guess_mimetype

from ..core import field_task, given
from .power_proof_mixin import is_photo_or_pdf

# Of a note, and of the key under which a phone sends something.
MAX_TEXT = 20_000
MAX_REF = 500


class PowerFieldTask(models.Model):
    """How work is entered: each method makes an event, the events make the state."""

    _inherit = "power.field.task"

    def action_start(
        self, at=None, latitude=None, longitude=None, accuracy=None, client_ref=None
    ):
        """Say that the crew is on its way.

        :param at: when, a UTC datetime or its text; now when not given
        :param latitude: degrees, with ``longitude``; None when not known
        :param accuracy: radius of the position in metres
        :param client_ref: the phone's own key of the tap: a repeated call with the same
            key does nothing. A call with a key is an entry by phone, whose clock may be
            off by the minutes set in the settings
        :return: True
        :raise AccessError: the task is somebody else's
        :raise UserError: the time lies in the future, before the task, or too far back;
            or the task was done or cancelled by then
        """
        position = self._prepare_position_vals(latitude, longitude, accuracy)
        return self._enter_event("started", at, client_ref, position)

    def action_arrive(
        self, at=None, latitude=None, longitude=None, accuracy=None, client_ref=None
    ):
        """Say that the crew is on site. Parameters as for :meth:`action_start`."""
        position = self._prepare_position_vals(latitude, longitude, accuracy)
        return self._enter_event("arrived", at, client_ref, position)

    def action_done(
        self,
        outcome="done",
        note=None,
        charge=None,
        at=None,
        latitude=None,
        longitude=None,
        accuracy=None,
        client_ref=None,
    ):
        """Say that the work is over, and what came of it.

        :param outcome: a value of the field ``outcome``
        :param note: what was found and done
        :param charge: what the customer pays, in the company's currency

        The rest as for :meth:`action_start`.
        """
        self._check_text(outcome)
        if outcome not in dict(self._fields["outcome"].selection):
            raise UserError(
                self.env._(
                    "Unknown outcome '%(outcome)s'.", outcome=given.shorten(outcome)
                )
            )
        self._check_text(note)
        self._check_number(charge)
        if charge and not 0 < charge < 1e9:
            raise UserError(self.env._("The charge can't be negative."))
        vals = self._prepare_position_vals(latitude, longitude, accuracy)
        vals |= {"outcome": outcome, "note": note, "charge": charge or 0.0}
        return self._enter_event("done", at, client_ref, vals)

    def action_add_note(self, note, at=None, client_ref=None):
        """Add a remark to the task's history. Other parameters as for
        :meth:`action_start`.
        """
        self._check_text(note)
        if not (note or "").strip():
            raise UserError(self.env._("The note is empty."))
        return self._enter_event("note", at, client_ref, {"note": note})

    def action_add_proof(self, name, data_base64, at=None, client_ref=None):
        """Add a photo or PDF as proof.

        :param name: the file's name
        :param data_base64: its content
        :return: True

        Other parameters and errors as for :meth:`action_start`.
        """
        self.ensure_one()
        self._check_text(name)
        if not isinstance(data_base64 or "", str | bytes):
            raise UserError(self.env._("The file came damaged: send it again."))
        try:
            data = b64decode(data_base64 or "", validate=True)
        except ValueError as error:
            raise UserError(self.env._("The file came damaged: send it again.")) from (
                error
            )
        if not is_photo_or_pdf(data):
            raise UserError(self.env._("A proof is a photo or a PDF file."))
        megabytes = self.env["power.limit"]._get("proof_megabytes", self.company_id)
        if len(data) > megabytes * 1024 * 1024:
            raise UserError(
                self.env._("A proof may have %(size)g MB at most.", size=megabytes)
            )
        mimetype = guess_mimetype(data)
        return self._enter_event(
            "photo", at, client_ref, {}, proof=(name or "proof", data, mimetype)
        )

    def action_take(self):
        """Take a task that nobody has yet; a repeated call does nothing.

        :return: True
        :raise AccessError: the task can't be seen: another station's, or somebody else
            was quicker
        :raise UserError: somebody else has it, or there is nothing left to do
        """
        self._lock()
        self.invalidate_recordset(["user_id", "state"])
        if not self.has_access("read"):
            raise AccessError(
                self.env._(
                    "The task can't be taken any more: somebody else took it, or it "
                    "went to another station."
                )
            )
        for task in self:
            if task.user_id == self.env.user:
                continue
            if task.user_id:
                raise UserError(
                    self.env._(
                        "“%(task)s” was already taken by %(user)s.",
                        task=task.display_name,
                        user=task.sudo().user_id.name,  # a colleague's name
                    )
                )
            if task.state not in field_task.OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(task)s: there is nothing left to do.", task=task.display_name
                    )
                )
        # Who may see an unassigned task may take it (see the record rules).
        self.filtered(lambda task: not task.user_id).sudo().user_id = self.env.uid
        return True

    def action_cancel(self, reason):
        """Call the task off.

        :param reason: why; needed
        :raise AccessError: not for field staff, who say that it was not possible
        """
        self.check_access("write")
        return self._enter_event("cancelled", None, None, {"note": self._need(reason)})

    def action_reopen(self, reason):
        """Start the work again on a task that is done or cancelled.

        :param reason: why; needed
        :raise AccessError: not a supervisor of the task's station
        """
        self.check_access("write")
        if not (
            self.env.su
            or self.env.user.has_group("power_service_base.group_power_supervisor")
        ):
            raise AccessError(self.env._("Only a supervisor may reopen a task."))
        return self._enter_event("reopened", None, None, {"note": self._need(reason)})

    def _need(self, reason):
        self._check_text(reason)
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept in the history."))
        return reason.strip()

    # What a phone sends -------------------------------------------------------------

    @api.model
    def _check_text(self, value, size=MAX_TEXT):
        """Refuse what is sent for a text and can't be kept as one; none is fine."""
        problem = not given.is_none(value) and given.find_text_problem(value, size)
        if problem == "long":
            raise UserError(self.env._("A text is too long."))
        if problem:
            raise UserError(
                self.env._("A text has to be text, of characters that can be stored.")
            )

    @api.model
    def _check_number(self, value):
        """Refuse what is sent for a number and is none; nothing is fine."""
        if not given.is_none(value) and not given.is_number(value):
            raise UserError(self.env._("A number has to be a number."))

    # How it is entered --------------------------------------------------------------

    def _check_worker(self, at=None):
        """Refuse who may neither work on the tasks nor edit them.

        :param at: when the phone says that it happened: whoever had the task at that
            time may still enter it, though it was given to somebody else since
        """
        # Read as superuser: a task given away can't be seen any more.
        others = self.filtered(lambda task: task.sudo().user_id != self.env.user)
        denied = others - others._filtered_access("write")
        if denied and at:
            denied -= denied._get_held_at(at)
        if denied:
            seen = denied._filtered_access("read")
            raise AccessError(
                self.env._(
                    "“%(task)s” is not yours: take it first, or ask your supervisor.",
                    task=seen[0].display_name,
                )
                if seen
                else self.env._(
                    "The task was given to somebody else, or is none of yours. Ask "
                    "your supervisor."
                )
            )

    def _get_held_at(self, at):
        """Those of these tasks that the user had at ``at`` and that were given to
        somebody else since."""
        # The history of a task given away can't be seen, but tells whose it was.
        changes = (
            self.env["power.field.task.event"]
            .sudo()
            .search(
                [
                    ("task_id", "in", self.ids),
                    ("kind", "=", "reassigned"),
                    ("at", ">", at),
                ],
                order="at, id",
            )
        )
        holders = {}
        for change in changes:
            holders.setdefault(change.task_id.id, change.previous_assignee_id)
        return self.filtered(lambda task: holders.get(task.id) == self.env.user)

    def _lock(self):
        """Wait for whoever enters something on the same tasks."""
        self.env.execute_query(
            SQL(
                "SELECT id FROM power_field_task WHERE id IN %s "
                "ORDER BY id FOR NO KEY UPDATE",
                tuple(self.ids) or (0,),
            )
        )

    def _get_limits(self):
        get_limit = self.env["power.limit"]._get
        company = self.company_id[:1]
        supervisor = self.env.su or self.env.user.has_group(
            "power_service_base.group_power_supervisor"
        )
        return field_task.Limits(
            clock_skew=timedelta(minutes=get_limit("field_skew_minutes", company)),
            late_entry=None
            if supervisor
            else timedelta(hours=get_limit("field_late_hours", company)),
        )

    @api.model
    def _prepare_position_vals(self, latitude, longitude, accuracy):
        for number in (latitude, longitude, accuracy):
            self._check_number(number)
        if given.is_none(latitude) or given.is_none(longitude):
            return {}
        latitude, longitude = float(latitude), float(longitude)
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise UserError(
                self.env._(
                    "A latitude lies between -90 and 90, a longitude between -180 and "
                    "180."
                )
            )
        return {
            "latitude": latitude,
            "longitude": longitude,
            "accuracy": max(float(accuracy or 0), 0),
        }

    def _enter_event(self, kind, at, client_ref, vals, proof=None):
        """Enter one event on each task, as far as it is not known, and project.

        :param dict vals: further values of the event
        :param proof: name, content (bytes) and type of a file, on one task
        :return: True
        """
        now = fields.Datetime.now()
        self._check_text(client_ref, MAX_REF)
        try:
            at = fields.Datetime.to_datetime(at) or now
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._("'%(at)s' is no date and time.", at=given.shorten(at))
            ) from error
        at = at.replace(microsecond=0)
        self._check_worker(at if client_ref else None)
        self._lock()
        tasks_sudo = self.sudo()  # access was checked: events are nobody's to create
        Event = tasks_sudo.env["power.field.task.event"]
        known = Event.search(
            Domain("task_id", "in", self.ids) & Domain("client_ref", "=", client_ref)
            if client_ref
            else Domain.FALSE
        ).task_id
        todo = tasks_sudo - known
        history = todo._get_history()
        limits = self._get_limits()
        vals_list = []
        for task in todo:
            if task._check_event(kind, at, now, limits, client_ref, history[task]):
                vals_list.append(
                    {
                        "task_id": task.id,
                        "kind": kind,
                        "at": at,
                        "recorded_at": now,
                        "client_ref": client_ref,
                        "is_offline": now - at > limits.clock_skew,
                        **vals,
                    }
                )
        if proof and vals_list:
            vals_list[0]["attachment_id"] = todo._add_proof(*proof).id
        events = Event.create(vals_list)
        events.task_id._project()
        events.task_id._after_events(events)
        return True

    def _get_history(self):
        """The tasks' events as the core's values, by task, in a constant number of
        queries.
        """
        history = {task: [] for task in self}
        rows = self.env["power.field.task.event"].search_fetch(
            [("task_id", "in", self.ids)], ["task_id", "kind", "at"], order="id"
        )
        for row in rows:
            history[row.task_id].append(field_task.Event(row.kind, row.at, row.id))
        return history

    def _check_event(self, kind, at, now, limits, client_ref, history):
        """Refuse an event that can't have happened so.

        :return: whether it has to be entered; not when it is known already
        """
        self.ensure_one()
        problem = field_task.check_time(
            at, now, self.created_at, limits, offline=bool(client_ref)
        )
        # After all events of the same second: the next id is higher than any other.
        new = field_task.Event(kind, at, max((e.sequence for e in history), default=0))
        problem = problem or field_task.check_order(history, new)
        if problem == "known":
            return False
        if problem:
            raise UserError(self._get_problem_text(problem, at, limits))
        return True

    def _get_problem_text(self, problem, at, limits):
        names = {
            "task": self.display_name,
            "at": format_datetime(self.env, at),
            "created_at": format_datetime(self.env, self.created_at),
        }
        if problem == "future":
            return self.env._(
                "%(task)s: %(at)s lies in the future. Check the clock of the phone.",
                **names,
            )
        if problem == "before_task":
            return self.env._(
                "%(task)s: %(at)s is before the task was made (%(created_at)s).",
                **names,
            )
        if problem == "too_late":
            return self.env._(
                "%(task)s: %(at)s is more than %(hours)d hours ago. Ask your "
                "supervisor to enter it.",
                hours=limits.late_entry / timedelta(hours=1),
                **names,
            )
        if problem == "open":
            return self.env._(
                "“%(task)s” is not closed: there is nothing to reopen.", **names
            )
        if problem == "cancelled":
            return self.env._("“%(task)s” was cancelled before %(at)s.", **names)
        return self.env._("“%(task)s” was done before %(at)s.", **names)

    def _project(self):
        """Write what the events say; called after each change of the history."""
        history = self._get_history()
        for task in self.with_context(power_field_projection=True):
            now = field_task.project(history[task])
            task.write(task._prepare_projection_vals(now))

    def _prepare_projection_vals(self, projection):
        """The projected fields of one task.

        :param projection: a ``core.field_task.Projection``
        """
        Event = self.env["power.field.task.event"]
        events = {
            step: Event.browse(event.sequence) if event else Event
            for step in (*field_task.STEPS, "cancelled")
            for event in [getattr(projection, step)]
        }
        arrived, done = events["arrived"], events["done"]
        vals = {f"{step}_at": event.at for step, event in events.items()}
        vals |= {
            "state": projection.state,
            "outcome": done.outcome,
            "outcome_note": done.note,
            "arrival_latitude": arrived.latitude,
            "arrival_longitude": arrived.longitude,
            "arrival_accuracy": arrived.accuracy,
            "arrival_distance": self._get_distance(arrived),
            "done_latitude": done.latitude,
            "done_longitude": done.longitude,
            "done_accuracy": done.accuracy,
        }
        if done.charge:
            vals["charge"] = done.charge
        return vals

    def _get_distance(self, event):
        """Metres between an event and the supply point; 0 when one is not known."""
        here = (event.latitude, event.longitude)
        there = (self.supply_point_id.latitude, self.supply_point_id.longitude)
        if not any(here) or not any(there):
            return 0
        return round(field_task.get_distance(*here, *there))

    def _after_events(self, events):
        """Hook: something happened with these tasks. Runs as superuser.

        Addons whose records are the origin of tasks extend it.

        :param events: new ``power.field.task.event`` records, one per task, one kind
        """
