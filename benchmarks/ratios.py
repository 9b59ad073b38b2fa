"""Measure emis against what else would do, print the table of ratios, and put it into README.md and ratios.json.

python benchmarks/ratios.py [--shapes city,province] [--only projecting] [--rounds 7] [--python PATH] [--print]
"""

# ruff: noqa: E402
import os

# One thread each, which libraries ask for before they are imported.
for _name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "POLARS_MAX"):
    os.environ[f"{_name}_THREADS" if _name == "POLARS_MAX" else f"{_name}_NUM_THREADS"] = "1"

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cases import SHAPES, program, world
from measured import Bench, Section, alone, beyond, growing, many, projecting
from table import Bar, bars, headline, insert, table
from timing import FEW, machine

HERE = Path(__file__).parent
RECORD = HERE / "ratios.json"
LOADS = ("load", "load_after")
SECTIONS = {"projecting": projecting, "many": many, "alone": alone, "growing": growing, "beyond": beyond}


def main() -> None:
    """Run what was asked for, and put each section that is whole in the place of its last run."""
    asked = _arguments()
    found = {}
    for name in asked.only:
        print(name, flush=True)
        found[name] = _measured(
            SECTIONS[name], Bench(tuple(asked.shapes), asked.rounds, asked.slow, tuple(asked.python))
        )
        if not asked.print:
            # Read anew: another section may have been measured meanwhile.
            record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
            record[name] = found[name]
            RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            insert(HERE / "README.md", text_of(record))
            insert(HERE.parent / "README.md", headline_of(record))
    print(f"\n{text_of(found)}")


def _measured(section: Any, bench: Bench) -> dict[str, Any]:
    """Return a section as it is recorded."""
    before, started = machine(), time.perf_counter()
    found: Section = section.measure(bench)
    program.cache_clear()
    world.cache_clear()
    about = before | {"load_after": machine()["load"], "minutes": round((time.perf_counter() - started) / 60, 1)}
    return {
        "about": about | {"rounds": bench.rounds, "slow": bench.slow}, "bars": [vars(row) for row in found.bars],
        "tables": dict(found.tables), "seconds": bench.seconds,
    }  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add = parser.add_argument
    add("--shapes", type=_several(SHAPES), default=list(SHAPES), help="sizes; bars are judged at the largest")
    add("--only", type=_several(SECTIONS), default=list(SECTIONS), help="sections; the others stay as they were")
    add("--rounds", type=int, default=7, help="rounds of each call, in turn")
    add("--slow", type=float, default=20.0, help=f"seconds over which a call gets {FEW} rounds")
    add("--python", action="append", default=[], help="another interpreter to look for peers in")
    add("--print", action="store_true", help="print the table and write nothing")
    return parser.parse_args()


def _several(known: Mapping[str, object]) -> Any:
    def read(text: str) -> list[str]:
        names = text.split(",")
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}: expected some of {', '.join(known)}")
        return names

    return read


def text_of(record: Mapping[str, Any]) -> str:
    """Return what was measured as Markdown, sections in their own order."""
    sections = [record[name] for name in SECTIONS if name in record]
    parts = [*dict.fromkeys(_about(one["about"]) for one in sections)]
    rows = [Bar(**row) for one in sections for row in one["bars"]]
    if rows:
        parts += ["### Bars", bars(rows)]
    parts += [part for one in sections for caption, body in one["tables"].items() for part in (f"### {caption}", body)]
    loads = [
        [name, record[name]["about"]["date"], *(" ".join(map(str, record[name]["about"][when])) for when in LOADS),
         record[name]["about"]["minutes"]]
        for name in SECTIONS if name in record
    ]  # fmt: skip
    head = ["section", "begun", "load average before", "and after", "minutes"]
    return "\n\n".join([*parts, "### When, and what else the machine did", table(head, loads)])


def headline_of(record: Mapping[str, Any]) -> str:
    """Return what the project's own README says of it: the bars that are judged, and the machine."""
    sections = [record[name] for name in SECTIONS if name in record]
    machines = dict.fromkeys(
        f"{one['about']['processor']}, {one['about']['cores']} cores, {one['about']['date'][:10]}" for one in sections
    )
    return f"{headline(Bar(**row) for one in sections for row in one['bars'])}\n\n{'; '.join(machines)}."


def _about(about: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return (
        f"{about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, {about['system']}; "
        f"Python {about['python']}, {versions}. Medians of {about['rounds']} rounds in turn, one thread; "
        f"of {FEW} rounds for what takes over {about['slow']:g} s."
    )


if __name__ == "__main__":
    main()
