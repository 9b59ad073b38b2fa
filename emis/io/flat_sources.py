"""Sources of a flat file: which rows are of one, what it is called, and what the file says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emis.coded import Coded, Codes, Texts, objects
from emis.errors import Issues
from emis.inventory import Floats
from emis.io.columns import Table
from emis.io.flat_layouts import Layout
from emis.numbering import alike, one_key

__all__ = ["Grouped", "grouped", "identities", "plain", "split_by_months", "tag", "told"]

#: What a comment starts with that carries the labels of emis: ``emis|source|sector|category|fuel|technology``, and
#: behind another ``|`` the comment itself. In labels ``%25`` stands for ``%`` and ``%7C`` for ``|``.
_TAG = "emis|"
#: By how much the shares of a month in a year may differ between pollutants of one source: they were rounded.
_SAME_SHARE = 1e-5


@dataclass(frozen=True)
class Grouped:
    """Rows by source: the source of each row, the first row of each source, and what keeps equal keys apart.

    `apart` names the columns by which sources of one key differ; `part` is 0, or numbers sources that are of one key
    but have months of their own.
    """

    source: Codes
    first: Codes
    apart: Texts
    part: Codes

    def __len__(self) -> int:
        return len(self.first)

    def ordered(self, order: Codes) -> "Grouped":
        """Return the same rows with the sources in another order."""
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return Grouped(place[self.source], self.first[order], self.apart[order], self.part[order])


def grouped(table: Table, layout: Layout, region: Coded, pollutant: Coded, issues: Issues) -> Grouped:
    """Group rows by the key of their source; two rows of one source and pollutant are a fault."""
    keys = [table.column(name).coded.codes for name in ("country_cd", "scc", *layout.key[1:])]
    source, first = alike(region.codes, *keys, _tags(table).codes)
    apart = np.full(len(table), "", dtype=object)
    again = _again(source, pollutant)
    if layout.apart and len(again):
        kept = Coded.of(_joined([table.column(name).coded for name in layout.apart]))
        twice = np.isin(source, source[again])
        apart[twice] = kept.texts[twice]
        source, first = alike(source, np.where(twice, kept.codes + 1, 0))
        again = _again(source, pollutant)
    _, earliest = alike(source, pollutant.codes)
    pair = one_key([source, pollutant.codes])
    before = dict(zip(pair[earliest].tolist(), earliest.tolist(), strict=True))
    codes = table.column("poll").cells if len(again) else ()
    for row in again.tolist():
        one = before[int(pair[row])]
        name = codes[row] if codes[row] == codes[one] else f"{codes[row]}, which is {codes[one]},"
        message = f"a second row for {name} of one source, the first is in line {table.place(one)[1]}"
        issues.error(*table.place(row), "poll", message, "keep one of them, or tell the sources apart")
    return Grouped(source, first, apart[first], np.zeros(len(first), dtype=np.intp))


def _again(source: Codes, pollutant: Coded) -> Codes:
    """Return the rows that repeat a pollutant of a source."""
    _, earliest = alike(source, pollutant.codes)
    repeated = np.ones(len(source), dtype=bool)
    repeated[earliest] = False
    return np.flatnonzero(repeated)


def _tags(table: Table) -> Coded:
    """Return what comments of emis say of their source, "" for other comments."""
    comments = table.column("comment").coded
    tags = Coded.of(objects([_tag(str(text))[0] for text in comments.values]))
    return Coded(tags.values, tags.codes[comments.codes])


def tag(*labels: str) -> str:
    """Return what a comment starts with that carries these labels: source, sector, category, fuel, technology."""
    return _TAG + "|".join(label.replace("%", "%25").replace("|", "%7C") for label in labels)


def _tag(comment: str) -> tuple[str, str]:
    """Split a comment into what emis wrote in front, "" if nothing, and the comment itself."""
    parts = comment.split("|", 6)
    if not comment.startswith(_TAG) or len(parts) < 6:
        return "", comment
    return "|".join(parts[:6]), "".join(parts[6:])


def _joined(columns: Sequence[Coded]) -> Texts:
    return objects(["/".join(filter(None, texts)) for texts in zip(*(one.texts for one in columns), strict=True)])


def split_by_months(found: Grouped, shares: Floats, emitting: Codes) -> Grouped:
    """Split sources whose pollutants have months of their own, so that each source has one profile.

    Parameters
    ----------
    shares : ndarray, R × 12
        The share of each month [1], NaN where a row has none.
    emitting : ndarray
        Rows that emit something: the others go with any profile.
    """
    if not len(emitting) or np.isnan(shares[emitting]).all():
        return found
    known = np.nan_to_num(shares, nan=-1.0)
    part = np.zeros(len(found.source), dtype=np.intp)
    left, number = emitting, 0
    while len(left):
        _, first = alike(found.source[left])
        model = np.full(len(found), -1)
        model[found.source[left[first]]] = left[first]
        same = (np.abs(known[left] - known[model[found.source[left]]]) <= _SAME_SHARE).all(axis=1)
        part[left[same]] = number
        left, number = left[~same], number + 1
    source, first = alike(found.source, part)
    return Grouped(source, first, found.apart[found.source[first]], part[first])


# -- what a source is called -----------------------------------------------------------------------------------------


def identities(
    table: Table, layout: Layout, found: Grouped, region: Coded, sector: Coded, pollutant: Coded
) -> tuple[list[str], dict[str, Coded]]:
    """Return the id of each source, and its labels: those that a comment of emis carries, or those of its codes."""
    first = found.first
    scc = table.column("scc").coded.take(first)
    labels = {
        "sector": sector.take(first),
        "category": scc,
        "fuel": Coded.full(len(first), ""),
        "technology": Coded.full(len(first), ""),
        "region": region.take(first),
        "facility": _texts(table, "facility_id", first),
    }
    keys = [labels["sector"], scc, *_country(table, first), labels["region"]]
    keys += [_texts(table, name, first) for name in layout.key[1:]]
    parts = zip(*(one.texts.tolist() for one in keys), strict=True)
    names = ["/".join(text or "-" for text in _without_end(one)) for one in parts]
    names = [f"{name}/{apart}" if apart else name for name, apart in zip(names, found.apart.tolist(), strict=True)]
    tags = _tags(table).take(first)
    if any(tags.values):
        names = [_tagged(tag, 0) or name for tag, name in zip(tags.texts.tolist(), names, strict=True)]
        for at, label in enumerate(("sector", "category", "fuel", "technology"), start=2):
            texts = zip(tags.texts.tolist(), labels[label].texts.tolist(), strict=True)
            labels[label] = Coded.of(objects([_tagged(tag, at - 1) if tag else text for tag, text in texts]))
    for index in np.flatnonzero(found.part > 0).tolist():
        names[index] += f"/{pollutant.values[pollutant.codes[first[index]]]}"
    return _distinct(names), labels


def _texts(table: Table, name: str, rows: Codes) -> Coded:
    """Return the texts of a column in some rows, as they were before spreadsheets were kept from running them."""
    coded = table.column(name).coded.take(rows)
    return Coded(objects([plain(str(text)) for text in coded.values]), coded.codes)


def _tagged(tag: str, place: int) -> str:
    parts = tag.split("|")[1:]
    return parts[place].replace("%7C", "|").replace("%25", "%") if place < len(parts) else ""


def _country(table: Table, first: Codes) -> list[Coded]:
    """Return the country of each source where a file has several."""
    found = table.column("country_cd").coded.take(first)
    return [found] if len(found.met()) > 1 else []


def _without_end(texts: Sequence[str]) -> Sequence[str]:
    end = len(texts)
    while end and not texts[end - 1]:
        end -= 1
    return texts[:end]


def _distinct(names: list[str]) -> list[str]:
    """Return ids with a number behind those that stand twice: parts of a key may hold what joins them."""
    count: dict[str, int] = {}
    known = set(names)
    if len(known) == len(names):
        return names
    for index, name in enumerate(names):
        count[name] = count.get(name, 0) + 1
        if count[name] > 1:
            while (other := f"{name}~{count[name]}") in known:
                count[name] += 1
            names[index] = other
            known.add(other)
    return names


# -- what the file says of it ----------------------------------------------------------------------------------------


def told(table: Table, found: Grouped, pollutant: Codes, pollutants: int, names: Sequence[str]) -> dict[str, Texts]:
    """Return what columns say of sources as texts: S long, or S × P where rows of one source differ.

    What is blank throughout is left out.
    """
    attributes: dict[str, Texts] = {}
    for name in names:
        column = table.get(name)
        if column is None or not column.filled(np.arange(len(table))).any():
            continue
        coded = column.coded
        texts = Coded.of(objects([plain(_tag(str(text))[1]) for text in coded.values]))
        coded = Coded(texts.values, texts.codes[coded.codes])
        if not any(coded.met()):
            continue
        of_source = coded.codes[found.first]
        if np.array_equal(coded.codes, of_source[found.source]):
            attributes[name] = coded.values[of_source]
            continue
        attributes[name] = np.full((len(found), pollutants), "", dtype=object)
        attributes[name][found.source, pollutant] = coded.texts
    return attributes


def plain(text: str) -> str:
    """Return a text without the apostrophe that keeps spreadsheets from running it."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text
