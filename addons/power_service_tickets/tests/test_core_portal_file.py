import unittest

from odoo.addons.power_service_tickets.core import attachment_rule, portal_file

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
JPG = b"\xff\xd8\xff\xe0" + b"\x00" * 20
PDF = b"%PDF-1.7\n"
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00"
TAKEN = (
    ("photo.png", PNG, "image/png", "photo.png"),
    ("IMG 01.JPG", JPG, "image/jpeg", "IMG 01.jpg"),
    ("故障照片.jpeg", JPG, "image/jpeg", "故障照片.jpg"),
    ("bill.pdf", PDF, "application/pdf", "bill.pdf"),
    ("bill.jpg", PDF, "application/pdf", "bill.pdf"),
    ("a.webp", WEBP, "image/webp", "a.webp"),
    ("a.heic", HEIC, "image/heic", "a.heic"),
    ("noending", PNG, "image/png", "noending.png"),
    ("../../etc/passwd.png", PNG, "image/png", "passwd.png"),
    ("C:\\x\\y.png", PNG, "image/png", "y.png"),
    ('a"b;c\n.png', PNG, "image/png", "abc.png"),
    ("gnp\u202eexe.png", PNG, "image/png", "gnpexe.png"),
    (".png", PNG, "image/png", "png.png"),
    ("x" * 300 + ".png", PNG, "image/png", "x" * 80 + ".png"),
)
REFUSED = (
    ("virus.exe", b"MZ\x90", attachment_rule.FORBIDDEN),
    ("photo.jpg", b"MZ\x90", attachment_rule.FORBIDDEN),
    ("photo.exe", PNG, attachment_rule.FORBIDDEN),
    ("photo.png.html", PNG, attachment_rule.FORBIDDEN),
    ("photo.png", b"<html><script>alert(1)</script>", attachment_rule.FORBIDDEN),
    ("logo.svg", b"<svg onload='alert(1)'/>", attachment_rule.FORBIDDEN),
    ("logo.png", b"<?xml version='1.0'?><svg/>", attachment_rule.FORBIDDEN),
    ("run.sh", b"#!/bin/sh", attachment_rule.FORBIDDEN),
    ("photo.png", b"", attachment_rule.EMPTY),
    ("photo.png", PNG + b"x" * 100, attachment_rule.TOO_LARGE),
    ("photo.png", b"plain text", portal_file.NOT_SHOWN),
    ("a.zip", b"PK\x03\x04", portal_file.NOT_SHOWN),
    ("a.docx", b"PK\x03\x04", portal_file.NOT_SHOWN),
    ("movie.heic", b"\x00\x00\x00\x18ftypqt  ", portal_file.NOT_SHOWN),
)


class TestPortalFile(unittest.TestCase):
    def test_photos_and_pdf_are_taken_as_what_they_are(self):
        for name, content, mimetype, kept in TAKEN:
            with self.subTest(name=name):
                self.assertIsNone(portal_file.find_problem(name, content, 100))
                kind = portal_file.find_kind(content)
                self.assertEqual(kind.mimetype, mimetype)
                self.assertEqual(portal_file.get_kept_name(name, kind), kept)

    def test_what_runs_is_too_large_or_can_not_be_shown_is_refused(self):
        for name, content, problem in REFUSED:
            with self.subTest(name=name, content=content[:10]):
                self.assertEqual(portal_file.find_problem(name, content, 100), problem)
