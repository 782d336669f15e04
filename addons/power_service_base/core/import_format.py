"""The import files: which columns a kind has, and what makes a row of cells usable.

Pure rules, after ``docs/importing.md``: headers in English or Chinese and any order,
one :class:`RowCleaner` per file, and the checks inside one row. What needs the
database (does the area exist?) is asked later, for all rows at once.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from . import import_cleaning as cleaning
from .import_cleaning import Cleaned, Reason

CHOICES = {
    "customer_kind": {
        "person": ("个人", "居民", "自然人", "household"),
        "company": ("单位", "企业", "法人", "organisation", "organization"),
    },
    "customer_class": {
        "residential": ("居民", "低压居民", "居民用户"),
        "lv_other": ("低压非居民", "非居民", "低压其他"),
        "hv_single": ("高压单电源", "高压"),
        "hv_dual": ("高压双电源", "双电源"),
    },
    "voltage_level": {
        "220v": ("220", "交流220V", "220伏"),
        "380v": ("380", "交流380V", "380伏"),
        "10kv": ("10", "交流10kV", "10千伏"),
        "20kv": ("20", "交流20kV", "20千伏"),
        "35kv": ("35", "交流35kV", "35千伏"),
        "110kv": ("110", "交流110kV", "110千伏"),
    },
    "importance_grade": {
        "none": ("一般", "普通", "非重要", "否"),
        "second": ("二级", "二级重要", "二级重要用户"),
        "first": ("一级", "一级重要", "一级重要用户"),
        "special": ("特级", "特级重要", "特级重要用户"),
        "temporary": ("临时", "临时性", "临时重要", "临时性重要用户"),
    },
    "region_type": {
        "urban": ("城市", "城区", "城镇"),
        "rural": ("农村", "乡村"),
        "remote": ("边远", "偏远", "特殊边远地区"),
    },
    "supply_state": {
        "pending": ("待送电", "未送电"),
        "connected": ("正常", "在用", "已送电", "正常用电"),
        "disconnected": ("停电", "已停电", "欠费停电"),
        "suspended": ("暂停",),
        "closed": ("销户", "已销户"),
    },
    "payment_mode": {
        "postpaid": ("后付费", "后付"),
        "prepaid": ("预付费", "预付", "费控"),
    },
    "element_type": {
        "substation": ("变电站",),
        "feeder": ("线路", "馈线"),
        "branch": ("支线", "分支"),
        "transformer": ("台区", "公变", "专变", "配变", "变压器"),
    },
}
KVA_UNITS = ("kva", "千伏安")
#: Sections of GB/T 4754-2017, and the letter of the section in Odoo's list (NACE).
INDUSTRIES = {
    "农、林、牧、渔业": "A",
    "采矿业": "B",
    "制造业": "C",
    "电力、热力、燃气及水生产和供应业": "D",
    "建筑业": "F",
    "批发和零售业": "G",
    "交通运输、仓储和邮政业": "H",
    "住宿和餐饮业": "I",
    "信息传输、软件和信息技术服务业": "J",
    "金融业": "K",
    "房地产业": "L",
    "租赁和商务服务业": "N",
    "科学研究和技术服务业": "M",
    "水利、环境和公共设施管理业": "E",
    "居民服务、修理和其他服务业": "S",
    "教育": "P",
    "卫生和社会工作": "Q",
    "文化、体育和娱乐业": "R",
    "公共管理、社会保障和社会组织": "O",
    "国际组织": "U",
}
TARIFF_CLASSES = {
    "居民生活": "residential",
    "居民": "residential",
    "农业生产": "agricultural",
    "农业": "agricultural",
    "一般工商业": "commercial",
    "工商业": "commercial",
    "大工业": "industrial",
}


@dataclass(frozen=True)
class Column:
    """A column of a template.

    ``rule`` names the cleaning rule, ``sql`` the type it is staged with, ``example``
    is the template's; ``bounds`` are those of a number; ``labels`` further headers.
    """

    name: str
    zh: str
    rule: str = "code"
    is_required: bool = False
    sql: str = "text"
    example: str = ""
    bounds: tuple = (None, None)
    labels: tuple = ()


def _columns(*columns):
    return tuple(columns)


_SOURCE = Column("source_system", "来源系统", is_required=True, example="marketing")
_KVA = {"rule": "number", "sql": "numeric", "bounds": (0, None)}
_CUSTOMER = (
    Column("customer_ref", "客户编号", is_required=True, example="C01000001"),
    Column("customer_name", "客户名称", "name", True, example="张三", labels=("户名",)),
    Column("customer_kind", "客户性质", "choice", True, example="person"),
    Column("id_number", "证件号码", "id", example="53992119540610114X"),
    Column(
        "phone", "联系电话", "phone", example="13800123456", labels=("电话", "手机")
    ),
    Column("email", "电子邮箱", "email", labels=("邮箱",)),
)
_CONTRACT = (
    Column("contract_ref", "合同编号", is_required=True, example="HT0000001"),
    Column("contract_kva", "合同容量", example="8", **_KVA),
    Column("contract_from", "合同生效日期", "date", True, "date", "2023-05-01"),
)
_PAYMENT = Column("payment_mode", "付费方式", "choice", example="postpaid")

KINDS = {
    "stations": _columns(
        Column("code", "供电所编码", is_required=True, example="S01"),
        Column("name", "供电所名称", "name", True, example="云溪供电所"),
        Column("hotline", "服务电话", "text", example="0873-6273514"),
    ),
    "employees": _columns(
        Column("code", "工号", is_required=True, example="S01-001"),
        Column("name", "姓名", "name", True, example="李四"),
        Column("station_code", "供电所编码", is_required=True, example="S01"),
        Column("team", "班组", "name", example="低压班"),
        Column("job", "岗位", "name", example="台区经理"),
        Column("mobile", "手机号码", "phone", example="13800123456"),
    ),
    "areas": _columns(
        Column("code", "网格编码", is_required=True, example="S01-G001"),
        Column("name", "网格名称", "name", True, example="解放路网格"),
        Column("parent_code", "上级网格编码", example="S01-UR"),
        Column("station_code", "供电所编码", is_required=True, example="S01"),
        Column("region_type", "区域类型", "choice", example="urban"),
        Column("manager_code", "网格长工号", example="S01-011"),
    ),
    "reading_units": _columns(
        Column("code", "抄表段编码", is_required=True, example="S01-R001"),
        Column("name", "抄表段名称", "name", True, example="解放路抄表段"),
        Column("station_code", "供电所编码", is_required=True, example="S01"),
    ),
    "elements": _columns(
        _SOURCE,
        Column("external_ref", "外部标识", is_required=True, example="E-S01-F001"),
        Column("code", "设备编码", is_required=True, example="S01-F001"),
        Column("name", "设备名称", "name", True, example="10kV云溪线"),
        Column("element_type", "设备类型", "choice", True, example="feeder"),
        Column("parent_code", "上级设备编码", example="S01-Z01"),
        Column("station_code", "供电所编码", is_required=True, example="S01"),
        Column("capacity_kva", "容量", example="400", **_KVA),
    ),
    "customers": _columns(
        _SOURCE,
        Column("external_ref", "用电点标识", is_required=True, example="P0000001"),
        Column("consumer_number", "户号", "consumer", True, example="5300000000"),
        *_CUSTOMER,
        Column("address", "用电地址", "text", example="云溪镇解放路18号"),
        Column("area_code", "网格编码", is_required=True, example="S01-G001"),
        Column("element_code", "台区编码", is_required=True, example="S01-F001-T001"),
        Column("standby_element_code", "备用电源编码"),
        Column("reading_unit_code", "抄表段编码", example="S01-R001"),
        Column(
            "customer_class",
            "客户类别",
            "choice",
            is_required=True,
            example="residential",
            labels=("用电类型",),
        ),
        Column("voltage_level", "电压等级", "choice", example="220V"),
        Column("tariff_class", "用电类别", "choice", sql="int4", example="residential"),
        Column("industry", "行业分类", "choice", sql="int4"),
        Column("importance_grade", "重要性等级", "choice", example="none"),
        Column("region_type", "区域类型", "choice", example="urban"),
        Column(
            "supply_state",
            "供电状态",
            "choice",
            example="connected",
            labels=("用电状态",),
        ),
        Column("latitude", "纬度", "number", False, "numeric", "26.903830", (-90, 90)),
        Column(
            "longitude", "经度", "number", False, "numeric", "109.295307", (-180, 180)
        ),
        *_CONTRACT,
        Column("contract_to", "合同终止日期", "date", sql="date"),
        _PAYMENT,
        Column("segments", "客户分类", "codes", sql="int4[]", example="community"),
    ),
    "former_customers": _columns(
        _SOURCE,
        Column("consumer_number", "户号", "consumer", True, example="5300000000"),
        *_CUSTOMER,
        *_CONTRACT,
        Column("contract_to", "合同终止日期", "date", True, "date", "2024-02-08"),
        _PAYMENT,
    ),
}
#: Columns of an error file, which the corrected file may still have: English, Chinese.
ERROR_COLUMNS = {
    "row": ("Error: row", "错误：行号"),
    "column": ("Error: column", "错误：列"),
    "value": ("Error: value", "错误：值"),
    "reason": ("Error: reason", "错误：原因"),
    "way_out": ("Error: way out", "错误：处理办法"),
}


def header_key(text):
    """The form in which headers are compared: no spaces, underscores, marks, case."""
    text = cleaning.choice_key(text)
    return text.strip("*").translate({ord("_"): None, ord("-"): None})


_ERROR_KEYS = {header_key(label) for pair in ERROR_COLUMNS.values() for label in pair}


class Header(NamedTuple):
    """A matched header: ``indexes`` {column name: cell index}, and what is wrong."""

    indexes: dict
    unknown: tuple = ()
    missing: tuple = ()
    repeated: tuple = ()
    size: int = 0


def match_header(kind, cells):
    """Find the columns of a kind in a header row.

    :param kind: a key of :data:`KINDS`
    :param cells: the header's texts; empty ones and an error file's are passed over
    """
    known = {}
    for column in KINDS[kind]:
        for label in (column.name, column.zh, *column.labels):
            known.setdefault(header_key(label), column.name)
    indexes, unknown, repeated = {}, [], []
    for index, cell in enumerate(cells):
        key = header_key(cell)
        if not key or key in _ERROR_KEYS:
            continue
        name = known.get(key)
        if name is None:
            unknown.append(cell.strip())
        elif name in indexes:
            repeated.append(cell.strip())
        else:
            indexes[name] = index
    missing = [
        column.name
        for column in KINDS[kind]
        if column.is_required and column.name not in indexes
    ]
    return Header(indexes, tuple(unknown), tuple(missing), tuple(repeated), len(cells))


class Issue(NamedTuple):
    """Something about one row: ``severity`` is refused, omitted or repaired."""

    row: int
    column: str
    severity: str
    kind: str
    value: str
    params: dict


#: Optional columns in which no value is a statement of its own: without its end a
#: contract is open, a closed point is connected, an element hangs elsewhere.
_MEANING_EMPTY = {"contract_to", "supply_state", "parent_code"}


def omittable_names(kind):
    """Names of a kind's columns whose value may be left out of a row."""
    return {
        column.name
        for column in KINDS[kind]
        if not column.is_required and column.name not in _MEANING_EMPTY
    }


@dataclass
class RowCleaner:
    """Cleans the rows of one file.

    ``choices`` adds labels to the known ones: {column: {label: code}}; for columns
    without known ones (the records of small tables) the codes are what is staged.
    ``area_code`` is what a landline without an area code gets, see ``clean_phone``.
    ``defaults`` fill empty cells and absent columns: {column: value}.
    ``omits`` leaves a broken value of :func:`omittable_names` out, and says so, where
    the row would be refused otherwise.
    """

    kind: str
    header: Header
    choices: dict = field(default_factory=dict)
    area_code: str = ""
    defaults: dict = field(default_factory=dict)
    omits: bool = False

    def __post_init__(self):
        self._omittable = omittable_names(self.kind) if self.omits else ()
        nowhere = 1 << 30
        indexes = dict.fromkeys(self.defaults, nowhere) | self.header.indexes
        self._columns = [
            (column, indexes[column.name], self._rule(column), {}, {})
            for column in KINDS[self.kind]
            if column.name in indexes
        ]
        self._looks = [
            (
                index,
                column.rule in cleaning.PLAIN and cleaning.PLAIN[column.rule].fullmatch,
                cleaning.PLAIN_PREFIX.get(column.rule, ""),
                values,
                not column.is_required and column.name not in self.defaults,
            )
            for column, index, _rule, _memo, values in self._columns
        ]
        self._positions = {
            column.name: at for at, (column, *_rest) in enumerate(self._columns)
        }

    @property
    def names(self):
        """Names of the file's columns, in the order of the cleaned values."""
        return [column.name for column, *_rest in self._columns]

    def _rule(self, column):
        rules = {
            "code": cleaning.clean_code,
            "name": cleaning.clean_name,
            "text": cleaning.clean_text,
            "date": cleaning.clean_date,
            "id": cleaning.clean_id_number,
            "email": cleaning.clean_email,
            "consumer": cleaning.clean_consumer_number,
        }
        if column.rule in ("choice", "codes"):
            choices = {}
            for code, labels in CHOICES.get(column.name, {}).items():
                for label in (code, *labels):
                    choices.setdefault(cleaning.choice_key(label), code)
            for label, code in self.choices.get(column.name, {}).items():
                choices.setdefault(cleaning.choice_key(label), code)
            rule = (
                cleaning.clean_choice
                if column.rule == "choice"
                else cleaning.clean_choices
            )
            return lambda text: rule(text, choices)
        if column.rule == "number":
            units = KVA_UNITS if column.name.endswith("_kva") else ()
            low, high = column.bounds
            return lambda text: cleaning.clean_number(text, units, low, high)
        if column.rule == "phone":
            return lambda text: cleaning.clean_phone(text, self.area_code)
        return rules[column.rule]

    def clean(self, row, cells):
        """Clean one row.

        :param row: its number, the header being 1
        :param cells: its texts, as they stand in the file
        :return: (values in the order of :attr:`names`, issues)
        """
        values, issues = [], []
        size = len(cells)
        for at, look in enumerate(self._looks):
            index, is_plain, prefix, known, may_be_empty = look
            text = cells[index] if index < size else ""
            if not text and may_be_empty:
                values.append(None)
                continue
            if is_plain:
                value = prefix + text if is_plain(text) else None
            else:
                value = known.get(text)
            if value is None:
                value = self._clean_cell(row, at, text, values, issues)
            values.append(value)
        if size != self.header.size:
            issues.extend(self._check_width(row, cells))
        issues.extend(self._check_row(row, values))
        return values, issues

    def _clean_cell(self, row, at, text, values, issues):
        """The value of a cell that isn't plain; what is to be said of it is added."""
        column, _index, rule, memo, known = self._columns[at]
        if reason := cleaning.check_computed(text):
            shown = text.replace(cleaning.NO_RESULT, "")
            issues.append(self._refuse(row, column.name, shown, reason))
            return None
        if not text:
            cleaned = cleaning.EMPTY
        elif (cleaned := memo.get(text)) is None:
            if column.rule == "id":
                is_company = self.value_of(values, "customer_kind") == "company"
                cleaned = cleaning.clean_id_number(text, is_company)
            else:
                cleaned = rule(text)
                # Choices, dates and numbers come again and again; names don't.
                if column.rule in ("choice", "date", "number", "codes"):
                    is_clean = not cleaned.repairs and cleaned.value is not None
                    kept = known if is_clean else memo
                    if len(kept) > 20_000:
                        kept.clear()
                    kept[text] = cleaned.value if is_clean else cleaned
        value = cleaned.value
        if value is not None and (
            reason := cleaning.check_length(column.rule, text, value)
        ):
            issues.append(self._refuse(row, column.name, text, reason))
            return None
        if value is None:
            if cleaned.reason:
                issues.append(self._refuse(row, column.name, text, cleaned.reason))
            elif column.name in self.defaults:
                value = self.defaults[column.name]
            elif column.is_required:
                reason = Reason("empty_required")
                issues.append(self._refuse(row, column.name, text, reason))
        elif cleaned.repairs:
            issues.extend(
                Issue(row, column.name, "repaired", kind, text, {})
                for kind in cleaned.repairs
            )
        return value

    def _refuse(self, row, column, text, reason):
        severity = "omitted" if column in self._omittable else "refused"
        return Issue(row, column, severity, reason.key, text, reason.params)

    def value_of(self, values, name):
        """The value of a column in a row of cleaned values; None without the column."""
        at = self._positions.get(name)
        return values[at] if at is not None and at < len(values) else None

    def _check_width(self, row, cells):
        """Cells behind the header's last one: ignored when empty, else a shift."""
        extra = cells[self.header.size :]
        if any(text.strip() for text in extra):
            params = {"cells": len(cells), "columns": self.header.size}
            yield self._refuse(row, "", "", Reason("too_many_cells", params))
        elif extra:
            yield Issue(row, "", "repaired", "trailing_columns", "", {})

    def _check_row(self, row, values):
        """What two cells of one row say together."""
        start = self.value_of(values, "contract_from")
        end = self.value_of(values, "contract_to")
        if start and end and end < start:
            params = {"start": start.isoformat()}
            reason = Reason("date_order", params)
            yield self._refuse(row, "contract_to", end.isoformat(), reason)
        if self.kind == "elements" and not self.value_of(values, "parent_code"):
            if self.value_of(values, "element_type") not in (None, "substation"):
                yield self._refuse(row, "parent_code", "", Reason("parent_missing"))
        standby = self.value_of(values, "standby_element_code")
        element = self.value_of(values, "element_code")
        if standby and element and standby.lower() == element.lower():
            reason = Reason("standby_same")
            yield self._refuse(row, "standby_element_code", standby, reason)
            if self.omits:
                values[self._positions["standby_element_code"]] = None


#: What an element or area may hang under; the model has the same table.
PARENT_TYPES = {
    "substation": {"substation"},
    "feeder": {"substation", "feeder"},
    "branch": {"feeder", "branch"},
    "transformer": {"substation", "feeder", "branch"},
}


class Node(NamedTuple):
    """A row of a tree: its code, its parent's, its type (None in a grid area)."""

    row: int
    code: str
    parent: str | None
    type: str | None = None


def check_tree(nodes, existing):
    """Check the rows of a tree against each other and what is there already.

    :param nodes: rows that are right in themselves, with different codes
    :param existing: {code: (parent code or None, type or None)} of the database
    :return: ({row: Reason} of refused rows, {row: depth} of the others): a parent in
        the file has a smaller depth than its children. A row under a refused row is
        refused for that reason.
    """
    by_code = {node.code: node for node in nodes}
    refused, depths = {}, {}

    def parent_of(code):
        node = by_code.get(code)
        return node.parent if node else existing.get(code, (None,))[0]

    def type_of(code):
        node = by_code.get(code)
        return node.type if node else existing.get(code, (None, None))[1]

    # Walk up from each row until a known end; a code met twice on the way is a cycle.
    for node in nodes:
        path, code = [], node.code
        while code in by_code and by_code[code].row not in depths:
            if by_code[code].row in refused:
                break
            if code in path:
                ring = path[path.index(code) :]
                reason = Reason("cycle", {"codes": " → ".join([*ring, code])})
                refused.update((by_code[member].row, reason) for member in ring)
                break
            path.append(code)
            code = parent_of(code)
        for code in reversed(path):
            row = by_code[code].row
            if row in refused:
                continue
            parent = by_code[code].parent
            if not parent:
                depths[row] = 0
            elif parent in by_code:
                above = by_code[parent].row
                if above in refused:
                    params = {"parent": parent, "row": above}
                    refused[row] = Reason("parent_refused", params)
                else:
                    depths[row] = depths[above] + 1
            elif parent not in existing:
                refused[row] = Reason("unknown_parent", {})
            elif _leads_back(parent, code, parent_of):
                refused[row] = Reason("cycle", {"codes": f"{code} → {parent} → {code}"})
            else:
                depths[row] = 0
            if row not in refused and parent:
                allowed = PARENT_TYPES.get(by_code[code].type)
                if allowed and type_of(parent) not in allowed:
                    params = {"parent": parent, "type": type_of(parent) or ""}
                    refused[row] = Reason("parent_type", params)
                    depths.pop(row, None)
    return refused, depths


def _leads_back(code, target, parent_of):
    """Whether going up from an existing record comes to a row of the file."""
    seen = set()
    while code and code not in seen:
        if code == target:
            return True
        seen.add(code)
        code = parent_of(code)
    return False


__all__ = [
    "CHOICES",
    "ERROR_COLUMNS",
    "KINDS",
    "Cleaned",
    "Column",
    "Header",
    "Issue",
    "Node",
    "Reason",
    "RowCleaner",
    "check_tree",
    "header_key",
    "match_header",
    "omittable_names",
]
