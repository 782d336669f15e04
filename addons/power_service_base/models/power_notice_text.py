import re
from contextlib import nullcontext

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.rendering_tools import INLINE_TEMPLATE_REGEX

from .power_text_example_mixin import BEGIN, END

# BEGIN, END: what a placeholder left in a text stands between these until the lines
# without words are out.


class PowerNoticePurpose(models.Model):
    """Texts of notices about records: written by administrators, in the customer's
    language, and never in the way of the notice."""

    _inherit = "power.notice.purpose"  # pylint: disable=consider-merging-classes-inherited

    model = fields.Char(
        "Written About",
        required=True,
        default="res.partner",
        readonly=True,
        export_string_translation=False,
        help="The model that the text's words are taken from. Texts about customers "
        "are proposed when somebody writes a notice; others are sent by themselves.",
    )
    text_words = fields.Text(
        "Words for Places",
        compute="_compute_text_words",
        help="Each stands for what the record says. A line whose word has nothing to "
        "say is left out.",
    )

    @api.depends("model")
    @api.depends_context("lang")
    def _compute_text_words(self):
        for purpose in self:
            model = self.env.get(purpose.model)
            words = [] if model is None else model.mail_allowed_qweb_expressions()
            labels = {word: self._get_word_label(model, word) for word in words}
            purpose.text_words = "\n".join(
                f"{{{{ {word} }}}}  {label}" for word, label in labels.items() if label
            )

    def _finish_example(self, text):
        return _drop_empty(text)

    def _check_text(self):
        """Refuse a text that can't be rendered, tried on the newest record.

        No constraint: those run as superuser, who may write any code.
        """
        for purpose in self:
            model = self.env.get(purpose.model)
            if model is None:
                raise ValidationError(
                    self.env._("There is no model “%(model)s”.", model=purpose.model)
                )
            if not (purpose.subject or purpose.body):
                continue
            # Of whichever station: nothing of it is shown.
            record = model.sudo().search([], limit=1, order="id desc")
            try:
                with self.env.cr.savepoint() as trial:
                    purpose._render_text(record)
                    trial.rollback()
            except Exception as error:
                if self.env["power.notice"]._is_database_error(error):
                    raise
                raise ValidationError(
                    self.env._(
                        "This text can't be used: %(error)s",
                        error=error.__cause__ or error,
                    )
                ) from error

    def _render_texts(self, records, shipped):
        """Subject and body of a notice about each record, in its customer's language.

        Where the text is empty or broken, the shipped words are used; of a broken one
        the purpose's responsible user hears. The number of queries depends on that of
        languages, not on that of records.

        :param records: of the purpose's ``model``, with a ``partner_id``
        :param shipped: templates (subject, body), lazily translated, that use none but
            the model's allowed words
        :return: ``{record id: (subject, body)}``, plain text
        """
        self.ensure_one()
        records = records.sudo()  # what is told is chosen by who writes the texts
        texts = {}
        for lang, spoken in records.grouped(
            lambda record: record.partner_id.lang or self.env.lang
        ).items():
            spoken = spoken.with_context(lang=lang)
            own = self.with_context(lang=lang)._render_own_text(spoken)
            missing = spoken.browse(key for key, text in own.items() if not all(text))
            words = [spoken.env._(text) for text in shipped]
            ours = self._render_templates(missing, *words)
            for key, (subject, body) in own.items():
                other = ours.get(key, ("", ""))
                texts[key] = (subject or other[0], body or other[1])
        return texts

    def _render_own_text(self, records):
        """``{record id: (subject, body)}`` by the purpose's own text; where it is
        broken, empty."""
        try:
            with self._protect_database():
                return self._render_text(records)
        except Exception as error:
            if self.env["power.notice"]._is_database_error(error):
                raise
        texts = {}
        for record in records:
            try:
                with self._protect_database():
                    texts |= self._render_text(record)
            except Exception as error:
                if self.env["power.notice"]._is_database_error(error):
                    raise
                texts[record.id] = ("", "")
                self._tell_broken(record, error.__cause__ or error)
        return texts

    def _protect_database(self):
        """A savepoint where a text is more than words: code may ask the database."""
        renderer = self.env["mail.render.mixin"]
        if any(
            renderer._has_unsafe_expression_template_inline_template(text, self.model)
            for text in (self.subject, self.body)
        ):
            return self.env.cr.savepoint()
        return nullcontext()

    def _render_text(self, records):
        return self._render_templates(records, self.subject or "", self.body or "")

    @api.model
    def _render_templates(self, records, subject, body):
        """``{record id: (subject, body)}``, both without lines that say nothing."""
        # As for reminders: the rights to write code into a text were checked then.
        renderer = records.env["mail.render.mixin"].sudo()
        subjects, bodies = (
            renderer._render_template(
                INLINE_TEMPLATE_REGEX.sub(lambda match: BEGIN + match[0] + END, text),
                records._name,
                records.ids,
                options={},
            )
            for text in (subject, body)
        )
        return {
            record_id: (
                " ".join(_drop_marks(subjects[record_id]).split()),
                _drop_empty(bodies[record_id]),
            )
            for record_id in records.ids
        }

    def _tell_broken(self, record, error):
        """Tell the responsible user, once until done, that a text can't be used."""
        self.ensure_one()
        kind = "power_service_base.mail_activity_broken_text"
        if self.activity_search([kind], only_automated=True):
            return
        user = self.user_id or self.env.ref("base.user_admin")
        told = self.with_context(lang=user.lang)
        told.activity_schedule(
            kind,
            note=told.env._(
                "%(record)s: %(error)s. The shipped words were sent instead. Put the "
                "text right.",
                record=record.display_name,
                error=error,
            ),
            user_id=user.id,
        )


def _drop_empty(text):
    """Leave out the lines with a place whose word had nothing to say."""
    lines = [line for line in text.split("\n") if BEGIN + END not in line]
    return re.sub(r"\n{3,}", "\n\n", _drop_marks("\n".join(lines))).strip()


def _drop_marks(text):
    return text.replace(BEGIN, "").replace(END, "")
