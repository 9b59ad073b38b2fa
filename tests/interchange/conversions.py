"""Conversions in tests: small inventories, and what comes back of them."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from emis.coded import objects
from emis.interchange.converting import Read, read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.interchange.series import Series
from emis.inventory import Inventory
from emis.vocabulary import LABELS, SECTORS

#: Labels that are hard to carry: they hold what parts names, starts formulas, or looks like an escape.
HARD = ("a|b", "%7C", "50 % rated", "=1+1", "x/y", "重型 truck", "unspecified-not", "T&D")
_label = st.sampled_from(["", "diesel", "coal", *HARD])
_amount = st.one_of(st.just(np.nan), st.just(0.0), st.floats(1e-9, 1e9), st.integers(1, 10**6).map(float))


def inventory(
    labels: list[tuple[str, ...]], values: np.ndarray, pollutants: tuple[str, ...], **keys: object
) -> Inventory:
    """Return reported sources: labels in the order of `LABELS`, values S × P [t/yr]; ids are the labels joined."""
    ids = [str(one) for one in keys.pop("ids", None) or ["/".join(filter(None, one)) for one in labels]]  # type: ignore
    order = sorted(range(len(ids)), key=ids.__getitem__)
    size = len(ids)
    known = {
        "name": "town-2020", "base_year": 2020, "notation": np.full(values.shape, "", dtype=object), **keys,
    }  # fmt: skip
    return Inventory(
        pollutants=pollutants,
        labels={"source": objects([ids[at] for at in order])}
        | {name: objects([labels[at][n] for at in order]) for n, name in enumerate(LABELS)},
        activity=np.ones(size), activity_unit=objects(["1"] * size), factor=values[order],
        reported=np.ones(size, dtype=bool), control=np.zeros(values.shape), profile=objects([""] * size),
        **known,  # type: ignore[arg-type]
    )  # fmt: skip


@st.composite
def series(draw: st.DrawFn) -> Series:
    """Draw a series of some sources, of labels that may be hard to carry, with and without a plan."""
    sectors = st.sampled_from(sorted(SECTORS))
    category = st.sampled_from(["stove", "bus", *HARD])
    row = st.tuples(sectors, category, _label, _label, _label, _label)
    labels = draw(st.lists(row, min_size=1, max_size=6, unique=True))
    years = (2020, 2025)[: draw(st.integers(1, 2))]
    pollutants = ("SO2", "NOx", "VOC", "PM2.5")[: draw(st.integers(1, 4))]
    shape = len(years), len(labels), len(pollutants)

    def numbers() -> np.ndarray:
        cells = draw(st.lists(_amount, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
        return np.array(cells).reshape(shape)

    values = numbers()
    values[0, 0, 0] = draw(st.floats(1e-9, 1e9))
    ids = [f"s{n:02d}" for n in range(len(labels))]
    found = inventory(labels, np.nan_to_num(values[0]), pollutants, ids=ids)
    without = np.where(np.isnan(values), np.nan, np.abs(numbers())) if draw(st.booleans()) else None
    if without is not None:
        without = np.where(np.isnan(values), np.nan, np.nan_to_num(without))
    keys = np.full(shape, "", dtype=object)
    return Series(found, years, values, keys, "plan", "a model", without)


def there_and_back(given: Series, name: str, path: Path, by: str = "source", **asked: object) -> Read:
    """Return what is read of a series that was written in a format."""
    settings = Settings(by=by, **asked)  # type: ignore[arg-type]
    write_file([given], FORMATS[name], path, settings)
    return read_file(path, Settings())


def cells(given: Series, names: tuple[str, ...] = LABELS) -> dict[tuple[object, ...], float]:
    """Return every number that is stated, by labels, pollutant and year."""
    found: dict[tuple[object, ...], float] = {}
    labels = [given.inventory.labels[name].tolist() for name in names]
    for s, of in enumerate(zip(*labels, strict=True)):
        for y, year in enumerate(given.years):
            for p, pollutant in enumerate(given.pollutants):
                if not np.isnan(value := given.values[y, s, p]):
                    key = (*of, pollutant, year)
                    found[key] = found.get(key, 0.0) + float(value)
    return found
