"""`grid.yaml`: the grid, and by which surrogates, profiles and species an inventory comes onto it."""

import datetime as dt
import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, PlainValidator, Strict, StrictBool, StrictInt, StrictStr, WithJsonSchema
from pydantic import model_validator as validator

from emis import schema, units
from emis.numerals import number_and_unit
from emis.schema import Model, PollutantName, Share, Text
from emis.selectors import Selector

__all__ = [
    "Cmaq",
    "Grid",
    "GridDocument",
    "Lambert",
    "LayerShares",
    "Layers",
    "Place",
    "Projection",
    "Speciation",
    "SpeciesOf",
    "Surrogate",
    "Temporal",
    "TimesOf",
    "Wrf",
]

#: What names of grids and species may be in a Models-3 file: at most 16 characters.
_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,15}$"
_DEGREES = {"deg", "degree", "degrees", "°"}


def _length(value: object) -> tuple[float, str]:
    """Return a length in m, or an angle in degrees, with which of the two it is."""
    number, unit = number_and_unit(value, "km or deg")
    return (number, "deg") if unit in _DEGREES else (number * units.ratio(unit, "m"), "m")


def _start(value: object) -> dt.datetime:
    """Return an hour written as 2017-01-01 00:00."""
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2})(?::00(?::00)?)?Z?)?", str(value), re.ASCII)
    try:
        if match is not None:
            return dt.datetime.fromisoformat(f"{match[1]}T{match[2] or '00'}:00")
    except ValueError:
        pass
    raise schema.fault(f"expected a full hour, found {value!r}", "write it in UTC, as 2017-01-01 00:00")


_HOUR_SCHEMA = {"type": "string", "examples": ["2017-01-01 00:00"]}
_LENGTH_SCHEMA = {"type": "string", "examples": ["3 km", "0.05 deg"]}
Number: TypeAlias = Annotated[float, Strict()]
Latitude: TypeAlias = Annotated[float, Strict(), Field(ge=-90, le=90)]
Longitude: TypeAlias = Annotated[float, Strict(), Field(ge=-180, le=180)]
Count: TypeAlias = Annotated[StrictInt, Field(ge=1, le=10_000)]
Name: TypeAlias = Annotated[StrictStr, Field(pattern=_NAME)]
Hour: TypeAlias = Annotated[dt.datetime, PlainValidator(_start), WithJsonSchema(_HOUR_SCHEMA)]
#: A length [m] or an angle [degrees], and which of the two.
Length: TypeAlias = Annotated[tuple[float, str], PlainValidator(_length), WithJsonSchema(_LENGTH_SCHEMA)]


class Lambert(Model):
    """Lambert conformal on a sphere of 6,370 km [degrees], by the names of a GRIDDESC or by those of a namelist.wps.

    `xcent` and `ycent` are the longitude and latitude of x = 0 and y = 0.
    """

    p_alp: Latitude | None = None
    p_bet: Latitude | None = None
    p_gam: Longitude | None = None
    xcent: Longitude | None = None
    ycent: Latitude | None = None
    truelat1: Latitude | None = None
    truelat2: Latitude | None = None
    stand_lon: Longitude | None = None
    ref_lon: Longitude | None = None
    ref_lat: Latitude | None = None

    @validator(mode="after")
    def _one_set(self) -> "Lambert":
        sets = [
            ("p_alp", "p_bet", "p_gam", "xcent", "ycent"),
            ("truelat1", "truelat2", "stand_lon", "ref_lon", "ref_lat"),
        ]
        given = [[name for name in names if getattr(self, name) is not None] for names in sets]
        if len(given[0]) + len(given[1]) != 5 or (given[0] and given[1]):
            hint = "write p_alp, p_bet, p_gam, xcent and ycent, or truelat1, truelat2, stand_lon, ref_lon and ref_lat"
            raise schema.fault(f"expected five numbers of one set, found {', '.join(given[0] + given[1])}", hint)
        low, high = self.parallels
        if low * high < 0 or low + high == 0:
            raise schema.fault("the two latitudes are not on one side of the equator", "write e.g. 25 and 47")
        return self

    @property
    def parallels(self) -> tuple[float, float]:
        """The true latitudes, the one with the smaller number first [degrees]."""
        one, other = (self.p_alp, self.p_bet) if self.p_alp is not None else (self.truelat1, self.truelat2)
        assert one is not None
        assert other is not None
        return min(one, other), max(one, other)

    @property
    def meridian(self) -> float:
        """The longitude along which y runs north [degrees]."""
        found = self.p_gam if self.p_gam is not None else self.stand_lon
        assert found is not None
        return found

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of x = 0 and y = 0 [degrees]."""
        lon, lat = (self.xcent, self.ycent) if self.xcent is not None else (self.ref_lon, self.ref_lat)
        assert lon is not None
        assert lat is not None
        return lon, lat


def _projection(value: object) -> object:
    return {"latlon": True} if value == "latlon" else value


class Projection(Model):
    """One of: Lambert conformal, longitude and latitude, a code of the EPSG."""

    lambert: Lambert | None = None
    latlon: StrictBool = False
    epsg: Annotated[StrictInt, Field(ge=1024, le=32767)] | None = None

    @validator(mode="after")
    def _one(self) -> "Projection":
        if (self.lambert is not None) + self.latlon + (self.epsg is not None) != 1:
            hint = "write lambert: {...}, latlon: true or epsg: 32650"
            raise schema.fault("expected one projection", hint)
        return self


class Corner(Model):
    """The outer lower left corner of the first cell."""

    x: Length
    y: Length


def _cell(value: object) -> object:
    return {"x": value, "y": value} if isinstance(value, str | int | float) else value


class LayerShares(Model):
    """How the emissions of some sources are shared among the layers, from the ground up."""

    select: Selector = Selector()
    shares: tuple[Share, ...]


class Layers(Model):
    """Layers of the model that sources emit into; what `shares` does not select emits into the first.

    `sigma` are the layers' faces from the ground up, one more than `count`, and `top` the pressure they end at.
    """

    count: Annotated[StrictInt, Field(ge=1, le=200)]
    sigma: tuple[Annotated[float, Strict(), Field(ge=0, le=1)], ...] = ()
    top: Annotated[float, schema.in_unit("Pa")] | None = None
    shares: tuple[LayerShares, ...] = ()

    @validator(mode="after")
    def _fits(self) -> "Layers":
        if self.sigma:
            falling = all(low > high for low, high in zip(self.sigma, self.sigma[1:], strict=False))
            if len(self.sigma) != self.count + 1 or not falling:
                hint = "write them from the ground up, e.g. [1.0, 0.995, 0.99] for two layers"
                raise schema.fault(f"{self.count} layers have {self.count + 1} falling faces", hint, "sigma")
            if self.top is None:
                raise schema.fault("sigma ends at a pressure that is not given", "write e.g. top: 5000 Pa", "sigma")
        for number, one in enumerate(self.shares):
            if len(one.shares) != self.count or abs(sum(one.shares) - 1) > 1e-9:
                found = f"{len(one.shares)} shares sum to {100 * sum(one.shares):.8g} %"
                hint = f"write {self.count} shares that sum to 100 %"
                raise schema.fault(found, hint, "shares", number, "shares")
        return self


class Grid(Model):
    """The grid: its projection, the outer lower left corner of its first cell, the size and number of its cells."""

    name: Name = "EMIS_GRID"
    projection: Annotated[
        Projection, BeforeValidator(_projection, json_schema_input_type=Projection | Literal["latlon"])
    ]
    origin: Literal["centred"] | Corner
    cell: Annotated[Corner, BeforeValidator(_cell, json_schema_input_type=Corner | str)]
    nx: Count
    ny: Count
    layers: Layers = Layers(count=1)

    @validator(mode="after")
    def _fits(self) -> "Grid":
        if self.origin == "centred" and self.projection.lambert is None:
            hint = "write e.g. origin: {x: 115.5 deg, y: 39.5 deg}"
            raise schema.fault("only a Lambert grid has a centre that is known", hint, "origin")
        if self.projection.epsg is None:
            right = "m" if self.projection.lambert is not None else "deg"
            for key, corner in (("origin", self.origin), ("cell", self.cell)):
                if isinstance(corner, Corner) and {corner.x[1], corner.y[1]} != {right}:
                    hint = "write e.g. 3 km" if right == "m" else "write e.g. 0.05 deg"
                    raise schema.fault("is in another unit than the grid's plane", hint, key)
        if self.cell.x[0] <= 0 or self.cell.y[0] <= 0:
            raise schema.fault("a cell has a size above 0", "write e.g. 3 km", "cell")
        return self

    @property
    def corner(self) -> tuple[float, float]:
        """The outer lower left corner of the first cell [m or degrees]."""
        if isinstance(self.origin, Corner):
            return self.origin.x[0], self.origin.y[0]
        return -self.nx * self.cell.x[0] / 2, -self.ny * self.cell.y[0] / 2


class Place(Model):
    """Where sources are: polygons of a GeoPackage or GeoJSON, or weights of cells or points in a table.

    `label` is the attribute or column that holds a region's label, `weight` the one that holds weights; polygons
    without are weighted by their area. ``by: whole`` takes all of it as one place, whatever a source's region.
    """

    areas: StrictStr | None = None
    weights: StrictStr | None = None
    layer: StrictStr | None = None
    label: StrictStr = "region"
    weight: StrictStr | None = None
    by: Literal["region", "whole"] = "region"

    @validator(mode="after")
    def _one(self) -> "Place":
        if (self.areas is None) == (self.weights is None):
            raise schema.fault("expected one of areas and weights", "write e.g. areas: towns.geojson")
        if self.layer is not None and self.areas is None:
            raise schema.fault("a table has no layers", "leave layer out", "layer")
        return self


class Surrogate(Place):
    """A place of selected sources; the first that selects a source and knows its region is where it goes."""

    select: Selector = Selector()


class TimesOf(Model):
    """Profiles of selected sources, by name; the first that selects a source and names one is its own."""

    select: Selector = Selector()
    monthly: Text | None = None
    weekly: Text | None = None
    diurnal: Text | None = None


class Temporal(Model):
    """The hours to write, from `start` in UTC, and profiles in local time, `utc_offset` hours ahead of it.

    A source's own monthly profile comes before one that is given here; holidays count as Sundays.
    """

    start: Hour
    hours: Annotated[StrictInt, Field(ge=1, le=9000)]
    utc_offset: Annotated[float, Strict(), Field(ge=-12, le=14)]
    monthly: StrictStr | None = None
    weekly: StrictStr | None = None
    diurnal: StrictStr | None = None
    profiles: tuple[TimesOf, ...] = ()
    holidays: tuple[schema.Date, ...] = ()

    @validator(mode="after")
    def _named(self) -> "Temporal":
        for number, one in enumerate(self.profiles):
            for kind in ("monthly", "weekly", "diurnal"):
                if getattr(one, kind) is not None and getattr(self, kind) is None:
                    hint = f"name it: {kind}: {kind}.csv"
                    raise schema.fault(f"there is no table of {kind} profiles", hint, "profiles", number, kind)
        return self


class SpeciesOf(Model):
    """Profiles of selected sources by pollutant; the first that selects a source and names one is its own."""

    select: Selector = Selector()
    profiles: dict[PollutantName, Text]


class Speciation(Model):
    """Species that pollutants are split into.

    `explicit` names the species of PM2.5 that an inventory's own BC and OC are, instead of the profile's share of them;
    `coarse` the species that PM10 without its PM2.5 is.
    """

    table: StrictStr | None = None
    sources: tuple[SpeciesOf, ...] = ()
    explicit: dict[Literal["BC", "OC"], Name] = Field(default_factory=dict)
    coarse: Name | None = None

    @validator(mode="after")
    def _named(self) -> "Speciation":
        if self.sources and self.table is None:
            raise schema.fault("there is no table of species", "name it: table: species.csv", "sources")
        return self


class Cmaq(Model):
    """What a Models-3 file says about itself, beyond the numbers."""

    description: Text = ""


class Wrf(Model):
    """Files of WRF-Chem: ``io_style_emissions``, ``frames_per_auxinput5`` and the domain, as its namelist has them."""

    io_style: Literal[1, 2] = 2
    frames: Count = 24
    domain: Annotated[StrictInt, Field(ge=1, le=99)] = 1


class GridDocument(Model):
    """How an inventory comes onto a grid."""

    emis: Literal["grid/1"]
    title: schema.TitleText = schema.Title()
    grid: Grid
    pollutants: Annotated[tuple[PollutantName, ...], schema.FILLED] | None = None
    points: StrictBool | Selector = True
    surrogates: tuple[Surrogate, ...] = ()
    fallback: Place | None = None
    outside: Literal["error", "report"] = "error"
    unknown: Literal["error", "leave_out"] = "error"
    temporal: Temporal | None = None
    speciation: Speciation = Speciation()
    cmaq: Cmaq = Cmaq()
    wrf: Wrf = Wrf()

    @validator(mode="before")
    @classmethod
    def _whole(cls, data: Any) -> Any:
        """Let a fallback be the whole of its place unless it says otherwise: a region that is known needs none."""
        if isinstance(data, dict) and isinstance(data.get("fallback"), dict):
            return {**data, "fallback": {"by": "whole", **data["fallback"]}}
        return data

    @validator(mode="after")
    def _known(self) -> "GridDocument":
        for name in self.pollutants or ():
            if self.pollutants and self.pollutants.count(name) > 1:
                raise schema.fault(f"{name} is named twice", "name it once", "pollutants")
        return self
