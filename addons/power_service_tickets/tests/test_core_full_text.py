"""Words of Chinese and English texts, without a database."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.power_service_tickets.core.full_text import (
    get_query,
    get_telling_words,
    get_words,
)


class TestFullText(unittest.TestCase):
    def test_words(self):
        for text, expected in (
            ("", []),
            (None, []),
            ("停电通知", ["停电", "电通", "通知", "知"]),
            ("Meter, meter!", ["meter"]),
            ("电", ["电"]),
            ("95598热线", ["95598", "热线", "线"]),
            ("ＫＷｈ", ["kwh"]),
            ("' | & :* \\", []),
            ("a_b", ["a", "b"]),
        ):
            with self.subTest(text=text):
                self.assertEqual(get_words(text), expected)

    def test_queries(self):
        for text, expected in (
            ("停电通知", "'停电' & '电通' & '通知'"),
            ("电", "'电':*"),
            ("Meter 停电", "'meter':* & '停电'"),
            ("!!", ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(get_query(text), expected)

    def test_telling_words_leave_out_what_every_text_has(self):
        self.assertEqual(
            get_telling_words("客户 反映 the 电压 偏低 a 12"), ["电压", "偏低"]
        )

    def test_a_long_text_is_cut(self):
        self.assertEqual(len(get_words("".join(map(chr, range(0x4E00, 0x9000))))), 2000)

    @given(st.text(max_size=60), st.integers(0, 50), st.integers(1, 10))
    def test_every_part_of_a_chinese_text_is_found(self, text, start, length):
        text = "".join(char for char in text if "一" <= char <= "鿿")
        part = text[start : start + length]
        words = get_words(text)
        for term in get_query(part).split(" & ") if part else ():
            word = term.strip("'*:")
            if term.endswith("*"):
                self.assertTrue(any(known[: len(word)] == word for known in words))
            else:
                self.assertIn(word, words)

    @given(st.text())
    def test_no_word_has_what_an_index_does_not_take(self, text):
        for word in get_words(text):
            self.assertTrue(word)
            self.assertFalse(set(word) & set(" '\\\n\t:&|!()"))
