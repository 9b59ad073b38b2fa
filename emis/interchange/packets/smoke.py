"""SMOKE's GCNTL: packets between /NAME/ and /END/ in list-directed lines.

Columns and their order are those of the SMOKE manual, section "GCNTL: Files for controls and/or past- and future-year
growth", and of its reader (CEMPD/SMOKE, src/cntlmat/rdpacket.f). CoST's packets of the classic kind have the same
columns, and at their end a compliance date and NAICS (USEPA/emf, ControlPacketFileFormat and its neighbours); they are
told by their abbreviations, dates and comment lines.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from emis import vocabulary
from emis.errors import Issues
from emis.interchange.packets.cells import Cells
from emis.interchange.packets.cost import CLASSIC, cost_record
from emis.interchange.packets.records import Dialect, Kind, Record

__all__ = ["is_gcntl", "read_gcntl", "tokens"]

_POINT = ("plant", "char1", "char2", "char3", "char4", "char5")
#: Packets and the columns of their lines.
COLUMNS: dict[str, tuple[str, ...]] = {
    "PROJECTION": ("region", "scc", "factor", "pollutant", "sic", "mact", *_POINT),
    "CONTROL": (
        "region",
        "scc",
        "pollutant",
        "equipment",
        "ce",
        "re",
        "rp",
        "sic",
        "mact",
        "apply",
        "replace",
        *_POINT,
    ),
    "ALLOWABLE": ("region", "scc", "pollutant", "factor", "cap", "replacement", "sic", *_POINT),
    "CTG": ("region", "scc", "pollutant", "factor", "cutoff", "mact_factor", "ract_factor"),
    "MACT": ("mact", "scc", "source_type", "apply", "pollutant", "existing", "new", "fraction"),
}
_KINDS: dict[str, Kind] = {"PROJECTION": "projection", "CONTROL": "control", "ALLOWABLE": "allowable", "CTG": "ctg",
                           "MACT": "mact"}  # fmt: skip
#: Packets that are not read, and why.
_REFUSED = {
    "REACTIVITY": "gives sources other SCCs and speciation profiles, which emissions by pollutant do not have",
    "EMS_CONTROL": "states both the base year's control and the future one in fixed columns, and SMOKE has given it up",
}
_KEYS = {"region": "region", "scc": "scc", "pollutant": "pollutant", "sic": "sic", "reg_code": "mact",
         "facility": "plant", "unit": "char1", "rel_point": "char2", "process": "char3"}  # fmt: skip
_HEAD = re.compile(r"\s*/\s*([A-Za-z_]+)([^/]*)/")
_TOKEN = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^\s,;!"']+))?\s*([,;]|!|$)?""")
#: What only CoST's packets have.
_OF_COST = ("pri_cm_abbrev", "compliance_date", "naics", "application_control")
_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4}.*|\d{4}-\d{1,2}-\d{1,2}.*")


def is_gcntl(lines: Sequence[str]) -> bool:
    """Tell whether lines are packets between /NAME/ and /END/."""
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return _HEAD.match(first) is not None


@dataclass
class _Packet:
    """A packet: its name, the line it starts in, its years, its lines and what its comments say."""

    name: str
    line: int
    years: tuple[int, int] | None = None
    rows: list[tuple[int, list[str], str]] = field(default_factory=list)
    comments: str = ""


def read_gcntl(lines: Sequence[str], shown: str, issues: Issues) -> list[Record]:
    """Return the records of all packets in a GCNTL; what cannot be read is noted, all of it."""
    found: list[Record] = []
    seen: dict[str, int] = {}
    for packet in _packets(lines, shown, issues):
        if packet.name in _REFUSED:
            why = _REFUSED[packet.name]
            issues.error(shown, packet.line, packet.name, f"/{packet.name}/ is not read: it {why}",
                         "take the packet out, and write what it does as a measure of a plan")  # fmt: skip
        elif packet.name not in COLUMNS:
            issues.error(shown, packet.line, packet.name, f"/{packet.name}/ is no packet that is known",
                         vocabulary.suggest(packet.name, (*COLUMNS, *_REFUSED)))  # fmt: skip
        elif packet.name in seen:
            issues.error(shown, packet.line, packet.name,
                         f"a second /{packet.name}/, the first is in line {seen[packet.name]}",
                         "put its lines into the first, as SMOKE takes one of a kind")  # fmt: skip
        else:
            seen[packet.name] = packet.line
            found += _records(packet, shown, issues)
    return found


def _packets(lines: Sequence[str], shown: str, issues: Issues) -> Iterator[_Packet]:
    packet: _Packet | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line.lstrip().startswith("#"):
            if packet is not None:
                packet.comments += line.lower()
            continue
        head = _HEAD.match(line)
        name = head[1].upper() if head is not None else ""
        if name == "END":
            if packet is None:
                issues.error(shown, number, "", "/END/ without a packet", "take it out")
            else:
                yield packet
            packet = None
        elif head is not None:
            if packet is not None:
                message = f"/{name}/ before the /END/ of /{packet.name}/"
                issues.error(shown, number, "", message, "write /END/ before it")
                yield packet
            packet = _Packet(name, number, _years(name, head[2], shown, number, issues))
        elif packet is None:
            issues.error(shown, number, "", f"{line.strip()[:40]!r} stands in no packet", "write its /NAME/ before it")
        else:
            packet.rows.append((number, *_split(line)))
    if packet is not None:
        issues.error(shown, packet.line, "", f"/{packet.name}/ has no /END/", "write /END/ behind its last line")
        yield packet


def _years(name: str, text: str, shown: str, line: int, issues: Issues) -> tuple[int, int] | None:
    words = text.split()
    if name != "PROJECTION" and not words:
        return None
    if len(words) == 2 and all(re.fullmatch(r"\d{4}", word) for word in words):
        return int(words[0]), int(words[1])
    if words:
        issues.error(shown, line, name, f"{text.strip()!r} are no two years", "write /PROJECTION 2017 2030/")
    return None


def tokens(line: str) -> list[str]:
    """Return the fields of a list-directed line: between commas, semicolons or blanks, in quotes or not."""
    return _split(line)[0]


def _split(line: str) -> tuple[list[str], str]:
    """Return the fields of a line, and the comment behind its exclamation mark."""
    found: list[str] = []
    at, comma = 0, True
    while at < len(line):
        match = _TOKEN.match(line, at)
        assert match is not None
        double, single, bare, end = match.groups()
        text = next((one for one in (double, single, bare) if one is not None), None)
        if text is not None:
            found.append(text.strip())
        elif end in (",", ";") and comma:
            found.append("")
        if end == "!":
            return found, line[match.end() :].strip()
        comma = end in (",", ";")
        if match.end() == at:  # a quote that never ends
            found.append(line[at:].strip())
            break
        at = match.end()
    return found, ""


def _records(packet: _Packet, shown: str, issues: Issues) -> Iterator[Record]:
    dialect = _dialect(packet)
    columns: tuple[str, ...] = COLUMNS[packet.name]
    if dialect == "cost":
        columns = CLASSIC[_KINDS[packet.name]]
    for line, texts, comment in packet.rows:
        if len(texts) > len(columns):
            message = f"has {len(texts)} fields, and /{packet.name}/ has {len(columns)}"
            issues.error(shown, line, packet.name, message, f"they are {', '.join(columns)}")
            continue
        cells = Cells(dict(zip(columns, texts, strict=False)), shown, line, issues)
        if dialect == "cost":
            record = cost_record(_KINDS[packet.name], False, cells)
        else:
            record = _record(packet, cells, comment)
        if not cells.faulty and record is not None and cells.whole(record):
            yield record


def _dialect(packet: _Packet) -> Dialect:
    """Tell whose format a packet is in: CoST's names measures, dates or NAICS."""
    if packet.name in ("CTG", "MACT"):
        return "smoke"
    if any(word in packet.comments for word in _OF_COST):
        return "cost"
    columns = CLASSIC[_KINDS[packet.name]]
    date = columns.index("compliance_date") if "compliance_date" in columns else -1
    for _, texts, _ in packet.rows:
        if 0 <= date < len(texts) and _DATE.fullmatch(texts[date]):
            return "cost"
        if packet.name == "CONTROL" and len(texts) > 3 and re.search(r"[A-Za-z]", texts[3]):
            return "cost"
    return "smoke"


def _record(packet: _Packet, cells: Cells, comment: str) -> Record | None:
    """Return a record as SMOKE reads it."""
    for name in ("char4", "char5"):
        if cells.key(name):
            message = f"{cells.key(name)!r} is a characteristic that FF10 sources do not have"
            cells.fault(name, message, "leave it blank")
    kind = _KINDS[packet.name]
    keys = cells.keys(_KEYS)
    if kind == "allowable" and keys.pop("sic", ""):
        cells.issues.warn(cells.file, cells.line, "sic", "SMOKE does not match /ALLOWABLE/ by SIC", "it is left out")
    if keys.get("scc") and keys.pop("sic", ""):
        cells.issues.warn(cells.file, cells.line, "sic", "SMOKE matches by the SCC where both are given",
                          "the SIC is left out")  # fmt: skip
    values = {name: value for name, value in _values(kind, cells).items() if value is not None}
    applies = cells.flag("apply", "Y", "N") if kind in ("control", "mact") else True
    # genmultc.f replaces on R and, as files of older versions have it, on Y.
    replaces = cells.flag("replace", "RY", "AN") if kind == "control" else False
    return Record(
        kind, "smoke", cells.file, cells.line, keys, values, replaces=replaces, applies=applies, years=packet.years,
        source_type=cells.key("source_type").zfill(2) if kind == "mact" else "", comment=comment,
    )  # fmt: skip


def _values(kind: Kind, cells: Cells) -> dict[str, float | None]:
    if kind == "projection":
        return {"factor": _needed(cells, "factor")}
    if kind == "control":
        return {"efficiency": _product([_percent(cells, name) for name in ("ce", "re", "rp")])}
    if kind == "allowable":
        found = {name: cells.number(name) for name in ("cap", "replacement")}
        if all(value is None for value in found.values()) and not cells.faulty:
            cells.fault("cap", "neither a cap nor a replacement is given", "write one of them [short tons/day]")
        return dict(found)
    if kind == "ctg":
        factors = {name: cells.number(name, 1.0) for name in ("mact_factor", "ract_factor")}
        return {"factor": _needed(cells, "factor", 1.0), "cutoff": _needed(cells, "cutoff"), **factors}
    if not cells.key("mact"):
        cells.fault("mact", "is blank", "write the MACT code of the sources it is for")
    return {name: _percent(cells, name) for name in ("existing", "new", "fraction")}


def _needed(cells: Cells, name: str, most: float = float("inf")) -> float | None:
    value = cells.number(name, most)
    if value is None and cells.text(name) in ("", "-9"):
        cells.fault(name, "is blank", "write a number")
    return value


def _percent(cells: Cells, name: str) -> float | None:
    if cells.text(name) in ("", "-9"):
        cells.fault(name, "is blank", "write a percentage")
        return None
    return cells.percent(name)


def _product(parts: Sequence[float | None]) -> float | None:
    product = 1.0
    for part in parts:
        if part is None:
            return None
        product *= part
    return product
