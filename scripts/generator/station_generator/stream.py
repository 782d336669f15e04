"""All records of an invented company, in the order in which they are loaded."""

from .english import english, english_person
from .plan import AS_OF, plan_stations, station_sizes
from .points import PointMaker
from .records import FILES, Employee


def station(seed=7, customers=2000, as_of=AS_OF):
    """Yield the records of a station (several above 25,000 points), parents first.

    The first is the main station, 云溪供电所 in the fictional county 澄湾县. Order: all
    stations with their employees, areas, reading sections and network elements, then
    the supply points, each followed by the ended contract of its earlier occupant.

    :param seed: any integer or text; the same one gives the same records
    :param customers: number of supply points, 1 to 1,000,000
    :param as_of: datetime.date of the export, from which contract dates are counted
    :return: iterator of the named tuples of ``records``, whose fields are the columns
        described in docs/importing.md; all values are text
    :raise ValueError: ``customers`` is out of range
    """
    station_sizes(customers)
    return _records(seed, customers, as_of)


def _records(seed, customers, as_of):
    for plan in plan_stations(seed, customers):
        yield from plan.records()
    for made in make_points(seed, customers, as_of):
        yield made.point
        if made.former:
            yield made.former


def make_points(seed, customers, as_of=AS_OF):
    """Yield a ``points.Made`` for every supply point of every station."""
    for plan in plan_stations(seed, customers):
        yield from PointMaker(seed, plan, as_of).make()


def english_names(seed=7, customers=2000):
    """English display names of stations, people, areas, sections and elements.

    :return: dict {file name: {code: English name}}
    """
    result = {FILES[kind]: {} for kind in FILES if "code" in kind._fields}
    for plan in plan_stations(seed, customers):
        for record in plan.records():
            is_person = isinstance(record, Employee)
            result[FILES[type(record)]][record.code] = (
                english_person(record.name) if is_person else english(record.name)
            )
    return result
