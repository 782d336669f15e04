"""Command line of the generator: ``scripts/generate --help``."""

import argparse
import sys
import time
from datetime import date

from .dirt import KINDS
from .files import write_dirty_station, write_station
from .plan import AS_OF


def _rate(text):
    """``kind=0.01`` as a pair."""
    kind, sign, share = text.partition("=")
    try:
        return kind, float(share)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not like unknown_area=0.01."
        ) from None


def _parser():
    parser = argparse.ArgumentParser(
        prog="scripts/generate",
        description="Write the import files of an invented electricity supply station.",
        epilog=f"Kinds of dirt: {', '.join(KINDS)}. See docs/importing.md.",
    )
    parser.add_argument(
        "--customers",
        type=int,
        default=2000,
        help="supply points, 1 to 1,000,000 (default 2000)",
    )
    parser.add_argument("--seed", type=int, default=7, help="default 7")
    parser.add_argument("--out", required=True, help="folder for the files")
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        default=AS_OF,
        help=f"day of the export, from which dates are counted (default {AS_OF})",
    )
    parser.add_argument(
        "--dirty", action="store_true", help="with the dirt of real exports"
    )
    parser.add_argument("--encoding", help="of the dirty customers file (default gbk)")
    parser.add_argument(
        "--dirt-factor", type=float, help="multiplies all rates of dirt (default 1)"
    )
    parser.add_argument(
        "--rate",
        type=_rate,
        action="append",
        default=[],
        metavar="KIND=SHARE",
        help="rate of one kind of dirt, as unknown_area=0.01; may be repeated",
    )
    return parser


def main(argv=None):
    """Run the command and return the exit status.

    A mistake in the arguments exits with 2, a file that cannot be written gives 1;
    both say so in one sentence on the error stream.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    only_dirty = (options.encoding, options.dirt_factor, options.rate or None)
    if not options.dirty and any(value is not None for value in only_dirty):
        parser.error("--encoding, --dirt-factor and --rate need --dirty.")
    common = (options.out, options.seed, options.customers, options.as_of)
    start = time.perf_counter()
    try:
        if options.dirty:
            counts = write_dirty_station(
                *common,
                encoding=options.encoding or "gbk",
                rates=dict(options.rate),
                factor=1.0 if options.dirt_factor is None else options.dirt_factor,
            )
        else:
            counts = write_station(*common)
    except (ValueError, LookupError) as error:
        parser.error(str(error))
    except OSError as error:
        print(f"Cannot write to {options.out}: {error.strerror}.", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - start
    for name, rows in counts.items():
        print(f"{rows:>9,}  {name}")
    print(f"{options.out}: {seconds:.1f} s")
    return 0
