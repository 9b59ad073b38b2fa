"""Surrogates: the weights of regions in the cells of a grid, from polygons or from a table of weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from emis.coded import Coded, Codes
from emis.errors import Issues
from emis.grid_settings import Place
from emis.interchange.gridding.plane import Plane
from emis.interchange.gridding.shapes import Shapes, read_shapes
from emis.interchange.gridding.weights import weights
from emis.inventory import Floats
from emis.io.cells import require
from emis.io.many import ManyReader
from emis.io.tables import Table

__all__ = ["Located", "locate", "overlaps"]

#: How far the shares of what is wholly on the grid may be from 1 by rounding; they are then made to sum to 1.
_ROUNDING = 1e-9
_WHOLE = "*"


@dataclass(frozen=True)
class Located:
    """Regions and their weights in cells.

    Attributes
    ----------
    regions : mapping
        The row of each region; "*" for the whole.
    weights : sparse matrix, regions × cells [1]
        Each row sums to the share of the region that is on the grid.
    """

    shown: str
    regions: Mapping[str, int]
    weights: Any
    whole: bool

    def rows(self, labels: Coded) -> Codes:
        """Return the row of each source by its region, -1 where there is none."""
        if self.whole:
            return np.zeros(len(labels), dtype=np.intp)
        found = [self.regions.get(str(label), -1) if label != "" else -1 for label in labels.values]
        return np.array(found, dtype=np.intp)[labels.codes]


def locate(
    place: Place, plane: Plane, named: Callable[[str], Path | None], table: Callable[[str], Table | None],
    shown: Callable[[Path], str], issues: Issues,
) -> Located | None:  # fmt: skip
    """Read a surrogate and lay it over the grid; None, and `issues` says why, when it cannot be.

    Parameters
    ----------
    named, table : callable
        Give the path, and the table, of a file that a key of the surrogate names.
    """
    whole = place.by == "whole"
    if place.weights is not None:
        found = table("weights")
        return None if found is None else _of_table(found, place, plane, whole, issues)
    path = named("areas")
    if path is None:
        return None
    label = None if whole else place.label
    shapes = read_shapes(path, shown(path), place.layer, label, place.weight, issues)
    return None if shapes is None else _of_shapes(shapes, plane, whole, issues)


# -- polygons --------------------------------------------------------------------------------------------------------


def _of_shapes(shapes: Shapes, plane: Plane, whole: bool, issues: Issues) -> Located | None:
    shares, areas = overlaps(shapes.polygons, plane)
    own = areas if shapes.weights is None else shapes.weights
    labels = Coded.full(len(areas), _WHOLE) if whole else Coded.of(shapes.labels)
    return _summed(shapes.shown, labels, own, shares, whole, lambda region, message, hint: issues.error(
        shapes.shown, 0, region, message, hint))  # fmt: skip


def overlaps(polygons: Any, plane: Plane) -> tuple[Any, Floats]:
    """Return which share of each polygon is in each cell, polygons × cells [1], and the areas of the polygons [m2].

    Both are taken in one equal-area plane, where cells share their corners: the shares of a polygon sum to the part of
    it that is on the grid, to rounding.
    """
    import shapely

    def to_plane(points: Floats) -> Floats:
        return np.stack(plane.equal_area(points[:, 0], points[:, 1]), axis=1)

    flat, cells = shapely.transform(polygons, to_plane), shapely.polygons(plane.quads)
    # Rounding can make borders that nearly touch cross each other in the plane.
    wrong = ~shapely.is_valid(flat)
    flat[wrong] = shapely.make_valid(flat[wrong])
    shapely.prepare(flat)
    areas = shapely.area(flat)
    one, cell = shapely.STRtree(cells).query(flat, predicate="intersects")
    within = shapely.contains_properly(flat[one], cells[cell])
    shared = np.empty(len(one))
    shared[within] = shapely.area(cells[cell[within]])
    shared[~within] = shapely.area(shapely.intersection(flat[one[~within]], cells[cell[~within]]))
    shares = sparse.csr_matrix((shared / areas[one], (one, cell)), shape=(len(flat), plane.size))
    shares.eliminate_zeros()
    return _rounded(shares), areas


def _rounded(shares: Any) -> Any:
    """Return shares of which those of what is wholly on the grid sum to 1."""
    sums = np.asarray(shares.sum(axis=1)).ravel()
    near = np.abs(sums - 1) <= _ROUNDING
    return sparse.diags(1 / np.where(near, sums, 1.0)) @ shares


def _summed(
    shown: str, labels: Coded, weights: Floats, shares: Any, whole: bool, fault: Callable[[str, str, str], None]
) -> Located | None:
    """Return regions by the weights of their parts, and the shares of these in cells."""
    totals = np.bincount(labels.codes, weights, len(labels.values))
    for code in np.flatnonzero(totals <= 0).tolist():
        fault(str(labels.values[code]), f"the weights of {labels.values[code]!r} sum to 0", "give it weights above 0")
    if (totals <= 0).any():
        return None
    relative = weights / totals[labels.codes]
    gather = sparse.csr_matrix((relative, (labels.codes, np.arange(len(weights)))), (len(totals), len(weights)))
    regions = {str(label): code for code, label in enumerate(labels.values)}
    return Located(shown, regions, _rounded((gather @ shares).tocsr()).tocsr(), whole)


# -- tables ----------------------------------------------------------------------------------------------------------


def _of_table(table: Table, place: Place, plane: Plane, whole: bool, issues: Issues) -> Located | None:
    before, reader, rows = len(issues.errors), ManyReader(table, issues), np.arange(len(table))
    weight = place.weight or "weight"
    by_cell = "col" in table.columns or "row" in table.columns
    require(
        table, (*(() if whole else (place.label,)), *(("col", "row") if by_cell else ("lon", "lat")), weight), issues
    )
    if len(issues.errors) > before:
        return None
    amounts = weights(reader, rows, weight)
    cells = _cells(reader, rows, plane) if by_cell else _cells_of_points(reader, rows, plane)
    labels = Coded.full(len(table), _WHOLE) if whole else table.column(place.label).coded.ordered()
    blank = np.flatnonzero(labels.texts == "")
    for row in blank.tolist():
        reader.fault(row, place.label, "is blank", "write the label of a region, or by: whole in grid.yaml")
    reader.unused({place.label, "region", "col", "row", "lon", "lat", weight, "reference", "note", "comment"})
    if len(issues.errors) > before:
        return None
    inside = cells >= 0
    shares = sparse.csr_matrix((np.ones(inside.sum()), (rows[inside], cells[inside])), shape=(len(table), plane.size))

    def fault(_region: str, message: str, hint: str) -> None:
        issues.error(table.file, table.header, weight, message, hint)

    return _summed(table.file, labels, amounts, shares, whole, fault)


def _cells(reader: ManyReader, rows: Codes, plane: Plane) -> Codes:
    """Return cells by column and row, which count from 1 in the south-west; -1 outside the grid."""
    found = np.zeros(len(rows), dtype=np.intp)
    inside = np.ones(len(rows), dtype=bool)
    for name, most, stride in (("col", plane.grid.nx, 1), ("row", plane.grid.ny, plane.grid.nx)):
        values = weights(reader, rows, name)
        for row in np.flatnonzero(values != np.floor(values)).tolist():
            reader.fault(row, name, f"{values[row]:g} is no number of a cell", "write 1 for the first")
        inside &= (values >= 1) & (values <= most)
        found += (np.clip(values, 1, most).astype(np.intp) - 1) * stride
    return np.where(inside, found, -1)


def _cells_of_points(reader: ManyReader, rows: Codes, plane: Plane) -> Codes:
    points = reader.points(rows)
    for name, values in points.items():
        for row in np.flatnonzero(~reader.table.column(name).filled(rows) & np.isnan(values)).tolist():
            reader.fault(row, name, "is blank", "write degrees")
    known = ~np.isnan(points["lon"]) & ~np.isnan(points["lat"])
    found = np.full(len(rows), -1, dtype=np.intp)
    found[known] = plane.cells(points["lon"][known], points["lat"][known])
    return found
