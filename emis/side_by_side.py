"""Results side by side on the command line: totals with their change against the first, and the verdicts."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console

from emis.console import amount, new_table, print_table

__all__ = ["print_comparison"]

#: Columns taken by pollutant and sector, and by a value with its change.
_LABELS, _CELL = 26, 20
#: A change below this share is rounding.
_NOTHING = 1e-9


def print_comparison(
    out: Console,
    names: Sequence[str],
    year: int,
    totals: Mapping[tuple[str, str], Sequence[float]],
    verdicts: Mapping[str, Sequence[str]],
) -> None:
    """Print results side by side: totals by pollutant and sector in a year, and the verdicts.

    As many results stand beside each other as the width has room for; the first, against which the others change, is
    repeated before those that follow below.
    """
    room = max(1, (out.width - _LABELS) // max(_CELL, max(map(cell_len, names)) + 3) - 1)
    for start in range(1, len(names), room):
        shown = [0, *range(start, min(start + room, len(names)))]
        heads = (("pollutant", False), ("sector", False), *((names[index], True) for index in shown))
        table, last = new_table(f"Emissions {year}, t, and change against {names[0]}", *heads), ""
        for (pollutant, sector), values in totals.items():
            if pollutant != last and last:
                table.add_section()
            cells = [amount(values[0]), *(_changed(values[index], values[0]) for index in shown[1:])]
            table.add_row(pollutant if pollutant != last else "", sector, *cells)
            last = pollutant
        print_table(out, table)
    verdicts = {
        target: [cell.replace("UNDETERMINED", "UNDET.") for cell in cells] for target, cells in verdicts.items()
    }
    told = {target: cells for target, cells in verdicts.items() if len(set(cells)) > 1 or "UNDET" not in cells[0]}
    widest = max(map(cell_len, (*names, *(cell for cells in told.values() for cell in cells))))
    room = max(1, (out.width - max(map(cell_len, verdicts), default=0) - 3) // (widest + 3))
    for start in range(0, len(names), room):
        shown = list(range(start, min(start + room, len(names))))
        table = new_table("Targets", ("target", False), *((names[index], True) for index in shown))
        for target, statuses in told.items():
            table.add_row(target, *(statuses[index] for index in shown))
        print_table(out, table)
    alike = ", ".join(target for target in verdicts if target not in told)
    if alike:
        out.print(f"undetermined in all of them: {alike}")


def _changed(value: float, first: float) -> str:
    """Return a value and by how many per cent it differs from the first."""
    if value != value or first != first:
        return amount(value)
    if abs(value - first) <= _NOTHING * max(abs(value), abs(first)):
        return f"{amount(value)}      ="
    change = f"{100 * (value / first - 1):+.1f} %".replace("-", "−") if first else "new"
    return f"{amount(value)} {change:>8}"
