"""Which record of a packet a source gets: the most specific one, by a table of ranks.

Ranks are those of SMOKE's hierarchy as CoST numbers them (USEPA/emf,
EMF/deploy/db/cost/functions/build_project_future_year_inventory_matching_hierarchy_sql.sql; the numbers it leaves out
are those of SMOKE alone, CEMPD/SMOKE, src/cntlmat/asgncntl.f). A rank belongs to a set of keys: a record has the rank
of exactly the keys it names, and one that names a set of keys that a system does not know is never matched by it.

That function of CoST looks for a column `mact`, which extended packets call `reg_code`, and so passes over ranks 5.5,
12 and 14 to 25 for them; here they hold for both formats, as its lists of ranks have them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from emis.interchange.packets.records import Compat, Record

__all__ = ["RANKS", "Wanted", "left_digits", "wanted"]

#: Keys of a source: county and state are of its region; scc7, scc4 and scc2 the left parts of its SCC (of one with
#: eight digits 6, 3 and 1), sic2 the left two digits of its SIC.
Keys = frozenset[str]

_POINT = ("facility", "unit", "rel_point", "process")


def _point() -> Iterator[tuple[float, Keys]]:
    sets: tuple[tuple[float, tuple[str, ...]], ...] = (
        (1, (*_POINT, "scc")), (2, _POINT), (3, _POINT[:3]), (4, _POINT[:2]), (5, ("facility", "scc")),
        (5.5, ("facility", "reg_code")), (6, ("facility",)),
    )  # fmt: skip
    for rank, names in sets:
        yield rank, frozenset({"county", "pollutant", *names})
    for rank, (_, names) in zip((7, 8, 9, 10, 11, 12, 13), sets, strict=True):
        yield rank, frozenset({"county", *names})


def _regional(codes: tuple[tuple[str, ...], ...], ranks: list[float]) -> Iterator[tuple[float, Keys]]:
    """Yield ranks of codes by county, by state and everywhere: those with a pollutant first."""
    numbers = iter(ranks)
    for pollutant in (("pollutant",), ()):
        for region in (("county",), ("state",), ()):
            for code in codes:
                yield next(numbers), frozenset({*region, *code, *pollutant})


_LAST = ((62, ("county", "pollutant")), (63, ("county",)), (64, ("state", "pollutant")), (65, ("state",)),
         (66, ("pollutant",)))  # fmt: skip
_COMMON = {
    **{keys: rank for rank, keys in _point()},
    **{keys: rank for rank, keys in _regional((("reg_code", "scc"), ("reg_code",)), [float(n) for n in range(14, 26)])},
    **{frozenset(names): float(rank) for rank, names in _LAST},
}
_SMOKE = {
    **_COMMON,
    **{keys: rank for rank, keys in _regional((("sic",), ("sic2",)), [float(n) for n in range(26, 38)])},
    **{
        keys: rank
        for rank, keys in _regional((("scc",), ("scc7",), ("scc4",), ("scc2",)), [float(n) for n in range(38, 62)])
    },
    frozenset(): 67.0,
}
_COST = {
    **_COMMON,
    frozenset({"county", "facility", "unit", "scc", "pollutant"}): 3.5,
    **{keys: rank for rank, keys in _regional((("naics", "scc"), ("naics",)), [25 + n / 100 for n in range(1, 13)])},
    **{
        keys: rank
        for rank, keys in _regional(
            (("sic", "scc"), ("sic",)), [25.5, 26, 27.5, 28, 29.5, 30, 31.5, 32, 33.5, 34, 35.5, 36]
        )
    },
    **{keys: rank for rank, keys in _regional((("scc",),), [38, 42, 46, 50, 54, 58])},
}
#: By system the rank of each set of keys.
RANKS: Mapping[Compat, Mapping[Keys, float]] = {
    "cost": _COST,
    "smoke_code": _SMOKE,
    "smoke_manual": _SMOKE,
    "emis": {**_COST, **_SMOKE},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record asks of a source: the value of each key, and the rank of these keys; None, and why, of none."""

    keys: Mapping[str, str]
    rank: float | None
    why: str = ""

    @property
    def shape(self) -> Keys:
        """The keys it names."""
        return frozenset(self.keys)


def wanted(record: Record, compat: Compat) -> Wanted:
    """Return what a record asks of a source in a system."""
    keys = dict(record.keys)
    region = keys.pop("region", "")
    if region:
        keys["county" if len(region) > 3 else "state"] = region
    if record.kind == "closure":
        # CoST closes what has the record's region, facility and whatever more it names of these.
        return Wanted({name: keys[name] for name in ("county", "state", *_POINT) if name in keys}, 0.0)
    if compat.startswith("smoke") or (compat == "emis" and record.dialect == "smoke"):
        keys = _shortened(keys)
    rank = RANKS[compat].get(frozenset(keys))
    if rank is not None:
        return Wanted(keys, rank)
    known = "SMOKE" if compat.startswith("smoke") else "CoST" if compat == "cost" else "neither SMOKE nor CoST"
    verb = "matches" if compat == "emis" else "never matches"
    return Wanted(keys, None, f"{known} {verb} by {' + '.join(sorted(keys)) or 'nothing at all'}")


def _shortened(keys: dict[str, str]) -> dict[str, str]:
    """Return keys as SMOKE has them: codes that are filled up with zeros are the left parts of codes."""
    scc, sic = keys.get("scc", ""), keys.get("sic", "")
    if scc and "facility" not in keys and "reg_code" not in keys:
        for level, size in zip(("scc2", "scc4", "scc7"), left_digits(scc), strict=True):
            if not scc[size:].strip("0"):
                del keys["scc"]
                keys[level] = scc[:size]
                break
    if sic:
        sic = sic.ljust(4, "0") if len(sic) < 3 else sic
        if sic.endswith("00"):
            del keys["sic"]
            keys["sic2"] = sic[:2]
    return keys


def left_digits(scc: str) -> tuple[int, int, int]:
    """Return how many digits the three left parts of an SCC have."""
    return (1, 3, 6) if len(scc) <= 8 else (2, 4, 7)
