"""The Strategy Detailed Result of CoST (Control Strategy Tool of the US EPA): a row for each source, measure and
pollutant.

Columns in the order of USEPA/emf, EMF/deploy/db/cost/formats/control_strategy_detailed_result_extended.csv; what they
mean is told in the CoST user's guide, chapter 4, section Strategy Detailed Result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emis.coded import Coded, Codes, Texts, objects
from emis.errors import Issues
from emis.interchange.cells import harmless, number
from emis.interchange.flat.applied import Applied, Pairs, applied, pairs
from emis.interchange.flat.ff10 import flat_columns, one_of, year_of, year_written
from emis.interchange.flat.rows import percents
from emis.interchange.formats import Format, Settings, Told
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.measures import Abate, Measure
from emis.units import SHORT_TON

__all__ = ["COLUMNS", "COST"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OWN = ("emis_shapley", "emis_alone", "emis_last", "emis_source")
COLUMNS = (
    *("disable", "cm_abbrev", "poll", "scc", "region_cd", "facility_id", "unit_id", "rel_point_id", "process_id"),
    *("annual_cost", "ctl_ann_cost_per_ton", "eff_ann_cost_per_ton", "annual_oper_maint_cost"),
    *("annual_variable_oper_maint_cost", "annual_fixed_oper_maint_cost", "annualized_capital_cost"),
    *("total_capital_cost", "control_eff", "rule_pen", "rule_eff", "percent_reduction", "adj_factor", "control_ids"),
    *("inv_ctrl_eff", "inv_rule_pen", "inv_rule_eff", "final_emissions", "ctl_emis_reduction", "eff_emis_reduction"),
    *("inv_emissions", "apply_order", "input_emis", "output_emis", "fipsst", "fipscty", "sic", "naics", "source_id"),
    *("input_ds_id", "cs_id", "cm_id", "equation_type", "original_dataset_id", "sector", "control_program", "xloc"),
    *("yloc", "facility", "replacement_addon", "existing_measure_abbreviation"),
    *("existing_primary_device_type_code", "strategy_name", "target_poll", "control_technology", "source_group"),
    *("county_name", "state_name", "scc_l1", "scc_l2", "scc_l3", "scc_l4"),
    *(f"{month}_final_emissions" for month in _MONTHS),
    *(f"{month}_pct_red" for month in _MONTHS),
    *("annual_cost_3pct", "eff_ann_cost_per_ton_3pct", "annualized_capital_cost_3pct", *_OWN),
)
_SAID = (
    "emissions and reductions in short tons per year (1 short ton = 0.90718474 t), percentages 0 to 100",
    "measures of emis commute: what each takes of a source is its Shapley share, the mean over every order in which"
    " they could come into place; the shares of all measures sum to what the plan changes",
    "input_emis and output_emis follow apply_order, which is that of the ids and means nothing: the first input is"
    " the emission without the plan, and each output is the input less the share",
    "eff_emis_reduction is the share; ctl_emis_reduction and percent_reduction are of the measure alone, against"
    " no plan",
    "control_eff, rule_pen and rule_eff are those of a measure that is one abatement; rule_pen is what it reaches in"
    " the year",
    "adj_factor: emissions without the plan over those of the base year, inv_emissions",
    "emis_shapley, emis_alone and emis_last: contributions, signed, negative is a reduction; last against the plan"
    " without the measure; emis_source: the source's id",
    "costs are blank: plans of emis state those of whole measures; input_ds_id is 0: there is no dataset of the EMF",
)


@dataclass(frozen=True)
class _Rows:
    """Rows of the result, R long: measure, source and pollutant of each, what it contributes, and its turn."""

    measure: Codes
    source: Codes
    pollutant: Codes
    shapley: Floats
    alone: Floats
    last: Floats
    turn: Codes
    before: Floats

    @classmethod
    def of(cls, found: Pairs, no_plan: Floats) -> "_Rows":
        """Return the pairs that contribute anything by any method, source by source, in the order of the measures."""
        several = [np.nan_to_num(values) != 0 for values in found.values.values()]
        pair, pollutant = np.nonzero(np.logical_or.reduce(several))
        order = np.lexsort((found.measure[pair], pollutant, found.source[pair]))
        pair, pollutant = pair[order], pollutant[order]
        source = found.source[pair]
        shapley = found.values["shapley"][pair, pollutant]
        new = np.ones(len(pair), dtype=bool)
        new[1:] = (source[1:] != source[:-1]) | (pollutant[1:] != pollutant[:-1])
        first = np.flatnonzero(new)[np.cumsum(new) - 1] if len(pair) else pair
        summed = np.cumsum(shapley) - shapley
        return cls(
            found.measure[pair], source, pollutant, shapley, found.values["alone"][pair, pollutant],
            found.values["last"][pair, pollutant], np.arange(len(pair)) - first + 1,
            no_plan[source, pollutant] + summed - summed[first],
        )  # fmt: skip


def _write(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> Told | None:
    series = one_of(several, path.name, "a Strategy Detailed Result", issues)
    if series is None:
        return None
    if series.projection is None:
        message = "there is no plan in what was read, and so nothing that measures do"
        issues.error(path.name, 0, "cm_abbrev", message, "convert the scenario: scenarios/<name>/full.yaml")
        return None
    year = year_of(series, path.name, settings, issues)
    plan = None if year is None else applied(series, year)
    if year is None:
        return None
    if plan is None:
        years = ", ".join(map(str, series.projection.program.years))
        issues.error(path.name, 0, "cm_abbrev", f"no measure acts in {year}", f"name one of {years} with --year")
        return None
    columns = flat_columns(series, year, None, path.name, settings, issues, needed=False)
    if issues.errors:
        return None
    found = pairs(series, year)
    rows = _Rows.of(found, plan.no_plan)
    unknown = int(np.count_nonzero(np.isnan(found.values["shapley"])))
    if unknown:
        message = f"{unknown:,} pairs of measure and source are not estimated for a pollutant, and have no row"
        issues.warn(path.name, 0, "eff_emis_reduction", message)
    texts = _texts(series, rows, columns) | _numbers(series, rows, plan) | _of_measures(series, rows, year)
    size = len(rows.source)
    columns_ = [texts[name] if name in texts else [""] * size for name in COLUMNS]
    head = _head(series, year)
    body = "".join(f"{','.join(row)}\n" for row in zip(*columns_, strict=True))
    path.write_text("\n".join([*head, ",".join(COLUMNS), body]), encoding="utf-8", newline="")
    return year_written(series, year, settings)


def _head(series: Series, year: int) -> list[str]:
    assert series.projection is not None
    scenario = series.projection.scenario
    said = (f"strategy {scenario.name} on {series.inventory.name}, emissions of {year}", *_SAID)
    return [f"#YEAR={year}", *(f"#DESC {' '.join(text.split())}" for text in said)]


# -- columns ---------------------------------------------------------------------------------------------------------


def _cells(values: Texts) -> list[str]:
    """Return texts in quotes, that no spreadsheet runs."""
    coded = Coded.of(values)
    cells = ['"' + harmless(str(text)).replace('"', '""') + '"' if text else "" for text in coded.values]
    return [cells[code] for code in coded.codes.tolist()]


def _tons(values: Floats) -> list[str]:
    """Return tonnes in short tons."""
    return [number(value) for value in (values / SHORT_TON).tolist()]


def _texts(series: Series, rows: _Rows, columns: Mapping[str, Texts]) -> dict[str, Sequence[str]]:
    """Return what tells which source a row is of."""
    inventory, size = series.inventory, len(rows.source)
    found: dict[str, Sequence[str]] = {"disable": ["false"] * size, "input_ds_id": ["0"] * size}
    names = ("poll", "scc", "region_cd", "facility_id", "unit_id", "rel_point_id", "process_id", "control_ids", "naics")
    of = {name: columns[name] for name in names if name in columns}
    of |= {name: inventory.attributes[name] for name in ("sic",) if name in inventory.attributes}
    region = [str(code) for code in columns["region_cd"]]
    # The state is what stands before the three digits of a county.
    of["fipsst"] = objects([code[:-3] if code.isdecimal() and len(code) in (5, 6) else "" for code in region])
    of["fipscty"] = objects([code[-3:] if code.isdecimal() and len(code) in (5, 6) else "" for code in region])
    of["sector"], of["source_group"] = inventory.labels["sector"], inventory.labels["category"]
    of["emis_source"] = inventory.labels["source"]
    of["facility"] = columns.get("facility_name", inventory.labels["facility"])
    of["existing_measure_abbreviation"] = columns.get("control_measures", objects([""] * len(inventory)))
    for name, texts in of.items():
        found[name] = _cells(texts[rows.source] if texts.ndim == 1 else texts[rows.source, rows.pollutant])
    for name, column in (("xloc", "longitude"), ("yloc", "latitude")):
        if column in columns:
            texts = columns[column]
            found[name] = [str(one) for one in (texts if texts.ndim == 1 else texts[:, 0])[rows.source]]
    found["source_id"] = [str(one + 1) for one in rows.source.tolist()]
    return found


def _numbers(series: Series, rows: _Rows, plan: Applied) -> dict[str, Sequence[str]]:
    """Return emissions and reductions."""
    at = rows.source, rows.pollutant
    without, control = plan.no_plan[at], series.inventory.control[at]
    alone = np.divide(-rows.alone, without, out=np.full_like(without, np.nan), where=without > 0)
    found: dict[str, Sequence[str]] = {
        "percent_reduction": [number(value) for value in (100 * alone).tolist()],
        "adj_factor": [number(value) for value in plan.growth[at].tolist()],
        "final_emissions": _tons(plan.emitted[at]),
        "ctl_emis_reduction": _tons(-rows.alone),
        "eff_emis_reduction": _tons(-rows.shapley),
        "inv_emissions": _tons(plan.base[at]),
        "apply_order": [str(turn) for turn in rows.turn.tolist()],
        "input_emis": _tons(rows.before),
        "output_emis": _tons(rows.before + rows.shapley),
        "emis_shapley": _tons(rows.shapley),
        "emis_alone": _tons(rows.alone),
        "emis_last": _tons(rows.last),
        "inv_ctrl_eff": percents(control),
        "inv_rule_pen": ["100" if value else "" for value in control.tolist()],
    }
    found["inv_rule_eff"] = found["inv_rule_pen"]
    if plan.monthly is not None:
        monthly = plan.monthly[at]
        found |= {f"{month}_final_emissions": _tons(monthly[:, one]) for one, month in enumerate(_MONTHS)}
    return found


def _of_measures(series: Series, rows: _Rows, year: int) -> dict[str, Sequence[str]]:
    """Return what is said of the measures of rows."""
    assert series.projection is not None
    program = series.projection.program
    first = program.years.index(year) * program.months
    level = program.levels[:, first : first + program.months].mean(axis=1)
    size, pollutants = len(program.measures), series.pollutants
    rates = {name: np.full((size, len(pollutants)), np.nan) for name in ("control_eff", "rule_pen", "rule_eff")}
    kind = np.full(size, "", dtype=object)
    for one, measure in enumerate(program.measures):
        abate = _abatement(measure)
        if abate is None:
            continue
        kind[one] = "R" if abate.replaces else "A"
        for name, efficiency in abate.efficiencies().items():
            if name in pollutants:
                at = one, pollutants.index(name)
                rates["control_eff"][at], rates["rule_eff"][at] = efficiency, abate.effectiveness
                rates["rule_pen"][at] = abate.penetration * level[one]
    found: dict[str, Sequence[str]] = {
        name: percents(values[rows.measure, rows.pollutant]) for name, values in rates.items()
    }
    found["replacement_addon"] = _cells(kind[rows.measure])
    found["cm_abbrev"] = _cells(objects([measure.id for measure in program.measures])[rows.measure])
    titles = [measure.title.en or measure.title.zh for measure in program.measures]
    found["control_technology"] = _cells(objects(titles)[rows.measure])
    found["strategy_name"] = _cells(np.full(len(rows.source), program.scenario.name, dtype=object))
    return found


def _abatement(measure: Measure) -> Abate | None:
    """Return what a measure does when it is one abatement, and nothing else."""
    if len(measure.do) != 1:
        return None
    verb = measure.do[0].verb
    return verb if isinstance(verb, Abate) else None


COST = Format(
    name="cost",
    title="Strategy Detailed Result of CoST: what each measure does to each source",
    suffix=".csv",
    carries=frozenset(
        {"source", "sector", "category", "region", "facility", "control", "point", "scenario", "no_plan", "measures"}
    ),
    write=_write,
)
