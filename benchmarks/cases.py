"""The frozen cases: an inventory and a plan of a size and a pattern, the same for every benchmark and every peer.

Both patterns carry the same plan of fifty measures, about six to a source. In `few`, factors are those of a table, as
they are in most inventories, and sources of the same labels fall in the same class: some 500 of them at any size. In
`distinct` every source has factors of its own, and as an emission limit cuts each to the same figure, every source is a
class of its own.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from emis.inventory import FactorRow, Inventory
from emis.measures import Measure
from emis.plan import Plan, Target
from emis.program import Program, compile_program
from emis.scenario import Scenario, ScenarioDocument

POLLUTANTS = ("SO2", "NOx", "VOC", "CO", "NH3", "TSP", "PM10", "PM2.5", "BC", "OC")
SHAPES = {"district": 500, "city": 10_000, "province": 100_000, "nation": 1_000_000}
PATTERNS = ("few", "distinct")
BASE_YEAR = 2017


@dataclass(frozen=True)
class Case:
    """What a case is made of; equal specs are equal cases, bit by bit."""

    sources: int
    pattern: str = "few"
    measures: int = 50
    years: int = 6
    seed: int = 1

    @property
    def span(self) -> range:
        """The years projected."""
        return range(BASE_YEAR + 1, BASE_YEAR + 1 + self.years)


def _labels(size: int) -> dict[str, Any]:
    """Return ten categories, ten technologies and a hundred regions of plants that each burn five fuels."""
    number = np.arange(size)
    plant = number // 5
    coded = {"category": ("c", plant % 10), "fuel": ("f", number % 5), "technology": ("t", plant // 10 % 10),
             "region": ("r", plant // 100 % 100), "facility": ("p", plant)}  # fmt: skip
    labels = {"source": np.array([f"industry/{n:08d}" for n in number], dtype=object),
              "sector": np.full(size, "industry", dtype=object)}  # fmt: skip
    for label, (letter, code) in coded.items():
        labels[label] = np.array([f"{letter}{n}" for n in range(code.max() + 1)], dtype=object)[code]
    return labels


def _row(size: int) -> np.ndarray:
    """Return the row of the factor table of each source: one for each category, fuel and technology."""
    number = np.arange(size)
    return number // 5 % 100 * 5 + number % 5


def make_inventory(case: Case) -> Inventory:
    """Return the sources of a case."""
    rng = np.random.default_rng(case.seed)
    size, row = case.sources, _row(case.sources)
    table = rng.lognormal(size=(500, len(POLLUTANTS)))
    activity = rng.lognormal(size=size)
    factor = table[row] if case.pattern == "few" else rng.lognormal(size=(size, len(POLLUTANTS)))
    return Inventory(
        name=f"{case.pattern}-{size}", base_year=BASE_YEAR, pollutants=POLLUTANTS, labels=_labels(size),
        activity=activity, activity_unit=np.full(size, "t/yr", dtype=object), factor=factor,
        reported=np.zeros(size, dtype=bool), control=np.zeros(factor.shape), profile=np.full(size, "", dtype=object),
    )  # fmt: skip


def _effect(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what measure `number` does, and how it narrows its selection: stock is moved out of one fuel only."""
    if number % 10 == 0:
        return {"limit": {"at_most": dict.fromkeys(POLLUTANTS[number // 10 :: 5], "300 kg/t")}}, {}
    if number % 10 == 1:
        return {"scale": {"activity": "-5 %"}}, {}
    if number == 12:
        return {"shift": {"share": "10 %", "to": {"fuel": "f4"}, "yield": 0.9}}, {"fuel": "f0"}
    if number == 32:
        return {"close": {"share": "20 %"}}, {"fuel": "f0"}
    efficiency = dict.fromkeys(POLLUTANTS[: 3 + number % 8], f"{10 + number} %")
    return {"abate": {"efficiency": efficiency}}, {}


def measure_document(number: int) -> dict[str, Any]:
    """Return one measure of the plan: a quarter of the categories, and half of the technologies or of the fuels."""
    effect, narrowed = _effect(number)
    by, codes = ("technology", "t") if number % 5 < 3 else ("fuel", "f")
    count = 10 if by == "technology" else 5
    chosen = sorted({(number * 7 + 3 * n) % count for n in range(count // 2)})
    categories = sorted({(number * 3 + 4 * n) % 10 for n in range(2 + number % 2)})
    if number % 10 == 0:
        categories = [2 * (number // 10 % 5), 2 * (number // 10 % 5) + 1]
        by, chosen = "technology", list(range(10))
    select = {"category": [f"c{n}" for n in categories], by: [f"{codes}{n}" for n in chosen]} | narrowed
    return {
        "id": f"M{number:04d}", "select": select, "do": [effect],
        "phase_in": {f"{BASE_YEAR + 1}-01-01": "0 %", f"{BASE_YEAR + 3 + number % 3}-12-31": "100 %"},
    }  # fmt: skip


def make_scenario(
    case: Case, found: Inventory, measures: Sequence[Measure], targets: Sequence[Target] = (), **settings: Any
) -> Scenario:
    """Return a scenario of some measures over the years of a case; `settings` are keys of its document."""
    plan = Plan(emis="plan/1", base_year=BASE_YEAR, measures=tuple(measures), targets=tuple(targets))
    document = ScenarioDocument(
        emis="scenario/1", name="bench", plan="plan.yaml", inventories={BASE_YEAR: "."}, years=tuple(case.span),
        **settings,
    )  # fmt: skip
    return Scenario(document, plan, {BASE_YEAR: found})


#: Two of a size are held: those of a nation take gigabytes.
_held = lru_cache(maxsize=4)


@_held
def world(case: Case) -> tuple[Inventory, Scenario]:
    """Return a case, made once."""
    found = make_inventory(case)
    return found, make_scenario(
        case, found, [Measure.model_validate(measure_document(number)) for number in range(case.measures)]
    )


@lru_cache(maxsize=2)
def program(case: Case) -> Program:
    """Return the program of a case, compiled once."""
    return compile_program(*world(case))


def uncertain(case: Case) -> tuple[Inventory, Scenario]:
    """Return a case whose activities and factors are known to half and twice, factors by the rows of their table."""
    found, scenario = world(case)
    bounds = {
        "activity_low": found.activity / 2, "activity_high": found.activity * 2,
        "factor_low": found.factor / 2, "factor_high": found.factor * 2,
    }  # fmt: skip
    rows = (_row(case.sources) // 5 % 10)[:, None] * 10 + np.arange(len(POLLUTANTS))
    names = tuple(FactorRow(f"row {number}", ("factors.csv", number)) for number in range(100))
    found = replace(found, bounds=bounds, factor_row=rows.astype(np.intp), factor_rows=names)
    return found, replace(scenario, inventories={BASE_YEAR: found})


def write_files(case: Case, folder: Path) -> Path:
    """Write a case of few classes as the files a user has; return its scenario file."""
    found, _ = world(case)
    labels = found.labels
    folder.mkdir(parents=True, exist_ok=True)
    columns = ("source", "category", "fuel", "technology", "region", "facility")
    with (folder / "activity.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*columns, "activity", "unit"])
        writer.writerows(
            [*(labels[name][n] for name in columns), repr(float(found.activity[n])), "t/yr"] for n in range(len(found))
        )
    with (folder / "factors.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow("category fuel technology pollutant factor unit".split())
        _, first = np.unique(_row(case.sources), return_index=True)
        writer.writerows(
            [*(labels[name][n] for name in columns[1:4]), pollutant, repr(float(found.factor[n, p])), "t/t"]
            for n in first
            for p, pollutant in enumerate(POLLUTANTS)
        )
    measures = [measure_document(number) for number in range(case.measures)]
    documents = {
        "inventory.yaml": {
            "emis": "inventory/1", "name": "bench", "base_year": BASE_YEAR, "status": "example",
            "pollutants": list(POLLUTANTS),
            "tables": [{"sector": "industry", "activity": "activity.csv", "factors": "factors.csv"}],
        },
        "plan.yaml": {"emis": "plan/1", "base_year": BASE_YEAR, "measures": measures},
        "scenario.yaml": {
            "emis": "scenario/1", "name": "bench", "plan": "plan.yaml", "inventories": {BASE_YEAR: "."},
            "years": list(case.span),
        },
    }  # fmt: skip
    for name, document in documents.items():
        with (folder / name).open("w", encoding="utf-8") as stream:
            YAML(typ="safe").dump(document, stream)
    return folder / "scenario.yaml"
