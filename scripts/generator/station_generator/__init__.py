"""Makes an invented supply station of any size: the same seed, the same station.

``station(seed, customers)`` yields its records in loading order, ``write_station``
writes the files of ``docs/importing.md``, ``write_dirty_station`` writes them with the
dirt of real exports, ``english`` and ``english_names`` give English display names.
Only the standard library is used, and memory does not grow with the size.
"""

from .dirt import KINDS, DirtPlan
from .english import english, english_person
from .files import write_dirty_station, write_station
from .plan import AS_OF, MAX_CUSTOMERS, plan_stations, station_sizes
from .points import PointMaker
from .records import (
    FILES,
    Area,
    Element,
    Employee,
    FormerContract,
    ReadingUnit,
    Station,
    SupplyPoint,
)
from .stream import english_names, make_points, station

__all__ = [
    "AS_OF",
    "FILES",
    "KINDS",
    "MAX_CUSTOMERS",
    "Area",
    "DirtPlan",
    "Element",
    "Employee",
    "FormerContract",
    "PointMaker",
    "ReadingUnit",
    "Station",
    "SupplyPoint",
    "english",
    "english_names",
    "english_person",
    "make_points",
    "plan_stations",
    "station",
    "station_sizes",
    "write_dirty_station",
    "write_station",
]
