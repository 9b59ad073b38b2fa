"""A state of the United States as files: an FF10 inventory of counties and plants, and control packets of every kind.

Codes are made up from a seed but for the shape of real ones: a hundred counties, SCCs of eight and ten digits, plants
with units, and CoST packets in the extended format.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_NONPOINT = ("country_cd", "region_cd", "facility_id", "unit_id", "rel_point_id", "process_id", "scc", "poll",
             "ann_value", "ann_pct_red", "facility_name", "naics", "longitude", "latitude")  # fmt: skip
POLLUTANTS = ("NOX", "SO2", "VOC", "CO", "NH3", "PM10-PRI", "PM25-PRI")
BASE_YEAR, YEAR = 2017, 2030


def write_state(folder: Path, rows: int = 100_000, records: int = 4_000, seed: int = 1) -> tuple[Path, list[Path]]:
    """Write an inventory of so many rows and packets of so many records in all; return the files."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    regions = [f"37{2 * n + 1:03d}" for n in range(100)]
    point = [f"{10100101 + 7 * n:08d}" for n in range(150)]
    plants = [(regions[n % 100], f"{8000000 + 31 * n}") for n in range(max(20, rows // 140))]
    sources = [(*plants[n % len(plants)], f"U{n // len(plants)}", point[(n * 7) % 150])
               for n in range(-(-rows // len(POLLUTANTS)))]  # fmt: skip
    path = folder / "state.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"#FORMAT=FF10_POINT\n#COUNTRY US\n#YEAR {BASE_YEAR}\n")
        writer = csv.writer(stream)
        writer.writerow(_NONPOINT)
        for number in range(rows):
            region, plant, unit, scc = sources[number // len(POLLUTANTS)]
            control = (0, 0, 0, 50, 90)[int(rng.integers(5))]
            writer.writerow(("US", region, plant, unit, "R1", "P1", scc, POLLUTANTS[number % len(POLLUTANTS)],
                             f"{rng.lognormal(1, 2):.6g}", control or "", f"Plant {plant}", "322121", "-79.1",
                             "35.6"))  # fmt: skip
    kinds = {"projection": _projection, "control": _control, "caps": _caps, "closures": _closures}
    parts = dict(zip(kinds, (0.25, 0.55, 0.15, 0.05), strict=True))
    files = []
    for kind, make in kinds.items():
        head, body = make(int(records * parts[kind]), regions, point, plants, rng)
        files.append(folder / f"{kind}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(head)
            writer.writerows(body)
    return path, files


Made = tuple[list[str], Iterator[list[object]]]


def _keys(count: int, regions: list[str], sccs: list[str], plants: list[tuple[str, str]],
          rng: np.random.Generator) -> Iterator[list[object]]:  # fmt: skip
    """Yield region, facility, SCC and pollutant: of plants, of counties, of the state, and of everywhere."""
    for _ in range(count):
        sort, scc = rng.integers(10), sccs[rng.integers(len(sccs))]
        pollutant = POLLUTANTS[rng.integers(len(POLLUTANTS))]
        if sort < 4:
            region, plant = plants[rng.integers(len(plants))]
            yield [region, plant, "", pollutant]
        elif sort < 8:
            yield [regions[rng.integers(100)], "", scc, pollutant]
        elif sort < 9:
            yield ["37000", "", scc, pollutant]
        else:
            yield ["", "", scc, "" if rng.integers(2) else pollutant]


def _projection(count: int, regions: list[str], sccs: list[str], plants: list[tuple[str, str]],
                rng: np.random.Generator) -> Made:  # fmt: skip
    head = ["region_cd", "facility_id", "scc", "poll", "ann_proj_factor"]
    body = ([region, plant, scc, "" if plant else poll, f"{rng.uniform(0.7, 1.5):.4f}"]
            for region, plant, scc, poll in _keys(count, regions, sccs, plants, rng))  # fmt: skip
    return head, body


def _control(count: int, regions: list[str], sccs: list[str], plants: list[tuple[str, str]],
             rng: np.random.Generator) -> Made:  # fmt: skip
    head = ["region_cd", "facility_id", "scc", "poll", "compliance_date", "application_control", "replacement",
            "pri_cm_abbrev", "ann_pctred"]  # fmt: skip
    body = ([*keys, f"{rng.integers(1, 13)}/01/{rng.integers(2018, 2032)}", "Y", "AR"[rng.integers(2)], f"M{number}",
             f"{rng.uniform(5, 95):.2f}"]
            for number, keys in enumerate(_keys(count, regions, sccs, plants, rng)))  # fmt: skip
    return head, body


def _caps(count: int, regions: list[str], sccs: list[str], plants: list[tuple[str, str]],
          rng: np.random.Generator) -> Made:  # fmt: skip
    head = ["region_cd", "facility_id", "unit_id", "poll", "ann_cap", "ann_replacement"]
    body = ([*plants[rng.integers(len(plants))], f"U{rng.integers(20)}", POLLUTANTS[rng.integers(len(POLLUTANTS))],
             f"{rng.lognormal(-5, 1):.6f}", "" if rng.integers(5) else f"{rng.lognormal(-5, 1):.6f}"]
            for _ in range(count))  # fmt: skip
    return head, body


def _closures(count: int, regions: list[str], sccs: list[str], plants: list[tuple[str, str]],
              rng: np.random.Generator) -> Made:  # fmt: skip
    head = ["region_cd", "facility_id", "unit_id", "effective_date"]
    chosen = rng.permutation(len(plants))[:count].tolist()
    body = ([*plants[n], "U1" if n % 2 else "", f"{rng.integers(1, 13)}/15/{rng.integers(2019, 2031)}"]
            for n in chosen)  # fmt: skip
    return head, body
