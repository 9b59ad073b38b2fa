"""Polygons with their attributes: GeoJSON, which shapely alone reads, and GeoPackages and Shapefiles."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emis import vocabulary
from emis.coded import Texts, objects
from emis.errors import Issues
from emis.inventory import Floats
from emis.io.folders import beside

__all__ = ["Shapes", "read_shapes"]

_LARGEST_FILE = 500_000_000
#: Names by which old GeoJSON says that it is in degrees of WGS 84, which it always is today (RFC 7946, section 4).
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


@dataclass(frozen=True)
class Shapes:
    """Polygons in degrees of WGS 84, their regions and weights; `weights` is None where their areas are."""

    shown: str
    polygons: Any
    labels: Texts
    weights: Floats | None


def read_shapes(
    path: Path, shown: str, layer: str | None, label: str | None, weight: str | None, issues: Issues
) -> Shapes | None:
    """Read polygons; None, and `issues` says why, when they cannot be.

    Parameters
    ----------
    layer : str, optional
        Layer of a GeoPackage; the only one otherwise.
    label, weight : str, optional
        Attributes that hold the label of a polygon's region, and its weight.
    """
    before, suffix = len(issues.errors), path.suffix.lower()
    if not path.is_file():
        issues.error(shown, 0, "", "is not there" if not path.exists() else "is not a file", beside(path))
        return None
    if suffix in (".geojson", ".json"):
        found = _geojson(path, shown, issues)
    elif suffix in (".gpkg", ".shp"):
        found = _layered(path, shown, layer, issues)
    else:
        issues.error(
            shown, 0, "", f"is of no kind that is read ({suffix or 'no ending'})", "use .geojson, .gpkg or .shp"
        )
        return None
    if found is None:
        return None
    polygons, attributes = found
    _check(polygons, shown, issues)
    size = len(polygons)
    labels = _labels(attributes, label, size, shown, issues) if label is not None else objects([""] * size)
    weights = _weights(attributes, weight, size, shown, issues) if weight is not None else None
    return None if len(issues.errors) > before else Shapes(shown, polygons, labels, weights)


def _geojson(path: Path, shown: str, issues: Issues) -> tuple[Any, dict[str, list[Any]]] | None:
    import shapely
    from shapely.geometry import shape

    try:
        if path.stat().st_size > _LARGEST_FILE:
            issues.error(shown, 0, "", "is larger than 500 MB", "simplify its borders, or write it as a GeoPackage")
            return None
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
        features = document["features"]
        crs = (
            str(document.get("crs", {}).get("properties", {}).get("name", "CRS84")) if document.get("crs") else "CRS84"
        )
        shapes = [None if one.get("geometry") is None else shape(_numeric(one["geometry"])) for one in features]
        properties = [dict(one.get("properties") or {}) for one in features]
    except UnicodeDecodeError:
        issues.error(shown, 0, "", "is not UTF-8", "save it as UTF-8, as GeoJSON is")
        return None
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        OSError,
        RecursionError,
        shapely.errors.ShapelyError,
    ) as one:
        told = (
            f"line {one.lineno}: {one.msg}" if isinstance(one, json.JSONDecodeError) else f"{type(one).__name__}: {one}"
        )
        line = one.lineno if isinstance(one, json.JSONDecodeError) else 0
        issues.error(shown, line, "", f"is no GeoJSON: {told}", "write a FeatureCollection of polygons (RFC 7946)")
        return None
    if not any(name in crs for name in _WGS84):
        issues.error(
            shown, 0, "crs", f"is in {crs}", "GeoJSON is in degrees of WGS 84: convert it, or use a GeoPackage"
        )
        return None
    names = dict.fromkeys(name for one in properties for name in one)
    return np.array(shapes, dtype=object), {name: [one.get(name) for one in properties] for name in names}


def _numeric(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return a geometry; shapely would take the text "12" for the point 1, 2."""
    coordinates: Any = geometry.get("coordinates")
    for rings in {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(geometry["type"]) or ():
        for ring in rings:
            if np.asarray(ring).dtype.kind not in "iuf":
                raise TypeError(f"{ring!r:.60} are no coordinates")
    return geometry


def _layered(path: Path, shown: str, layer: str | None, issues: Issues) -> tuple[Any, dict[str, list[Any]]] | None:
    """Read a layer of a file that GDAL knows, and turn it into degrees of WGS 84."""
    try:
        import pyogrio
    except ImportError:
        issues.error(shown, 0, "", "needs pyogrio to be read", "pip install 'emis[geo]', or save it as GeoJSON")
        return None
    import shapely

    try:
        layers = [str(one[0]) for one in pyogrio.list_layers(path)]
        if layer is None and len(layers) > 1:
            issues.error(shown, 0, "", f"has {len(layers)} layers", f"name one with layer: {', '.join(layers[:10])}")
            return None
        if layer is not None and layer not in layers:
            issues.error(shown, 0, "", f"has no layer {layer!r}", vocabulary.suggest(layer, layers))
            return None
        meta, _, geometry, fields = pyogrio.raw.read(path, layer=layer, force_2d=True)
        polygons = shapely.from_wkb(geometry)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.ShapelyError) as error:
        issues.error(shown, 0, "", f"cannot be read: {error}", "check the file")
        return None
    if not meta["crs"]:
        issues.error(shown, 0, "", "does not say its coordinate reference system", "set it in the GIS it comes from")
        return None
    attributes = {str(name): list(values) for name, values in zip(meta["fields"], fields, strict=True)}
    return _in_degrees(polygons, meta["crs"]), attributes


def _in_degrees(polygons: Any, crs: str) -> Any:
    import shapely
    from pyproj import Transformer

    turn = Transformer.from_crs(crs, 4326, always_xy=True)
    return shapely.transform(polygons, lambda points: np.stack(turn.transform(points[:, 0], points[:, 1]), axis=1))


def _check(polygons: Any, shown: str, issues: Issues) -> None:
    """Note what is no polygon, or one that crosses itself or leaves the earth."""
    import shapely

    if not len(polygons):
        issues.error(shown, 0, "", "holds no polygons", "write a polygon for each region")
        return
    missing = shapely.is_missing(polygons) | shapely.is_empty(polygons)
    kinds = shapely.get_type_id(polygons)
    for number in np.flatnonzero(missing | ~np.isin(kinds, (3, 6))).tolist():
        found = "is empty" if missing[number] else f"is a {polygons[number].geom_type}"
        issues.error(shown, 0, f"features.{number}", found, "write a Polygon or MultiPolygon, or leave it out")
    bounds = shapely.bounds(polygons)
    with np.errstate(invalid="ignore"):
        far = (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1)
    for number in np.flatnonzero(far & ~missing).tolist():
        west, south, east, north = bounds[number].tolist()
        found = f"reaches from {west:.6g}, {south:.6g} to {east:.6g}, {north:.6g}"
        issues.error(shown, 0, f"features.{number}", found, "write longitudes and latitudes in degrees")
    with np.errstate(all="ignore"):
        wrong = ~shapely.is_valid(polygons) & ~missing
    for number in np.flatnonzero(wrong).tolist():
        why = shapely.is_valid_reason(polygons[number])
        issues.error(shown, 0, f"features.{number}", f"is no valid polygon: {why}", "repair it in a GIS")


def _column(attributes: dict[str, list[Any]], name: str, shown: str, issues: Issues) -> Sequence[Any] | None:
    if name not in attributes:
        issues.error(shown, 0, name, f"its polygons have no attribute {name!r}", vocabulary.suggest(name, attributes))
        return None
    return attributes[name]


def _labels(attributes: dict[str, list[Any]], name: str, size: int, shown: str, issues: Issues) -> Texts:
    found = _column(attributes, name, shown, issues)
    texts = [""] * size
    for number, value in enumerate(found or ()):
        # A code is a number to many a GIS; a whole one reads as in a table.
        whole = isinstance(value, float) and value.is_integer()
        text = "" if value is None or value != value else str(int(value) if whole else value).strip()
        if not text:
            issues.error(shown, 0, f"features.{number}.{name}", "is blank", "write the label of its region")
        texts[number] = text
    return objects(texts)


def _weights(attributes: dict[str, list[Any]], name: str, size: int, shown: str, issues: Issues) -> Floats | None:
    found = _column(attributes, name, shown, issues)
    weights = np.zeros(size)
    for number, value in enumerate(found or ()):
        right = not isinstance(value, bool | np.bool_) and isinstance(value, int | float | np.integer | np.floating)
        if not right or not np.isfinite(float(value)) or float(value) < 0:
            issues.error(shown, 0, f"features.{number}.{name}", f"{value!r} is no weight", "write a number, 0 or more")
        else:
            weights[number] = float(value)
    return weights
