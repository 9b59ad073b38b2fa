"""Tables of colleagues, read by a mapping that says what their columns are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emis import units, vocabulary
from emis.coded import Coded, Codes, Labels, Places, Texts, objects
from emis.errors import Issues
from emis.interchange.formats import Format, Given, Head
from emis.interchange.mapped.cells import Cells
from emis.interchange.mapped.columns import fields_of, ids_of, numbers_of
from emis.interchange.mapped.rows import Sheet, plain, read_sheet
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.io.mappings import LoadedMapping, MappedTable, load_mapping

__all__ = ["MAPPING"]


@dataclass
class _Rows:
    """What tables hold, one entry for each number: whose it is, of which year and pollutant, and where it stands.

    Of what is given as activity, `values` are factors [t per activity unit].
    """

    source: list[str] = field(default_factory=list)
    year: list[int] = field(default_factory=list)
    pollutant: list[str] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    keys: list[Texts] = field(default_factory=list)
    control: list[Floats] = field(default_factory=list)
    place: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Source:
    """A source as its first row has it: labels and attributes by name, coordinates, activity, and its place.

    `absent` is the notation key of pollutants that its table does not have, "" for none.
    """

    texts: Mapping[str, str]
    point: tuple[float, float]
    activity: float
    unit: str
    place: tuple[str, int]
    absent: str


class _Reader:
    """Reads the tables of a mapping, one after the other."""

    def __init__(self, issues: Issues, year: int):
        self.issues, self.year = issues, year
        self.sources: dict[str, _Source] = {}
        self.rows = _Rows()
        self.notes: list[str] = []

    def add(self, table: MappedTable, sheet: Sheet) -> None:
        """Add the rows of a table."""
        before, cells = len(self.issues.errors), Cells(sheet, table)
        fields = fields_of(cells)
        extra = {name: cells.texts(name, given) for name, given in table.attributes.items()}
        points = [cells.coordinates(n, table.columns[n]) if n in table.columns else None for n in ("lon", "lat")]
        activity = self._activity(cells)
        numbers = numbers_of(cells, activity)
        ids = None if len(self.issues.errors) > before else ids_of(sheet, table, fields)
        if ids is None or len(self.issues.errors) > before:
            return
        texts = {**fields, **{f"+{name}": texts for name, texts in extra.items() if texts is not None}}
        years = self._years(sheet, fields.pop("year", None))
        texts.pop("year", None)
        self._sources(sheet, ids, texts, points, activity, table.absent or "")
        for names, values, keys, control in numbers:
            kept = names != ""
            self.rows.source += ids[kept].tolist()
            self.rows.year += years[kept].tolist()
            self.rows.pollutant += names[kept].tolist()
            self.rows.values.append(values[kept])
            self.rows.keys.append(keys[kept])
            self.rows.control.append(control[kept])
            self.rows.place += [(sheet.shown, line) for line in sheet.lines[kept].tolist()]
        if sheet.left_out:
            self.notes.append(f"{sheet.shown}: {sheet.left_out} rows are totals, or left out by the mapping")

    def _activity(self, cells: Cells) -> tuple[Floats, Texts, Texts] | None:
        """Return activities, their notation keys and their units; None of emissions, or with faults."""
        given = cells.table.activity
        found = None if given is None else cells.numbers(given)
        if given is None or found is None:
            return None
        values, keys, column = found
        unit = cells.unit(given, column, None)
        for row in np.flatnonzero(unit == "").tolist() if unit is not None else ():
            cells.sheet.fault(row, column.header, "its unit is blank", "write the unit of the activity")
        return None if unit is None else (values, keys, unit)

    def _years(self, sheet: Sheet, texts: Texts | None) -> Codes:
        """Return the year of each row."""
        if texts is None:
            return np.full(len(sheet), self.year)
        found = np.zeros(len(sheet), dtype=np.intp)
        for row, text in enumerate(texts.tolist()):
            match = re.fullmatch(r"((?:19|20|21)\d\d)年?", plain(text))
            if match is None:
                sheet.fault(row, "year", f"{text!r} is no year" if text else "is blank", "write four digits, e.g. 2020")
            else:
                found[row] = int(match[1])
        return found

    def _sources(
        self, sheet: Sheet, ids: Texts, texts: Mapping[str, Texts], points: Sequence[Floats | None],
        activity: tuple[Floats, Texts, Texts] | None, absent: str,
    ) -> None:  # fmt: skip
        """Note the sources of rows; what two rows say differently of one is a fault."""
        nothing = np.full(len(sheet), np.nan)
        lon, lat = (nothing if one is None else one for one in points)
        lines = sheet.lines.tolist()
        columns = {name: values.tolist() for name, values in texts.items()}
        for row, name in enumerate(ids.tolist()):
            if not name:
                sheet.fault(row, "source", "its id is blank", "name columns that are filled in `source`")
                continue
            here = {label: values[row] for label, values in columns.items()}
            amount, unit = (1.0, "") if activity is None else (float(activity[0][row]), str(activity[2][row]))
            one = _Source(here, (float(lon[row]), float(lat[row])), amount, unit, (sheet.shown, lines[row]), absent)
            first = self.sources.setdefault(name, one)
            if first is not one:
                self._same(sheet, row, name, first, one)

    def _same(self, sheet: Sheet, row: int, name: str, first: _Source, one: _Source) -> None:
        where = "{}:{}".format(*first.place)
        if one.unit or first.unit:
            message = f"{name} stands twice, first in {where}"
            sheet.fault(row, "source", message, "tell the rows apart in `source`, e.g. by {line}")
            return
        for label in vocabulary.LABELS:
            here, there = (each.texts.get(label, "") for each in (one, first))
            if here != there:
                message = f"{name} has the {label} {here!r} here and {there!r} in {where}"
                sheet.fault(row, label, message, "a source has one set of labels: tell the rows apart in `source`")


def _series(reader: _Reader, mapping: LoadedMapping, given: Given, issues: Issues) -> Series | None:
    """Return the series of all rows; None, and faults, where a number stands twice."""
    rows, document = reader.rows, mapping.document
    names = sorted(reader.sources)
    position = {name: at for at, name in enumerate(names)}
    met = set(rows.pollutant)
    pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in met)
    years = tuple(sorted(set(rows.year)))
    column = {name: p for p, name in enumerate(pollutants)}
    s = np.array([position[name] for name in rows.source], dtype=np.intp)
    p = np.array([column[name] for name in rows.pollutant], dtype=np.intp)
    y = np.searchsorted(years, rows.year)
    shape = len(years), len(names), len(pollutants)
    flat = np.ravel_multi_index((y, s, p), shape)
    _, first, where = np.unique(flat, return_index=True, return_inverse=True)
    for again in np.flatnonzero(first[where] != np.arange(len(flat))).tolist():
        earlier = "{}:{}".format(*rows.place[int(first[where[again]])])
        message = f"a second number for {rows.pollutant[again]} of {rows.source[again]}, the first is in {earlier}"
        issues.error(*rows.place[again], "source", message, "tell the rows apart in `source`, e.g. by {line}")
    if issues.errors:
        return None
    values, control = np.full(shape, np.nan), np.zeros(shape)
    keys = np.full(shape, "", dtype=object)
    values[y, s, p], keys[y, s, p] = np.concatenate(rows.values), np.concatenate(rows.keys)
    control[y, s, p] = np.concatenate(rows.control)
    _fill(values, keys, [reader.sources[name].absent for name in names])
    base = years[0]
    inventory = _inventory(reader, names, pollutants, values[0], keys[0], control[0], base, mapping, given)
    whole = np.where(inventory.reported[:, None], values, values * inventory.activity[:, None])
    notes = (f"read by {mapping.shown}", *reader.notes, *([document.note] if document.note else []))
    return Series(inventory, years, whole, keys, notes=notes)


def _fill(values: Floats, keys: Texts, absent: Sequence[str]) -> None:
    """Put keys where the table of a source, in a year that it has, does not have a pollutant."""
    marks = np.array(absent, dtype=object)
    blank = np.isnan(values) & (keys == "")
    blank &= (marks != "")[:, None] & ~blank.all(axis=2, keepdims=True)
    here = np.broadcast_to(marks[:, None], values.shape)
    keys[blank] = here[blank]
    values[blank & ~np.isin(here, ("NE", "C"))] = 0.0


def _inventory(
    reader: _Reader, names: Sequence[str], pollutants: tuple[str, ...], factor: Floats, keys: Texts, control: Floats,
    year: int, mapping: LoadedMapping, given: Given,
) -> Inventory:  # fmt: skip
    sources, document = [reader.sources[name] for name in names], mapping.document
    status = document.status or "reconstruction"
    if document.status is None:
        message = "nothing says whether the inventory is official: it is taken for a reconstruction"
        reader.issues.warn(mapping.shown, 0, "status", message, "add status: official, reconstruction or example")

    def texts(name: str) -> Texts:
        return objects([one.texts.get(name, "") for one in sources])

    extra = dict.fromkeys(name for one in sources for name in one.texts if name.startswith("+") or name == "note")
    reported = np.array([not one.unit for one in sources], dtype=bool)
    files, lines = zip(*(one.place for one in sources), strict=True)
    return Inventory(
        name=document.name or given.path.stem,
        base_year=year,
        pollutants=pollutants,
        labels=Labels({"source": Coded.of(objects(list(names)))} | {n: Coded.of(texts(n)) for n in vocabulary.LABELS}),
        activity=np.array([one.activity for one in sources]),
        activity_unit=np.asarray(
            objects([units.check(one.unit) if one.unit else "1" for one in sources]), dtype=object
        ),
        factor=factor,
        reported=reported,
        control=control,
        profile=np.full(len(sources), "", dtype=object),
        points={name: np.array([one.point[at] for one in sources]) for at, name in enumerate(("lon", "lat"))},
        attributes={name.removeprefix("+"): texts(name) for name in extra},
        notation=keys,
        reference=texts("reference"),
        grade=texts("grade"),
        status=status,
        title={"zh": document.title.zh, "en": document.title.en},
        file=given.shown,
        places=Places(Coded.of(objects(list(files))), np.array(lines, dtype=np.int64)),
        warnings=tuple(reader.issues.warnings),
    )


def _read(given: Given, issues: Issues) -> Sequence[Series]:
    itself = given.path.suffix.lower() in (".yaml", ".yml")
    path = given.path if itself else given.settings.mapping
    if path is None:
        issues.error(
            given.shown, 0, "", "needs a mapping to be read", "say what its columns are: --mapping mapping.yaml"
        )
        return ()
    mapping = load_mapping(path, given.folder, issues)
    if mapping is None:
        return ()
    year = mapping.document.year or given.settings.year or 0
    reader = _Reader(issues, year)
    for at, file in _files(mapping, None if itself else given.path, given, issues):
        table = mapping.document.tables[at]
        if table.sheet is None and given.settings.sheet is not None:
            table = table.model_copy(update={"sheet": given.settings.sheet})
        given.folder.read(file)
        sheet = read_sheet(table, file, given.folder.shown(file), given.settings.encoding, issues)
        if sheet is not None:
            reader.add(table, sheet)
    if issues.errors:
        return ()
    if not reader.rows.source:
        issues.error(mapping.shown, 0, "tables", "there is no number in its tables", "check `skip` and `totals`")
        return ()
    found = _series(reader, mapping, given, issues)
    return () if found is None else _of_year(found, given, issues)


def _of_year(series: Series, given: Given, issues: Issues) -> Sequence[Series]:
    wanted = given.settings.year
    if wanted is None or series.years == (wanted,):
        return (series,)
    if wanted not in series.years:
        there = ", ".join(map(str, series.years))
        issues.error(given.shown, 0, "year", f"there is no year {wanted}", f"there are {there}")
        return ()
    at = [series.years.index(wanted)]
    return (Series(series.of(wanted), (wanted,), series.values[at], series.keys[at], notes=series.notes),)


def _files(mapping: LoadedMapping, table: Path | None, given: Given, issues: Issues) -> list[tuple[int, Path]]:
    """Return the tables of a mapping, by number, and the file of each: the one that is converted, or its own."""
    found = []
    for at, one in enumerate(mapping.document.tables):
        if table is not None and (one.file is None or Path(one.file).name == table.name):
            found.append((at, table))
        elif table is None and one.file is None:
            place = mapping.places.at(("mapping", "tables", at))
            issues.error(*place, f"tables.{at}", "names no file", "add `file`, or convert the table with --mapping")
        elif table is None and (path := mapping.file(at, given.folder, issues)) is not None:
            found.append((at, path))
    if table is not None and not found:
        named = ", ".join(sorted({one.file for one in mapping.document.tables if one.file}))
        issues.error(mapping.shown, 0, "tables", f"none of its tables is {table.name}", f"they are {named}")
    return found


def _is_mapping(head: Head) -> bool:
    if head.suffix not in (".yaml", ".yml"):
        return False
    return any(line.split("#")[0].strip().replace(" ", "") == "emis:mapping/1" for line in head.lines)


MAPPING = Format("mapping", "tables of others, by a mapping.yaml", "", recognises=_is_mapping, read=_read)
