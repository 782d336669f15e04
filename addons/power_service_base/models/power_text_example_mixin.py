from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.rendering_tools import parse_inline_template

# What a place was filled with stands between these: no value holds such a character,
# the database refuses it.
BEGIN, END = "\x00[", "]\x00"


class PowerTextExampleMixin(models.AbstractModel):
    """Shows a text with places as a customer would read it: filled in by one record.

    For models with ``subject``, ``body`` and the name of a ``model``. Only plain fields
    are filled in, and nothing is run: a text with code has no example.
    """

    _name = "power.text.example.mixin"
    _description = "Text with an Example"

    text_example = fields.Text(
        "Example",
        compute="_compute_text_example",
        help="The text filled in with the newest record that you may see.",
    )

    @api.depends("subject", "body", "model")
    @api.depends_context("lang", "uid")
    def _compute_text_example(self):
        for owner in self:
            texts = owner.subject, owner.body
            record = any(texts) and owner._find_example()
            owner.text_example = record and owner._get_text_example(record, texts)

    def _get_text_example(self, record, texts):
        """Subject and body about a record; False when they can't be shown."""
        try:
            texts = [self._fill_places(text or "", record) for text in texts]
        except AccessError:
            return False  # a field that isn't the reader's to see
        if None in texts:
            return False
        return "\n\n".join(self._finish_example(text) for text in texts)

    def _finish_example(self, text):
        return text.replace(BEGIN, "").replace(END, "")

    def _find_example(self):
        """The newest record that the user may see."""
        model = self.env.get(self.model)
        if model is None or not model.has_access("read"):
            return None
        return model.search(self._get_example_domain(model), limit=1, order="id desc")

    def _get_example_domain(self, model):
        """Which records make good examples."""
        if "is_power_customer" in model._fields:
            return Domain("is_power_customer", "=", True)
        return Domain.TRUE

    @api.model
    def _fill_places(self, text, record):
        """``text`` with what the record says in its places; None when it has code."""
        words = record.mail_allowed_qweb_expressions()
        parts = []
        for string, expression, default in parse_inline_template(text):
            parts.append(string)
            if not expression:
                continue
            if not self._get_word_label(record, expression):
                return None
            # Words that anybody may write may be read so; other fields as their reader.
            value = record.sudo() if expression in words else record
            for name in expression.split(".")[1:]:
                if len(value) > 1:
                    return None  # whose of them isn't said: it can't be rendered either
                value = value[name]
            parts.append(f"{BEGIN}{value or default}{END}")
        return "".join(parts)

    @api.model
    def _get_word_label(self, model, expression):
        """What an expression stands for, in the user's words; None when it is no plain
        value of the model's records: Odoo allows some for all models.

        :param expression: as ``object.partner_id.name``
        """
        start, *names = expression.strip().split(".")
        labels, field = [], None
        for name in names if start == "object" else ():
            if field is not None:
                if not field.relational:
                    return None
                model = self.env[field.comodel_name]
            field = model._fields.get(name)
            if field is None:
                return None
            labels.append(field._description_string(self.env))
        if field is None or field.relational or field.type == "html":
            return None
        return " ▸ ".join(labels)
