"""The rows of the files, one class per file.

They are named tuples and not dataclasses because a million of them are made in one
run: a tuple of 35 fields is made four times as fast and is written as it is.
The field order is the column order of the file.
"""

from typing import NamedTuple


class Station(NamedTuple):
    code: str
    name: str
    hotline: str


class Employee(NamedTuple):
    code: str
    name: str
    station_code: str
    team: str
    job: str
    mobile: str


class Area(NamedTuple):
    code: str
    name: str
    parent_code: str
    station_code: str
    region_type: str
    manager_code: str


class ReadingUnit(NamedTuple):
    code: str
    name: str
    station_code: str


class Element(NamedTuple):
    source_system: str
    external_ref: str
    code: str
    name: str
    element_type: str
    parent_code: str
    station_code: str
    capacity_kva: str


class SupplyPoint(NamedTuple):
    source_system: str
    external_ref: str
    consumer_number: str
    customer_ref: str
    customer_name: str
    customer_kind: str
    id_number: str
    phone: str
    email: str
    address: str
    area_code: str
    element_code: str
    standby_element_code: str
    reading_unit_code: str
    customer_class: str
    voltage_level: str
    tariff_class: str
    industry: str
    importance_grade: str
    region_type: str
    supply_state: str
    latitude: str
    longitude: str
    contract_ref: str
    contract_kva: str
    contract_from: str
    contract_to: str
    payment_mode: str
    segments: str


class FormerContract(NamedTuple):
    source_system: str
    consumer_number: str
    customer_ref: str
    customer_name: str
    customer_kind: str
    id_number: str
    phone: str
    email: str
    contract_ref: str
    contract_kva: str
    contract_from: str
    contract_to: str
    payment_mode: str


class Party(NamedTuple):
    """A customer as repeated on each of the customer's rows."""

    customer_ref: str
    customer_name: str
    customer_kind: str
    id_number: str
    phone: str
    email: str


#: File name of each record class, in the order in which the files are loaded.
FILES = {
    Station: "stations.csv",
    Employee: "employees.csv",
    Area: "areas.csv",
    ReadingUnit: "reading_units.csv",
    Element: "elements.csv",
    SupplyPoint: "customers.csv",
    FormerContract: "former_customers.csv",
}
