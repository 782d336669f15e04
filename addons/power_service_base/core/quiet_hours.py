"""When a message may disturb a customer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def delay_for_quiet_hours(
    at: datetime, tz: str, quiet_from: float, quiet_to: float
) -> datetime:
    """Return ``at``, or the end of the quiet hours that it falls into.

    :param at: naive UTC
    :param tz: name of the station's time zone, for example ``Asia/Shanghai``
    :param quiet_from: start, in hours of the local day (0 to 24, 22.5 is 22:30)
    :param quiet_to: end, not included; earlier than the start when they go over
        midnight; equal to the start when there are no quiet hours
    :return: naive UTC, never earlier than ``at``
    """
    start, end = _to_minutes(quiet_from), _to_minutes(quiet_to)
    if start == end:
        return at
    zone = ZoneInfo(tz)
    local = at.replace(tzinfo=UTC).astimezone(zone)
    minute = local.hour * 60 + local.minute
    over_midnight = start > end
    if over_midnight:
        quiet = minute >= start or minute < end
    else:
        quiet = start <= minute < end
    if not quiet:
        return at
    day = local.date()
    if over_midnight and minute >= start:
        day += timedelta(days=1)
    finish = datetime(day.year, day.month, day.day, tzinfo=zone)
    finish += timedelta(minutes=end)  # on the wall clock
    return max(at, finish.astimezone(UTC).replace(tzinfo=None))


def _to_minutes(hours: float) -> int:
    """Return the minute of the day, 24:00 being 0:00."""
    return round((hours or 0) * 60) % (24 * 60)
