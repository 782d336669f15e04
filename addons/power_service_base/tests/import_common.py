import csv
import io
from collections import defaultdict
from pathlib import Path

from .common import PowerServiceCommon

DIRTY = Path(__file__).resolve().parents[3] / "tests" / "data" / "dirty_station"
ROW = {
    "source_system": "marketing",
    "external_ref": "P1",
    "consumer_number": "5300000001",
    "customer_ref": "C1",
    "customer_name": "张三",
    "customer_kind": "person",
    "id_number": "",
    "phone": "13800123456",
    "email": "Zhang.San@example.com",
    "address": "解放路18号",
    "area_code": "A1",
    "element_code": "T1",
    "standby_element_code": "",
    "reading_unit_code": "R1",
    "customer_class": "residential",
    "voltage_level": "220V",
    "tariff_class": "residential",
    "industry": "",
    "importance_grade": "",
    "region_type": "",
    "supply_state": "",
    "latitude": "26.90383",
    "longitude": "109.295307",
    "contract_ref": "H1",
    "contract_kva": "8",
    "contract_from": "2020-05-01",
    "contract_to": "",
    "payment_mode": "prepaid",
    "segments": "vulnerable|community",
}


def make_csv(rows, encoding="utf-8", columns=None):
    columns = columns or list(rows[0] if rows else ROW)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([[row.get(name, "") for name in columns] for row in rows])
    return stream.getvalue().encode(encoding)


def make_rows(count, **vals):
    """Rows of different customers, each right."""
    return [
        ROW
        | {
            "external_ref": f"P{n}",
            "consumer_number": f"53000{n:05d}",
            "customer_ref": f"C{n}",
            "customer_name": f"客户{n}",
            "contract_ref": f"H{n}",
            "email": "",
            "id_number": "",
        }
        | vals
        for n in range(1, count + 1)
    ]


class ImportCommon(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env["power.reading.unit"].create(
            {"name": "Unit", "code": "R1", "station_id": cls.station.id}
        )
        cls.other_feeder = cls.feeder.copy({"code": "F2", "name": "Line 2"})
        cls.imports = cls.env["power.import"]

    def load(self, rows, kind="customers", **options):
        source = rows if isinstance(rows, bytes) else make_csv(rows)
        return self.imports._import_file(kind, source, **options)

    def kinds(self, record, severity="refused"):
        """{row: {(column, kind)}} of an import's issues."""
        found = defaultdict(set)
        for issue in record.issue_ids.filtered(lambda i: i.severity == severity):
            found[issue.row_number].add((issue.column_name or "", issue.kind))
        return dict(found)

    def get_point(self, number="5300000001"):
        return self.env["power.supply.point"].search([("name", "=", number)])

    def get_counts(self, record):
        return (
            record.new_count,
            record.updated_count,
            record.unchanged_count,
            record.refused_count,
        )
