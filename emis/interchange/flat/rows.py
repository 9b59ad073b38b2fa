"""Rows of flat files from sources: which pairs of source and pollutant are written, and the text of each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emis import nomenclatures
from emis.coded import Coded, Codes, Texts, objects
from emis.errors import Issues
from emis.interchange.cells import harmless, in_unit, number, percent
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.io.flat_layouts import MONTHS, MONTHS_REMOVED, Layout
from emis.io.flat_sources import tag
from emis.numbering import alike
from emis.units import SHORT_TON

__all__ = ["Flattened", "amounts", "flattened", "percents", "sccs", "tags", "write_rows"]

#: Columns that hold numbers, and stand without quotes.
_NUMBERS = frozenset(
    {"ann_value", "ann_pct_red", "longitude", "latitude", "projection_factor", "current_cost", "cumulative_cost"}
    | {"calc_year", "date_updated", "stkhgt", "stkdiam", "stktemp", "stkflow", "stkvel", "design_capacity"}
    | {"fug_height", "fug_width_xdim", "fug_length_ydim", "fug_angle", "annual_avg_hours_per_year"}
    | {*MONTHS, *MONTHS_REMOVED}
)
_MOST_NAMED = 12


@dataclass(frozen=True)
class Flattened:
    """Pairs of source and pollutant of one year that are written, R long, and what is the same for any layout.

    `values` are [t/yr]; `columns` holds texts by column, as long as there are sources, or sources × pollutants.
    """

    series: Series
    year: int
    source: Codes
    pollutant: Codes
    values: Floats
    columns: Mapping[str, Texts]

    def only(self, chosen: np.ndarray) -> "Flattened":
        """Return the pairs of chosen sources."""
        kept = chosen[self.source]
        return Flattened(
            self.series, self.year, self.source[kept], self.pollutant[kept], self.values[kept], self.columns
        )

    def texts(self, name: str) -> Coded:
        """Return the texts of a column, R; blanks where there is no such column."""
        found = self.columns.get(name)
        if found is None:
            return Coded.full(len(self.source), "")
        if found.ndim > 1:
            return Coded.of(found[self.source, self.pollutant])
        return Coded.of(found).take(self.source)


def flattened(series: Series, year: int, columns: Mapping[str, Texts], shown: str, issues: Issues) -> Flattened:
    """Return what is written of a year: what is known, and no notation key; what is left out is told."""
    at = series.years.index(year)
    values, keys = series.values[at], series.keys[at]
    kept = ~np.isnan(values) & (keys == "")
    for key, what in (
        ("NE", "not estimated"), ("C", "confidential"), ("IE", "included elsewhere"), ("NO", "not occurring"),
    ):  # fmt: skip
        if count := int(np.count_nonzero(keys == key)):
            message = f"{count:,} pairs of source and pollutant are {key} ({what}) and have no row"
            issues.warn(shown, 0, "ann_value", message, "whoever reads the file takes them for not reported")
    if count := int(np.count_nonzero(np.isnan(values) & (keys == ""))):
        issues.warn(shown, 0, "ann_value", f"{count:,} pairs of source and pollutant are not known and have no row")
    source, pollutant = np.nonzero(kept)
    return Flattened(series, year, source, pollutant, values[kept], columns)


def sccs(series: Series, shown: str, needed: bool, issues: Issues) -> Texts:
    """Return the SCC of each source: its own, its category where that is one, or the one that its labels lead to.

    Parameters
    ----------
    needed : bool
        Whether a source without SCC is a fault; otherwise it is only told.
    """
    inventory = series.inventory
    found = inventory.attributes.get("scc", np.full(len(inventory), "", dtype=object)).copy()
    category = Coded.of(inventory.labels["category"])
    codes = [str(text) for text in category.values]
    known = nomenclatures.sectors("scc", codes)
    is_scc = [bool(one) and code.isdecimal() and len(code) in (8, 10) for code, one in zip(codes, known, strict=True)]
    found = np.where((found == "") & np.array(is_scc, dtype=bool)[category.codes], inventory.labels["category"], found)
    led = _led_to(series)
    by_labels = (found == "") & (led != "")
    if by_labels.any():
        message = (
            f"the SCC of {np.count_nonzero(by_labels):,} of {len(found):,} sources is the one their labels lead to"
        )
        issues.warn(shown, 0, "scc", message, "a column `scc` in their table says otherwise")
    found = np.where(by_labels, led, found)
    lacking = np.flatnonzero(found == "")
    if len(lacking):
        names = [str(inventory.labels["source"][one]) for one in lacking[:_MOST_NAMED].tolist()]
        more = f" and {len(lacking) - len(names):,} more" if len(lacking) > len(names) else ""
        message = f"{len(lacking):,} of {len(found):,} sources have no SCC: {', '.join(names)}{more}"
        file, line = inventory.place(int(lacking[0]))
        hint = "give their table a column `scc` with the Source Classification Code of each row"
        (issues.error if needed else issues.warn)(file or shown, line, "scc", message, hint)
    return found


def _led_to(series: Series) -> Texts:
    """Return the SCC that the labels of each source lead to, "" for none or several."""
    inventory = series.inventory
    found = np.full(len(inventory), "", dtype=object)
    known = nomenclatures.assigned("scc", inventory.labels, {})
    single = np.bincount(known.source, minlength=len(found))[known.source] == 1
    found[known.source[single]] = known.code[single]
    return found


def tags(flat: Flattened, layout: Layout) -> tuple[Texts, int]:
    """Return the comment of each source that carries its labels, "" for one that is told by its codes alone.

    Rows of one key and pollutant are told apart by it too; how many there are is returned beside.
    """
    inventory = flat.series.inventory
    labels, scc = inventory.labels, flat.columns["scc"]
    coded = Coded.of(scc)
    sectors = objects([one or "other" for one in nomenclatures.sectors("scc", [str(one) for one in coded.values])])
    own = (labels["category"] == scc) & (labels["fuel"] == "") & (labels["technology"] == "")
    own &= labels["sector"] == sectors[coded.codes]
    starts = zip(labels["source"], labels["sector"], scc, strict=True)
    own &= np.array([source.startswith(f"{sector}/{code}/") for source, sector, code in starts], dtype=bool)
    group, _ = alike(*(flat.texts(name).codes for name in ("country_cd", "scc", *layout.key)))
    pair, _ = alike(group, flat.pollutant)
    again = np.bincount(pair)[pair] > 1 if len(pair) else np.zeros(0, dtype=bool)
    own[flat.source[np.isin(group, group[again])]] = False
    found = np.full(len(inventory), "", dtype=object)
    names = ("source", "sector", "category", "fuel", "technology")
    for one in np.flatnonzero(~own).tolist():
        found[one] = tag(*(str(labels[name][one]) for name in names))
    return found, int(np.count_nonzero(again))


def write_rows(flat: Flattened, layout: Layout, own: Mapping[str, Sequence[str]]) -> str:
    """Return the rows of a layout, a line each; `own` holds columns row by row, in place of those of the sources."""
    columns: list[Sequence[str]] = []
    for name in layout.columns:
        if name in own and name in _NUMBERS:
            columns.append(own[name])
            continue
        coded = Coded.of(own[name]) if name in own else flat.texts(name)
        bare = name in _NUMBERS
        cells = [text if bare and _is_number(text) else _quoted(text) for text in map(str, coded.values)]
        columns.append([cells[code] for code in coded.codes.tolist()])
    return "".join(f"{','.join(row)}\n" for row in zip(*columns, strict=True))


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _quoted(text: str) -> str:
    """Return a text in quotes that no spreadsheet runs, on one line; a blank as it is."""
    return '"' + harmless(" ".join(text.splitlines())).replace('"', '""') + '"' if text else ""


def amounts(flat: Flattened, monthly: Floats | None = None) -> dict[str, Sequence[str]]:
    """Return ann_value [short tons/yr], and jan_value to dec_value [short tons/month] where months are known.

    Parameters
    ----------
    monthly : ndarray, S × P × 12 [t/month], optional
        Emissions by month, NaN where they are not known; otherwise a source's profile tells.
    """
    found: dict[str, Sequence[str]] = {"ann_value": in_unit(flat.values, SHORT_TON)}
    months = _by_profile(flat) if monthly is None else monthly[flat.source, flat.pollutant] / SHORT_TON
    rows = np.flatnonzero(~np.isnan(months).any(axis=1))
    if not len(rows):
        return found
    for name, column in zip(MONTHS, months[rows].T, strict=True):
        texts = [text.removesuffix(".0") for text in map(repr, column.tolist())]
        if len(rows) < len(months):
            cells = flat.texts(name).texts.copy()
            cells[rows] = texts
            texts = cells.tolist()
        found[name] = texts
    return found


def _by_profile(flat: Flattened) -> Floats:
    """Return emissions by month, R × 12 [short tons/month]; NaN where a source has no profile."""
    inventory = flat.series.inventory
    coded, nothing = Coded.of(inventory.profile), np.full(12, np.nan)
    shares = np.array([inventory.profiles.get(str(name), nothing) for name in coded.values]).reshape(-1, 12)
    return np.asarray(flat.values[:, None] / SHORT_TON * shares[coded.codes[flat.source]])


def percents(values: Floats) -> list[str]:
    """Return shares [1] in percent: texts that read back as the same number; NaN as a blank."""
    return [number(value) for value in percent(values).tolist()]
