"""Where the emission factor of a source comes from: a row of a table, a sector's method, and what corrects it."""

from collections.abc import Iterator

import numpy as np

from emis.explanation.account import Account
from emis.explanation.figures import figure, mass_per
from emis.explanation.tree import Basis, Step
from emis.inventory import Inventory
from emis.sectors import Method, RowError, Rows, methods_of
from emis.vocabulary import NOTATION_KEYS
from emis.wording import per_cent

__all__ = ["factor_step"]

_KEYS_ZH = {"NE": "未估算", "NO": "不发生，为零", "IE": "计入他处", "NA": "不适用，为零", "C": "保密，按未估算处理"}


def factor_step(account: Account, inventory: Inventory, source: int, column: int, running: float) -> Step:
    """Return the line of an emission factor, or of the tonnes that a source reports; `running` is its activity."""
    factor, pollutant = float(inventory.factor[source, column]), inventory.pollutants[column]
    if inventory.reported[source]:
        value, unit, scale = factor, "t", 1.0
        text = account.say(f"{pollutant} reported {inventory.base_year}", f"{inventory.base_year} 年上报 {pollutant}")
    else:
        value, unit, scale = mass_per(factor, str(inventory.activity_unit[source]))
        text = account.say(f"emission factor of {pollutant}", f"{pollutant} 排放因子")
    key = str(inventory.notation[source, column]) if inventory.notation is not None else ""
    if key:
        text = f"{text}: {key}, {account.say(NOTATION_KEYS[key].partition(':')[0], _KEYS_ZH[key])}"
    details = () if inventory.reported[source] else tuple(_made_of(account, inventory, source, column))
    control = float(inventory.control[source, column])
    if control > 0:
        inside = per_cent(control)
        details += (account.say(f"existing control of {inside} is inside it", f"已含现有控制效率 {inside}"),)
    low, high = (inventory.bounds.get(f"factor_{end}") for end in ("low", "high"))
    ends = [
        None if one is None or np.isnan(one[source, column]) else float(one[source, column] / scale)
        for one in (low, high)
    ]
    total = running * factor
    basis = (_of_table(inventory, source, column, ends[0], ends[1]),)
    return Step("factor", "×", value, unit, text, total, scale, name=pollutant, details=details, basis=basis)


def _of_table(inventory: Inventory, source: int, column: int, low: float | None, high: float | None) -> Basis:
    """Return what a factor rests on: its row of a factor table, or the source's own row."""
    row = int(inventory.factor_row[source, column]) if inventory.factor_row is not None else -1
    if row >= 0:
        found = inventory.factor_rows[row]
        return Basis(*found.place, found.grade, found.reference, low, high)
    own = inventory.places[source] if inventory.places else ("", 0)
    return Basis(*own, low=low, high=high)


def _made_of(account: Account, inventory: Inventory, source: int, column: int) -> Iterator[str]:
    """Yield what the methods of the sector make of the row's own columns."""
    pollutant, unit = inventory.pollutants[column], str(inventory.activity_unit[source])
    kept, times, plain = 1.0, 1.0, []
    for method, value in _methods(inventory, source, pollutant):
        cited = f"{method.name} ({method.cites})"
        if method.kind == "factor":
            columns = account.list_mark.join(_filled(inventory, source, method))
            yield account.say(f"computed from the row's {columns}: {cited}", f"由该行的 {columns} 计算：{cited}")
        elif method.kind == "correction" and value != 1.0:
            times *= value
            plain.append(f"× {figure(value)} {cited}")
        elif method.kind == "addition" and inventory.added is not None:
            share = per_cent(float(f"{inventory.added[source, column]:.4g}"))
            plain.append(account.say(f"{share} of it is added by {cited}", f"其中 {share} 由 {cited} 添加"))
        elif method.kind == "control":
            kept *= 1.0 - value
            plain.append(f"× {figure(1.0 - value)} {cited}")
    row = int(inventory.factor_row[source, column]) if inventory.factor_row is not None else -1
    factor = float(inventory.factor[source, column])
    if plain and row >= 0 and factor > 0:
        added = float(inventory.added[source, column]) if inventory.added is not None else 0.0
        table, per, _ = mass_per(factor * (1.0 - added) / (kept * times), unit)
        yield account.say(f"the table has {figure(table)} {per}", f"因子表值为 {figure(table)} {per}")
    yield from plain


def _methods(inventory: Inventory, source: int, pollutant: str) -> Iterator[tuple[Method, float]]:
    """Yield the methods that act on a pollutant of a source, each with what it gives, in its own unit."""
    labels = {name: values[source : source + 1] for name, values in inventory.labels.items()}
    columns = {name: values[source : source + 1] for name, values in inventory.columns.items()}
    columns |= {name: stock.values[source : source + 1] for name, stock in inventory.stocks.items()}
    rows = Rows(labels, columns)
    for method in methods_of(str(labels["sector"][0]), str(labels["category"][0])):
        if method.kind in ("offsite", "activity") or not any(rows.filled(name)[0] for name in method.triggers):
            continue
        try:
            found = method.compute(rows)
        except RowError:
            continue
        if pollutant in found:
            yield method, float(found[pollutant][0])


def _filled(inventory: Inventory, source: int, method: Method) -> list[str]:
    return [
        name for name in method.reads if name in inventory.columns and not np.isnan(inventory.columns[name][source])
    ]
