"""The table of all sources of an inventory in blocks: what each emits, as its share of the row it is condensed to."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.entries import Indices
from emis.inventory import Floats, Inventory
from emis.io.outputs import OutputError
from emis.projection import Projection

__all__ = ["Condensates", "Rows", "SourceTable", "widths"]

_EMISSIONS, _ACTIVITY = ("emissions", "emissions_no_plan"), ("activity", "activity_no_plan")
_TEXTS = ("source", *vocabulary.LABELS, "activity_unit")


@dataclass(frozen=True)
class Condensates:
    """What the rows of a condensed inventory emit and do: arrays by name, year[, month] × row[ × pollutant].

    The years are those from the base year on that have no other inventory: its sources would be others.
    """

    dims: tuple[str, ...]
    years: tuple[int, ...]
    pollutants: tuple[str, ...]
    arrays: dict[str, Floats]

    @classmethod
    def of(cls, projection: Projection) -> "Condensates":
        """Return those of a projection, in the order of its program's inventory."""
        inventory, dataset = projection.program.inventory, projection.dataset
        own = [
            year for year in projection.scenario.years
            if year >= inventory.base_year and (year == inventory.base_year or year not in projection.inventories)
        ]  # fmt: skip
        names = inventory.labels["source"].astype(str)
        chosen = dataset[[*_EMISSIONS, *_ACTIVITY]].sel(year=own, pollutant=list(inventory.pollutants))
        rows = chosen.isel(source=chosen.indexes["source"].get_indexer(names))
        dims = tuple(str(name) for name in rows["activity"].dims[:-1])
        return cls(dims, tuple(own), inventory.pollutants, {str(n): rows[n].values for n in rows.data_vars})


@dataclass(frozen=True)
class Rows:
    """Sources of the table: texts by name, the condensed row of each, and their shares of it.

    `activity` is n [1], `emissions` n × P [1].
    """

    texts: dict[str, NDArray[Any]]
    row: Indices
    activity: Floats
    emissions: Floats

    @classmethod
    def of(cls, inventory: Inventory, whole: Inventory, row: Indices, members: Indices, part: slice) -> "Rows":
        """Return a part of a block's sources, which are in these rows, of so many members, of the whole."""
        row, reported = row[part], inventory.reported[part]
        alone = members[row] == 1
        share = np.where(reported | alone, 1.0, _share(inventory.activity[part], whole.activity[row]))
        tonnes = _share(inventory.factor[part], whole.factor[row])
        emissions = np.where((reported & ~alone)[:, None], tonnes, share[:, None])
        texts = {name: inventory.labels[name][part] for name in ("source", *vocabulary.LABELS)}
        return cls({**texts, "activity_unit": inventory.activity_unit[part]}, row, share, emissions)

    @classmethod
    def joined(cls, several: Sequence["Rows"]) -> "Rows":
        """Return several one after the other."""
        texts = {name: np.concatenate([one.texts[name] for one in several]) for name in several[0].texts}
        row, activity, emissions = (
            np.concatenate([getattr(one, name) for one in several]) for name in ("row", "activity", "emissions")
        )
        return cls(texts, row, activity, emissions)


def _share(part: Floats, whole: Floats) -> Floats:
    """Return shares [1]; of nothing there is none, and what is not known has one that does not matter."""
    with np.errstate(invalid="ignore"):
        return np.divide(part, whole, out=np.zeros_like(part), where=~(whole == 0))


@dataclass(frozen=True)
class SourceTable:
    """A table that is written part by part: a folder of Parquet files, or a Zarr store of one chunk for each part."""

    path: Path
    storage: Literal["parquet", "zarr"]
    condensates: Condensates
    sources: int
    size: int
    widths: dict[str, int]

    @classmethod
    def prepared(
        cls, folder: Path, storage: Literal["parquet", "zarr"], projection: Projection, sources: int, size: int,
        widths: dict[str, int],
    ) -> "SourceTable":  # fmt: skip
        """Make room for a table of so many sources, `size` of them to a part, and for texts so long.

        Raises
        ------
        OutputError
            When the library that writes it is not installed.
        """
        table = cls(folder / f"sources.{storage}", storage, Condensates.of(projection), sources, size, widths)
        if storage == "zarr":
            table._make_store()
        else:
            _parquet()
            table.path.mkdir()
        return table

    def write(self, number: int, rows: Rows) -> None:
        """Write a part; written twice, it is the same."""
        if self.storage == "zarr":
            self._write_chunk(number, rows)
        else:
            self._write_file(number, rows)

    def _values(self, name: str, rows: Rows) -> Floats:
        """Return a variable at the sources of a part, year[, month] × n[ × P]."""
        values = self.condensates.arrays[name]
        if name in _ACTIVITY:
            return np.asarray(values[..., rows.row] * rows.activity)
        found: Floats = values[..., rows.row, :]
        found *= rows.emissions
        return found

    def _write_file(self, number: int, rows: Rows) -> None:
        pa, parquet = _parquet()
        columns: dict[str, Any] = {name: pa.array(values, pa.string()) for name, values in rows.texts.items()}
        for name in (*_ACTIVITY, *_EMISSIONS):
            values = self._values(name, rows)
            yearly = values.sum(axis=1) if "month" in self.condensates.dims else values
            for at, year in enumerate(self.condensates.years):
                if name in _ACTIVITY:
                    columns[f"{name} {year}"] = yearly[at]
                    continue
                for column, pollutant in enumerate(self.condensates.pollutants):
                    columns[f"{name} {year} {pollutant} [t]"] = yearly[at, :, column]
        place = self.path / f"part-{number:05d}.parquet"
        # A task may run twice at once, when its worker was only thought lost: each writes a file of its own.
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        # Numbers seldom repeat: a dictionary of them would be built for nothing.
        parquet.write_table(
            pa.table(columns), draft, use_dictionary=list(_TEXTS), compression="zstd", compression_level=1
        )
        draft.replace(place)

    def _make_store(self) -> None:
        zarr = _zarr()
        known = self.condensates
        shape = {"year": len(known.years), "month": 12, "pollutant": len(known.pollutants), "source": self.sources}
        chunk = {**shape, "source": self.size}
        group = zarr.open_group(str(self.path), mode="w", zarr_format=2)
        coordinates = " ".join(_TEXTS[1:])
        for name in (*_EMISSIONS, *_ACTIVITY):
            dims = (*known.dims, "source", *(("pollutant",) if name in _EMISSIONS else ()))
            made = group.create_array(
                name, shape=[shape[one] for one in dims], chunks=[chunk[one] for one in dims], dtype="f8",
                fill_value=np.nan,
            )  # fmt: skip
            units = "t" if name in _EMISSIONS else "1"
            made.attrs.update(_ARRAY_DIMENSIONS=list(dims), units=units, coordinates=coordinates)
        # Nothing stands for what is missing: no text is, and no year.
        for name in _TEXTS:
            # The format has no settled form for texts of any length.
            made = group.create_array(
                name, shape=[self.sources], chunks=[self.size], dtype=self._text(name), fill_value=None
            )
            made.attrs["_ARRAY_DIMENSIONS"] = ["source"]
        coords = {"year": np.array(known.years), "month": np.arange(1, 13), "pollutant": np.array(known.pollutants)}
        for name in (*known.dims, "pollutant"):
            values = coords[name]
            made = group.create_array(
                name, shape=values.shape, chunks=values.shape, dtype=values.dtype, fill_value=None
            )
            made[:] = values
            made.attrs["_ARRAY_DIMENSIONS"] = [name]

    def _text(self, name: str) -> str:
        return f"<U{max(1, self.widths[name])}"

    def _write_chunk(self, number: int, rows: Rows) -> None:
        group = _zarr().open_group(str(self.path), mode="r+", zarr_format=2)
        part = slice(number * self.size, number * self.size + len(rows.row))
        for name in (*_EMISSIONS, *_ACTIVITY):
            at = (..., part, slice(None)) if name in _EMISSIONS else (..., part)
            group[name][at] = self._values(name, rows)
        for name in _TEXTS:
            group[name][part] = rows.texts[name].astype(self._text(name))

    def finish(self) -> None:
        """Gather what describes a store in one place, so that it is opened by one read."""
        if self.storage == "zarr":
            _zarr().consolidate_metadata(str(self.path), zarr_format=2)


def widths(inventory: Inventory) -> dict[str, int]:
    """Return how long the texts of sources are at most, by name."""
    texts = {**{name: inventory.labels[name] for name in _TEXTS[:-1]}, "activity_unit": inventory.activity_unit}
    return {name: max(map(len, values.tolist()), default=0) for name, values in texts.items()}


def _parquet() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError:
        raise OutputError("a table of all sources needs pyarrow: pip install 'emis[parquet]'") from None
    return pa, parquet


def _zarr() -> Any:
    try:
        import zarr
    except ImportError:
        raise OutputError("--format zarr needs zarr: pip install 'emis[zarr]'") from None
    return zarr
