"""The grid in the world: where its cells are, how large they are, and which of them a place is in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from emis.grid_settings import Grid, Lambert
from emis.inventory import Floats
from emis.schema import fault

__all__ = ["MISSING", "RADIUS", "Plane"]

#: Radius of the sphere that WRF and CMAQ compute on [m].
RADIUS = 6_370_000.0
MISSING = "gridding needs a few libraries more: pip install 'emis[geo]'"

Pair: TypeAlias = tuple[Floats, Floats]


@dataclass(frozen=True)
class Plane:
    """A grid of ny rows and nx columns in the plane of its projection; cells are numbered row by row from the south.

    Longitudes and latitudes are taken as they are, without a shift from an ellipsoid to the models' sphere, which is
    how the models' own preprocessors take them.

    Raises
    ------
    PydanticCustomError
        When a code of the EPSG is not known, or its plane has another unit than the grid.
    ImportError
        Without pyproj.
    """

    grid: Grid

    def __post_init__(self) -> None:
        if self.grid.projection.epsg is not None:
            self._check_epsg(self.grid.projection.epsg)

    def _check_epsg(self, code: int) -> None:
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        try:
            crs = CRS.from_epsg(code)
        except CRSError:
            raise fault(f"the code {code} is not known to the EPSG", "write e.g. epsg: 32650", "epsg") from None
        units = {axis.unit_name for axis in crs.axis_info}
        wanted = "deg" if units <= {"degree"} else "m" if units == {"metre"} else ""
        used = {corner[1] for corner in (self.grid.cell.x, self.grid.cell.y)}
        if not isinstance(self.grid.origin, str):
            used |= {self.grid.origin.x[1], self.grid.origin.y[1]}
        if len(crs.axis_info) != 2 or used != {wanted}:
            found = " and ".join(sorted(units))
            raise fault(
                f"the plane of EPSG:{code} is in {found}", "write origin and cell in it, or another code", "epsg"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.grid.ny, self.grid.nx

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.grid.ny * self.grid.nx

    @property
    def geographic(self) -> bool:
        """Whether the plane is one of longitudes and latitudes."""
        return self.grid.cell.x[1] == "deg"

    @cached_property
    def edges(self) -> Pair:
        """The edges of columns and of rows, nx + 1 and ny + 1 [m or degrees]."""
        (x, y), grid = self.grid.corner, self.grid
        columns, rows = np.arange(grid.nx + 1.0), np.arange(grid.ny + 1.0)
        return x + grid.cell.x[0] * columns, y + grid.cell.y[0] * rows

    @cached_property
    def centres(self) -> Pair:
        """The middles of columns and of rows, nx and ny [m or degrees]."""
        x, y = self.edges
        return 0.5 * (x[1:] + x[:-1]), 0.5 * (y[1:] + y[:-1])

    @cached_property
    def crs(self) -> Any:
        """The grid's projection, as pyproj has it."""
        from pyproj import CRS

        projection = self.grid.projection
        if projection.epsg is not None:
            return CRS.from_epsg(projection.epsg)
        if projection.lambert is None:
            return CRS.from_dict({"proj": "longlat", "R": RADIUS})
        return CRS.from_dict(_lambert(projection.lambert))

    @property
    def shift(self) -> tuple[float, float]:
        """Where x = 0 and y = 0 are in a Lambert plane whose x counts from its meridian [m]; 0 in other planes."""
        lambert = self.grid.projection.lambert
        if lambert is None:
            return 0.0, 0.0
        own = _lambert(lambert)
        return -own["x_0"], -own["y_0"]

    @cached_property
    def _transform(self) -> Callable[..., Any]:
        from pyproj import Proj, Transformer

        projection = self.grid.projection
        if projection.lambert is not None:
            return Proj(_lambert(projection.lambert))
        return Transformer.from_crs(4326, self.crs, always_xy=True).transform

    def project(self, lon: Floats, lat: Floats) -> Pair:
        """Return where longitudes and latitudes [degrees] are in the plane [m or degrees]; infinite where nowhere."""
        if self.grid.projection.latlon:
            return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
        x, y = self._transform(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        return np.asarray(x), np.asarray(y)

    def unproject(self, x: Floats, y: Floats) -> Pair:
        """Return longitudes and latitudes [degrees] of places in the plane."""
        if self.grid.projection.latlon:
            return np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        if self.grid.projection.epsg is not None:
            lon, lat = self._transform(x, y, direction="INVERSE")
        else:
            lon, lat = self._transform(x, y, inverse=True)
        return np.asarray(lon), np.asarray(lat)

    @cached_property
    def lonlat(self) -> Pair:
        """Longitudes and latitudes of the cells' middles, ny × nx [degrees]."""
        return self.unproject(*np.meshgrid(*self.centres))

    def cells(self, lon: Floats, lat: Floats) -> NDArray[np.intp]:
        """Return the numbers of the cells that places are in, -1 outside the grid; a cell holds its western and
        southern edge."""
        found = np.zeros(np.shape(lon), dtype=np.intp)
        inside = np.ones(np.shape(lon), dtype=bool)
        for values, edges, stride in zip(self.project(lon, lat), self.edges, (1, self.grid.nx), strict=True):
            at = np.searchsorted(edges, values, side="right") - 1
            inside &= (at >= 0) & (at < len(edges) - 1) & np.isfinite(values)
            found += at * stride
        return np.where(inside, found, -1)

    @cached_property
    def _equal_area(self) -> Any:
        """The equal-area plane that shares of areas are taken in: there the cells of a grid of degrees keep straight
        edges, and those of others are bent by less than their corners are told apart."""
        from pyproj import Proj

        lon, lat = self.unproject(*(np.array([edges.mean()]) for edges in self.edges))
        if self.geographic:
            kind: dict[str, Any] = {"proj": "cea", "lon_0": float(lon[0])}
        else:
            kind = {"proj": "laea", "lon_0": float(lon[0]), "lat_0": float(lat[0])}
        return Proj(kind | ({"ellps": "WGS84"} if self.grid.projection.epsg is not None else {"R": RADIUS}))

    def equal_area(self, lon: Floats, lat: Floats) -> Pair:
        """Return where longitudes and latitudes [degrees] are in an equal-area plane [m]."""
        x, y = self._equal_area(lon, lat)
        return np.asarray(x), np.asarray(y)

    @cached_property
    def quads(self) -> Floats:
        """The cells in the equal-area plane, closed rings, cells × 5 × 2 [m]; neighbours share their corners, so that
        together they are the grid without gap or overlap."""
        x, y = self.equal_area(*self.unproject(*np.meshgrid(*self.edges)))
        corners = np.stack([x, y], axis=-1)
        around = (corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1], corners[:-1, :-1])
        return np.stack(around, axis=2).reshape(self.size, 5, 2)

    @cached_property
    def areas(self) -> Floats:
        """The areas of the cells on the earth, ny × nx [m2]."""
        x, y = self.quads[..., 0], self.quads[..., 1]
        return np.asarray(0.5 * np.abs((x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]).sum(axis=1)).reshape(self.shape))


def _lambert(one: Lambert) -> dict[str, Any]:
    """Return a Lambert plane as PROJ names it, shifted so that x = 0 and y = 0 are at its centre."""
    from pyproj import Proj

    (low, high), (lon, lat) = one.parallels, one.centre
    plain = {"proj": "lcc", "lat_1": low, "lat_2": high, "lat_0": lat, "lon_0": one.meridian, "R": RADIUS}
    x, y = Proj(plain)(lon, lat) if lon != one.meridian else (0.0, 0.0)
    return plain | {"x_0": -x, "y_0": -y}
