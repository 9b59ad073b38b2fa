"""Results read back: a folder that `emis run` wrote, with its tables, arrays, verdicts and what a report tells."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr

from emis.assessment import Verdict, Verdicts
from emis.errors import InputError, Issue
from emis.io.result_folders import is_result

__all__ = ["VERDICT_HEADER", "Result", "read_result", "replaced"]

VERDICT_HEADER = (
    "target", "status", "required", "achieved", "margin", "probability", "unit", "versus_no_plan", "title", "reason",
    "low", "high", "unchanged", "district_alone", "with_city", "hangs_on",
)  # fmt: skip
_VERDICT_NUMBERS = (
    "required", "achieved", "margin", "probability", "versus_no_plan", "low", "high", "unchanged", "district_alone",
    "with_city",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A result folder, read back."""

    folder: Path
    dataset: xr.Dataset
    verdicts: Verdicts
    contributions: list[dict[str, str]]
    run: dict[str, Any]

    def table(self, name: str) -> list[dict[str, str]]:
        """Return the rows of one of its tables, such as ``ledger.csv``; none when the run had nothing for it."""
        path = self.folder / name
        return _rows(path) if path.is_file() else []

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What its report tells beside the tables: report.json.

        Raises
        ------
        InputError
            When it is not there: the result was written by an older emis, or with ``--no-report``.
        """
        path = self.folder / "report.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found.get("emis") != "report/1":
                raise ValueError("it is not one that emis wrote")
        except FileNotFoundError:
            message = "holds nothing to make a report of: there is no report.json in it"
            hint = "run the scenario again, without --no-report"
            raise InputError([Issue(str(self.folder), 0, "", message, hint)]) from None
        except (OSError, ValueError, AttributeError) as error:
            raise InputError([Issue(str(path), 0, "", f"cannot be read: {error}", "run the scenario again")]) from None
        return dict(found)


def read_result(path: str | Path) -> Result:
    """Read a result folder.

    Raises
    ------
    InputError
        When it is no result folder, or a part of it is missing.
    """
    folder = Path(path)
    run = folder / "run.json"
    if not run.is_file():
        message = "is no result folder: there is no run.json in it"
        raise InputError([Issue(str(folder), 0, "", message, "name a folder that `emis run` wrote")])
    stored = folder / "projection.zarr"
    try:
        record = json.loads(run.read_text(encoding="utf-8"))
        if not is_result(folder) or not {"scenario", "inventories"} <= set(record):
            raise ValueError("run.json is not one that emis wrote")
        dataset = xr.open_zarr(stored).load() if stored.exists() else xr.load_dataset(folder / "projection.nc")
        verdicts = Verdicts(_verdict(row) for row in _rows(folder / "verdicts.csv"))
        return Result(folder, dataset, verdicts, _rows(folder / "contributions.csv"), record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Issue(str(folder), 0, "", f"cannot be read: {error}", "run the scenario again")]) from None


def _verdict(row: Mapping[str, str]) -> Verdict:
    numbers = {name: float(row[name]) if row[name] else None for name in _VERDICT_NUMBERS}
    return Verdict(**{name: row[name] for name in VERDICT_HEADER if name not in numbers}, **numbers)  # type: ignore[arg-type]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def replaced(folder: Path, scenario_file: str) -> list[Issue]:
    """Return a warning when a result folder holds the result of another scenario file."""
    try:
        earlier = json.loads((folder / "run.json").read_text(encoding="utf-8")).get("scenario_file", scenario_file)
    except (OSError, ValueError):
        return []
    if earlier == scenario_file:
        return []
    message = f"held the result of {earlier}, which is replaced"
    return [Issue(str(folder), 0, "", message, "keep results apart with -o, or give scenarios names of their own")]
