"""CoST's packets: comma-separated, classic (FIPS and short names) or extended (the names of FF10, with months).

Columns are those of USEPA/emf: the extended formats of EMF/deploy/db/cost/formats, and of the classic ones the Java
classes ControlPacketFileFormat, ProjectionPacketFileFormat, AllowablePacketFileFormat and PlantClosureFileFormat.
"""

from collections.abc import Iterable

from emis import vocabulary
from emis.errors import Issues
from emis.interchange.packets.cells import Cells
from emis.interchange.packets.records import MONTHS, Kind, Record

__all__ = ["CLASSIC", "EXTENDED", "TYPES", "cost_record", "kind_of", "read_cost"]

_KEYS = ("country_cd", "region_cd", "facility_id", "unit_id", "rel_point_id", "process_id", "tribal_code",
         "census_tract_cd", "shape_id", "emis_type", "scc", "poll", "reg_code", "sic", "naics")  # fmt: skip
_POINT = ("plantid", "pointid", "stackid", "segment")


def _monthly(name: str) -> tuple[str, ...]:
    return tuple(f"{period}_{name}" for period in ("ann", *MONTHS))


#: Columns of the extended packets, in their order.
EXTENDED: dict[Kind, tuple[str, ...]] = {
    "projection": (*_KEYS, *_monthly("proj_factor"), "comment"),
    "control": (*_KEYS, "compliance_date", "application_control", "replacement", "pri_cm_abbrev",
                *_monthly("pctred"), "comment"),
    "allowable": (*_KEYS, "compliance_date", *_monthly("cap"), *_monthly("replacement"), "comment"),
    "closure": (*_KEYS[:6], "facility_name", "tribal_code", "scc", "poll", "effective_date", "comment"),
}  # fmt: skip
#: Columns of the classic packets, in their order.
CLASSIC: dict[Kind, tuple[str, ...]] = {
    "projection": ("fips", "scc", "proj_factor", "poll", "sic", "mact", *_POINT, "naics"),
    "control": ("fips", "scc", "poll", "pri_cm_abbrev", "ceff", "reff", "rpen", "sic", "mact", "application_control",
                "replacement", *_POINT, "compliance_date", "naics"),
    "allowable": ("fips", "scc", "poll", "control_factor", "cap", "replacement", "sic", *_POINT, "compliance_date",
                  "naics"),
    "closure": ("fips", *_POINT, "plant", "effective_date", "reference"),
}  # fmt: skip
#: What a packet is called in a line ``#TYPE=``, and what it is.
TYPES: dict[str, Kind] = {
    "projection packet": "projection",
    "control packet": "control",
    "allowable packet": "allowable",
    "plant closure": "closure",
    "facility closure": "closure",
}
#: What tells one kind from another.
_TELLING: dict[Kind, frozenset[str]] = {
    "projection": frozenset({"proj_factor", *_monthly("proj_factor")}),
    "control": frozenset({"ceff", *_monthly("pctred")}),
    "allowable": frozenset({"cap", *_monthly("cap"), *_monthly("replacement")}),
    "closure": frozenset({"effective_date"}),
}
_BY_NAME = {
    True: {"region": "region_cd", "facility": "facility_id", "unit": "unit_id", "rel_point": "rel_point_id",
           "process": "process_id", "scc": "scc", "pollutant": "poll", "reg_code": "reg_code", "sic": "sic",
           "naics": "naics"},
    False: {"region": "fips", "facility": "plantid", "unit": "pointid", "rel_point": "stackid", "process": "segment",
            "scc": "scc", "pollutant": "poll", "reg_code": "mact", "sic": "sic", "naics": "naics"},
}  # fmt: skip
#: Columns that CoST has and does not match by.
_NOT_MATCHED = ("tribal_code", "census_tract_cd", "shape_id", "emis_type")


def kind_of(header: Iterable[str]) -> Kind | None:
    """Return what packet a header is of; None where it is of none."""
    names = set(header)
    if not names & {"region_cd", "fips"}:
        return None
    return next((kind for kind, telling in _TELLING.items() if names & telling), None)


def read_cost(
    kind: Kind, header: list[str], header_line: int, rows: Iterable[tuple[int, list[str]]], shown: str, issues: Issues
) -> list[Record]:
    """Return the records of a packet of a kind whose columns are known; its faults are noted, all of them."""
    extended = "region_cd" in header
    known = EXTENDED[kind] if extended else CLASSIC[kind]
    _check_header(kind, header, known, header_line, shown, issues)
    found: list[Record] = []
    warned: set[str] = set()
    for line, texts in rows:
        if len(texts) > len(header) and any(text.strip() for text in texts[len(header) :]):
            issues.error(shown, line, "", f"has {len(texts)} cells, and the header has {len(header)}",
                         "put a text with a comma in double quotes")  # fmt: skip
            continue
        unnamed = [at for at, text in enumerate(texts[: len(header)]) if text.strip() and not header[at]]
        if unnamed:
            message = f"cell {unnamed[0] + 1} holds {texts[unnamed[0]]!r}, and nothing stands above it in the header"
            issues.error(shown, line, "", message, "name its column, or leave it out")
            continue
        cells = Cells(dict(zip(header, texts, strict=False)), shown, line, issues)
        for name in _NOT_MATCHED:
            if cells.key(name) and name not in warned:
                warned.add(name)
                issues.warn(shown, line, name, "CoST does not match sources by it", "it is not looked at")
        record = cost_record(kind, extended, cells)
        if not cells.faulty and record is not None and cells.whole(record):
            found.append(record)
    return found


def _check_header(kind: Kind, header: list[str], known: tuple[str, ...], line: int, shown: str, issues: Issues) -> None:
    for name in dict.fromkeys(header):
        if name and name not in known:
            issues.error(shown, line, name, f"a packet of kind {kind} has no such column",
                         vocabulary.suggest(name, known))  # fmt: skip
        elif name and header.count(name) > 1:
            issues.error(shown, line, name, "stands twice in the header", "keep one of the columns")
    needed = _TELLING[kind] & {"ceff", "cap", "effective_date", "proj_factor", "ann_pctred", "ann_cap",
                               "ann_proj_factor"}  # fmt: skip
    if not set(header) & needed and not set(header) & _TELLING[kind]:
        issues.error(shown, line, "", f"has none of {', '.join(sorted(needed))}", "a packet gives one of them")


def cost_record(kind: Kind, extended: bool, cells: Cells) -> Record | None:
    """Return a record as CoST reads it; what is wrong with its cells is noted."""
    keys = cells.keys(_BY_NAME[extended])
    if kind == "closure":
        return _closure(extended, keys, cells)
    if kind == "projection":
        values, months = _periods(cells, {"factor": "proj_factor"}, extended, percent=False)
        if not values and not months and not cells.faulty:
            cells.fault("ann_proj_factor" if extended else "proj_factor", "is blank", "write a factor: 1.2 is +20 %")
        return Record("projection", "cost", cells.file, cells.line, keys, values, months, comment=cells.text("comment"))
    date = cells.date("compliance_date")
    if kind == "allowable":
        values, months = _periods(cells, {"cap": "cap", "replacement": "replacement"}, extended, percent=False)
        if not values and not months and not cells.faulty:
            cells.fault("ann_cap" if extended else "cap", "neither a cap nor a replacement is given",
                        "write one of them [short tons/day]")  # fmt: skip
        return Record("allowable", "cost", cells.file, cells.line, keys, values, months, date,
                      comment=cells.text("comment"))  # fmt: skip
    values, months = _periods(cells, {"efficiency": "pctred"}, True, percent=True) if extended else _classic(cells)
    if not values and not months and not cells.faulty:
        cells.fault("ann_pctred" if extended else "ceff", "is blank", "write a percentage")
    return Record(
        "control", "cost", cells.file, cells.line, keys, values, months, date,
        replaces=cells.flag("replacement", "R", "A"), applies=cells.flag("application_control", "Y", "N"),
        abbreviation=cells.key("pri_cm_abbrev"), comment=cells.text("comment"),
    )  # fmt: skip


def _closure(extended: bool, keys: dict[str, str], cells: Cells) -> Record:
    region, facility = ("region_cd", "facility_id") if extended else ("fips", "plantid")
    for name, column in (("region", region), ("facility", facility)):
        if name not in keys:
            cells.fault(column, "is blank", "a closure names the region and the facility that closes")
    name = cells.text("facility_name" if extended else "plant")
    return Record("closure", "cost", cells.file, cells.line, keys, date=cells.date("effective_date"), abbreviation=name,
                  comment=cells.text("comment") or cells.text("reference"))  # fmt: skip


def _periods(
    cells: Cells, names: dict[str, str], extended: bool, percent: bool
) -> tuple[dict[str, float], dict[str, tuple[float, ...]]]:
    """Return the numbers of the year and of its months, by what they are."""
    read = cells.percent if percent else cells.number
    values: dict[str, float] = {}
    months: dict[str, tuple[float, ...]] = {}
    for name, column in names.items():
        annual = read(f"ann_{column}" if extended else column)
        if annual is not None:
            values[name] = annual
        if extended:
            found = [read(f"{month}_{column}") for month in MONTHS]
            if any(value is not None for value in found):
                months[name] = tuple(float("nan") if value is None else value for value in found)
    return values, months


def _classic(cells: Cells) -> tuple[dict[str, float], dict[str, tuple[float, ...]]]:
    """Return the percent reduction of a classic control: a rule that is not given works fully, and everywhere."""
    efficiency = cells.percent("ceff")
    if efficiency is None:
        return {}, {}
    for name in ("reff", "rpen"):
        part = cells.percent(name)
        efficiency *= 1.0 if part is None else part
    return {"efficiency": efficiency}, {}
