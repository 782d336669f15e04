"""Merge an exported .pot into the translations beside it, without dates."""

import sys
from pathlib import Path

import polib

DATED = ("POT-Creation-Date", "PO-Revision-Date")


def clean(path):
    """Drop the headers that change with every export, for quiet diffs."""
    file = polib.pofile(str(path), wrapwidth=78)
    for key in DATED:
        file.metadata.pop(key, None)
    file.save()
    return file


def merge(pot_path):
    """Bring each ``xx.po`` beside ``pot_path`` to its terms; return what is missing."""
    pot = clean(pot_path)
    missing = {}
    for path in sorted(pot_path.parent.glob("*.po")):
        file = polib.pofile(str(path), wrapwidth=78)
        file.merge(pot)
        for entry in [e for e in file if e.obsolete]:
            file.remove(entry)
        for key in DATED:
            file.metadata.pop(key, None)
        file.save()
        missing[path.name] = len(file.untranslated_entries()) + len(
            file.fuzzy_entries()
        )
    return missing


if __name__ == "__main__":
    for name, count in merge(Path(sys.argv[1])).items():
        print(f"{name}: {count} terms to translate")
