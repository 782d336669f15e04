"""Boards and forms: time that stands still, what nobody has, cycles of promises."""

from lxml import etree

from odoo.tests import tagged

from .common import TicketCommon


@tagged("post_install", "-at_install")
class TestTicketBoard(TicketCommon):
    def _read_group(self, groupby, **options):
        groups = self.env["power.ticket"].web_read_group(
            [("id", "in", self.tickets.ids)],
            [groupby],
            ["__count"],
            unfold_read_specification={"name": {}},
            **options,
        )["groups"]
        return {group[groupby] and group[groupby][0]: group for group in groups}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._create_ticket(user_id=cls.users["staff"].id)
        cls.nobody_s = cls._create_ticket(user_id=False)
        cls.tickets = cls.mine | cls.nobody_s

    def test_a_board_opens_what_nobody_has(self):
        groups = self._read_group("user_id", auto_unfold=True)
        for key, ticket in ((False, self.nobody_s), (self.mine.user_id.id, self.mine)):
            with self.subTest(key):
                records = groups[key]["__records"]
                self.assertEqual([line["id"] for line in records], ticket.ids)

    def test_what_somebody_folded_stays_folded(self):
        info = [{"value": False, "folded": True}]
        groups = self._read_group("user_id", auto_unfold=True, opening_info=info)
        self.assertNotIn("__records", groups[False])

    def test_a_list_folds_as_ever(self):
        for group in self._read_group("user_id").values():
            self.assertNotIn("__records", group)

    def test_a_board_of_words_is_odoo_s(self):
        groups = self.env["power.ticket"].web_read_group(
            [("id", "in", self.tickets.ids)],
            ["channel"],
            ["__count"],
            auto_unfold=True,
            unfold_read_specification={"name": {}},
        )["groups"]
        self.assertTrue(all("__records" in group for group in groups))

    def test_each_countdown_knows_that_time_stands_still(self):
        views = self.env["ir.ui.view"].search(
            [
                ("model", "in", ("power.ticket", "power.connection")),
                ("type", "in", ("list", "form")),
                ("arch_db", "like", "power_countdown"),
            ]
        )
        self.assertGreaterEqual(len(views), 4)
        for view in views:
            with self.subTest(view.name):
                arch = self.env[view.model].get_view(view.id, view.type)["arch"]
                tree = etree.fromstring(arch)
                self.assertTrue(tree.xpath("//field[@name='is_paused']"))
                for node in tree.xpath("//field[@widget='power_countdown']"):
                    invisible = node.get("invisible", "")
                    self.assertTrue("is_paused" in invisible or not invisible)

    def test_promises_say_their_cycle_after_a_reopening(self):
        arch = self.env["power.ticket"].get_view(view_type="form")["arch"]
        promises = etree.fromstring(arch).find(".//field[@name='clock_ids']/list")
        self.assertTrue(promises.get("default_order").startswith("cycle desc"))
        (cycle,) = promises.findall("field[@name='cycle']")
        self.assertEqual(cycle.get("column_invisible"), "parent.reopen_count == 0")
