"""What the page multiplies out, held against what emis computes: settings saved as a scenario, and run."""

import random
from pathlib import Path

import pytest

import emis
from emis.alerts import alert_records
from emis.report.live import live

__all__ = ["agree"]

TOLERANCE = 1e-9
#: Numbers of a target that all but cancel have no relative precision: per cent of what is cut from.
SMALL = 1e-7

_EVALUATE = """([live, set]) => {
  const told = emis.evaluate(live, set), model = live.model, last = model.years.length - 1;
  const sums = (emitted) => model.columns.map((_, p) => emis.total(model, emitted, p, last, null));
  return {
    verdicts: told.verdicts, emissions: sums(told.emissions), noPlan: sums(told.noPlan), alerts: told.alerts,
    short: told.short, beyond: told.beyond,
    yaml: emis.yaml(live, set, {name: "what-if", file: "SCENARIO", title: {en: "=cmd", zh: "推演"}, flags: []}),
  };
}"""


def agree(
    path: Path, engine: object, count: int, settings: dict[str, str] | None = None, progress: Path | None = None
) -> int:
    """Hold the page against emis: as given, and at random settings; return how many emis itself would not run."""
    found, refused = model_of(emis.read_scenario(path, settings=settings, progress=progress)), 0
    dice = random.Random(f"{path.name}{settings}")
    for number in range(count):
        chosen = drawn_set(found, dice) if number else engine.evaluate("(live) => emis.asGiven(live)", found)
        told = engine.evaluate(_EVALUATE, [found, chosen])
        saved = path.with_name(f"what-if-{number}.yaml")
        saved.write_text(told["yaml"].replace("SCENARIO", path.name), encoding="utf-8")
        try:
            scenario = emis.read_scenario(saved, settings=settings, progress=progress)
            compare(told, scenario)
        except emis.InfeasibleError:
            assert told["short"]
            refused += 1
        else:
            assert not told["short"]
    return refused


def model_of(scenario: emis.Scenario) -> dict:
    projection = emis.project(scenario.inventories[scenario.plan.base_year], scenario)
    return live(projection, emis.assess(projection, scenario.plan.targets))


def drawn_set(found: dict, dice: random.Random) -> dict:
    levels = {}
    for name, level in found["levers"]["implementation"].items():
        kept = name in found["levers"]["observed"] or dice.random() < 0.3
        levels[name] = level if kept else dice.choice([0.0, 1.0, round(dice.random(), 2)])
    rates = []
    for driver in found["drivers"]:
        moved = driver["value"] is not None and dice.random() < 0.6
        rates.append(round(dice.uniform(driver["low"], driver["high"]), 4) if moved else driver["value"])
    outside = {area: dice.choice([1, 0, 0.4, 1.35, 2]) for area in ("city", "region") if found["air"]}
    return {"levels": levels, "rates": rates, "outside": outside}


def compare(told: dict, scenario: emis.Scenario) -> None:
    projection = emis.project(scenario.inventories[scenario.plan.base_year], scenario)
    verdicts = {one.target: one for one in emis.assess(projection, scenario.plan.targets)}
    for found in told["verdicts"]:
        wanted = verdicts[found["id"]]
        assert found["status"] == wanted.status, found["id"]
        if wanted.achieved is None:
            assert found["achieved"] is None or not found["live"]
            continue
        assert found["achieved"] == pytest.approx(wanted.achieved, rel=TOLERANCE, abs=SMALL), found["id"]
    year = projection.program.years[-1]
    for column, name in enumerate(projection.program.inventory.pollutants):
        for key, plan in (("emissions", True), ("noPlan", False)):
            assert same(told[key][column], projection.total(year, name, plan=plan)), (key, name)
    days = {
        (row["level"], row["pollutant"]): row for row in alert_records(projection.alerts) if row["sector"] == "total"
    }
    for level, day in told["alerts"].items():
        for column, name in enumerate(projection.program.inventory.pollutants):
            for key in ("without", "with"):
                assert same(day[key][column], days[level, name][key]), (level, name)


def same(found: float | None, wanted: float | None) -> bool:
    """Tell whether two numbers are the same to 1e-9, or neither is known."""
    if wanted is None or wanted != wanted:
        return found is None or found != found
    return found == pytest.approx(wanted, rel=TOLERANCE)
