"""Add up pytest's result files (JUnit XML) of a folder and print one line.

Exit code 1 when a test failed, and when a browser tour was skipped: Odoo skips tours
silently where no browser starts.
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

BROWSER = ("chrome", "websocket")


def summarise(files):
    """Return the summary line and whether all is well."""
    tests = failed = skipped = 0
    browserless = []
    for path in files:
        for suite in ET.parse(path).getroot().iter("testsuite"):
            counts = {key: int(suite.get(key, 0)) for key in ("failures", "errors")}
            tests += int(suite.get("tests", 0))
            failed += sum(counts.values())
            skipped += int(suite.get("skipped", 0))
        for case in ET.parse(path).getroot().iter("testcase"):
            for skip in case.iter("skipped"):
                reason = f"{skip.get('message', '')} {skip.text or ''}".lower()
                if any(word in reason for word in BROWSER):
                    browserless.append(case.get("name"))
    passed = max(tests - failed - skipped, 0)
    line = f"{passed} passed, {failed} failed, {skipped} skipped"
    if browserless:
        line += f"; no browser for: {', '.join(browserless)}"
    return line, not failed and not browserless


def main(folder):
    files = sorted(Path(folder).glob("*.xml"))
    line, good = summarise(files)
    print(line if files else "0 passed, 0 failed: no test was run")
    return 0 if good and files else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
