from datetime import datetime
from unittest import TestCase

from odoo.addons.power_service_tickets.core import attachment_rule, intake

NOW = datetime(2026, 3, 2, 2, 0)
ROW = {"type": "fault", "source_system": "95598", "external_ref": "A1"}


class TestAttachmentRule(TestCase):
    def test_what_is_taken(self):
        for name, content in (
            ("photo.jpg", b"\xff\xd8\xff\xe0 photo"),
            ("bill.pdf", b"%PDF-1.7 bill"),
            ("合同.docx", b"PK\x03\x04 word"),
            ("notes", b"no extension"),
            ("com", b"a name without extension"),
            ("talk.mp3", b"ID3 talk"),
        ):
            with self.subTest(name=name):
                self.assertIsNone(attachment_rule.find_problem(name, content, 100))

    def test_what_is_not(self):
        for name, content, problem in (
            ("virus.exe", b"x", "forbidden"),
            ("VIRUS.EXE", b"x", "forbidden"),
            ("virus.exe. ", b"x", "forbidden"),
            ("photo.jpg.bat", b"x", "forbidden"),
            ("photo.jpg", b"MZ\x90\x00", "forbidden"),
            ("photo.jpg", b"\x7fELF\x02", "forbidden"),
            ("notes.txt", b"#!/bin/sh\nrm -rf /", "forbidden"),
            ("photo.svg", b"<svg onload=alert(1)>", "forbidden"),
            ("photo.png", b"  <SVG onload=alert(1)>", "forbidden"),
            ("page.txt", b"<!DOCTYPE html><p>", "forbidden"),
            ("empty.jpg", b"", "empty"),
            ("big.jpg", b"x" * 41, "too_large"),
        ):
            with self.subTest(name=name, content=content[:10]):
                found = attachment_rule.find_problem(name, content, max_bytes=40)
                self.assertEqual(found, problem)


class TestParseRow(TestCase):
    def parse(self, **changes):
        return intake.parse_row({**ROW, **changes}, NOW, max_files=2)

    def test_times_become_utc(self):
        for given, expected in (
            ("2026-03-02T09:00:00+08:00", datetime(2026, 3, 2, 1, 0)),
            ("2026-03-02T01:00:00Z", datetime(2026, 3, 2, 1, 0)),
            ("2026-03-02 01:00:00", datetime(2026, 3, 2, 1, 0)),
            (None, NOW),
            # A sender's clock a little ahead of ours isn't the future.
            ("2026-03-02T10:03:00+08:00", NOW),
        ):
            with self.subTest(given=given):
                values, problems = self.parse(received_at=given)
                self.assertEqual((values["received_at"], problems), (expected, []))

    def test_every_fault_is_named(self):
        for changes, field, code in (
            ({"type": ""}, "type", "missing"),
            ({"type": "  "}, "type", "missing"),
            ({"external_ref": None}, "external_ref", "missing"),
            ({"subject": 5}, "subject", "not_text"),
            ({"subject": ["a"]}, "subject", "not_text"),
            ({"subject": "x" * 251}, "subject", "too_long"),
            ({"description": "a\x00b"}, "description", "bad_text"),
            ({"description": "a\ud800b"}, "description", "bad_text"),
            ({"is_anonymous": "yes"}, "is_anonymous", "not_boolean"),
            ({"is_anonymous": 1}, "is_anonymous", "not_boolean"),
            ({"is_anonymous": []}, "is_anonymous", "not_boolean"),
            ({"received_at": "soon"}, "received_at", "not_a_time"),
            ({"received_at": 5}, "received_at", "not_a_time"),
            ({"received_at": "2026-03-02T02:06:00"}, "received_at", "future"),
            ({"received_at": "1999-12-31"}, "received_at", "too_old"),
            ({"received_at": "0001-01-01T00:00:00+08:00"}, "received_at", "not_a_time"),
            ({"files": "x"}, "files", "not_files"),
            ({"files": ["x"]}, "files", "not_files"),
            ({"files": [{"name": "a"}]}, "files", "not_files"),
            ({"files": [{"name": "", "data": ""}]}, "files", "not_files"),
            ({"files": [{"name": "a", "data": "?"}]}, "files", "not_base64"),
            ({"files": [{"name": "a", "data": "é"}]}, "files", "not_base64"),
            ({"files": [{}, {}, {}]}, "files", "too_many_files"),
            ({"station_id": 1}, "station_id", "unknown_field"),
            ({5: 1}, "5", "unknown_field"),
        ):
            with self.subTest(changes=changes):
                problems = self.parse(**{str(k): v for k, v in changes.items()})[1]
                self.assertEqual([p[:2] for p in problems], [(field, code)])

    def test_what_is_no_row_at_all(self):
        for row in (None, 5, "x", [], [["type", "fault"]]):
            with self.subTest(row=row):
                problems = intake.parse_row(row, NOW, 2)[1]
                self.assertEqual([p.code for p in problems], ["not_a_dict"])
