"""When things happen at the demo station: plausible, whatever the hour it is loaded at.

Moments are naive UTC; the station's day is UTC+8.
"""

from datetime import datetime, time, timedelta

ZONE = timedelta(hours=8)
# When people call, write and come; and when the staff answers them.
REQUESTS = (time(8), time(20))
OFFICE = (time(8, 30), time(17, 30))


def at_station(day, hour):
    """An hour of a day at the station."""
    return datetime.combine(day, hour) - ZONE


def is_within(at, hours):
    return hours[0] <= (at + ZONE).time() <= hours[1]


def move_back(at, hours=REQUESTS):
    """The moment itself, or one of the hours before it: the night's lie apart."""
    if is_within(at, hours):
        return at
    day = (at + ZONE).date()
    end = at_station(day, hours[1])
    if end > at:
        end -= timedelta(days=1)
    return end - (at - end) / 3


def move_on(at, hours=OFFICE):
    """The moment itself, or one soon after the office opens again."""
    if is_within(at, hours):
        return at
    opens = at_station((at + ZONE).date(), hours[0])
    if opens < at:
        opens += timedelta(days=1)
    return opens + timedelta(minutes=5 + at.minute / 2)


def get_midnight(now):
    """When the station's day began."""
    return at_station((now + ZONE).date(), time())


def plan(now, hours, steps, at_any_hour=False):
    """When one request was received, and when each step of it was done.

    :param hours: before now that it was received
    :param steps: (what, hours after the receipt, note)
    :param at_any_hour: as faults, that are received and repaired at night too
    :return: when it was received, and (what, when, note) of the steps done by now
    """
    asked = now - timedelta(hours=hours)
    received = asked if at_any_hour else move_back(asked)
    done, last = [], received
    for what, after, note in steps:
        at = received + timedelta(hours=after)
        if not at_any_hour:
            at = move_on(at)
        at = max(at, last)
        if at > now:
            break
        done.append((what, at, note))
        last = at
    return received, done


def spread(start, now, count):
    """So many moments in office hours, evenly between ``start`` and now, in order."""
    pause = (now - start) / (count + 1)
    times, last = [], start
    for number in range(1, count + 1):
        last = max(last, move_back(start + pause * number, OFFICE))
        times.append(last)
    return times
