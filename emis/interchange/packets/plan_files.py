"""The plan that packets are compiled to, as files that `emis run` reads: plan.yaml, and the scenario beside it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from emis.errors import Issues
from emis.interchange.facets import FACETS
from emis.interchange.formats import Format, Settings, Told
from emis.interchange.packets.applying import PacketScenario
from emis.interchange.packets.documents import documents
from emis.interchange.series import Series

__all__ = ["PLAN"]

#: What `emis run` reads of one document [bytes].
_LARGEST = 5_000_000


class _Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
    """Writes every value out where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> Told | None:
    series = several[0]
    scenario = None if series.projection is None else series.projection.scenario
    if len(several) > 1 or not isinstance(scenario, PacketScenario) or scenario.made is None:
        message = "there is no plan in what was read: a plan is made of control packets"
        issues.error(path.name, 0, "", message, "name them with --packets")
        return None
    inventory = series.inventory
    promised, assumed = documents(scenario.made, "\n".join(scenario.notes))
    beside = path.with_name("scenario.yaml" if path.stem == "plan" else f"{path.stem}_scenario.yaml")
    # Files are written beside the place they are moved to, in a folder of their own.
    near = os.path.relpath(Path.cwd() / inventory.file, path.parent.parent.resolve())
    plan = _text(promised)
    if len(plan.encode()) > _LARGEST:
        message = f"has {len(plan.encode()) / 1e6:.1f} MB, and `emis run` reads plans of up to {_LARGEST / 1e6:g} MB"
        issues.warn(path.name, 0, "", message, "convert parts of the inventory, a state or a sector at a time")
    path.write_text(plan, encoding="utf-8")
    document = assumed | {"plan": path.name, "inventories": {inventory.base_year: Path(near).as_posix()}}
    beside.write_text(_text(document), encoding="utf-8")
    return Told((f"the plan is run by: emis run {beside.name}",))


def _text(document: dict[str, Any]) -> str:
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118))


PLAN = Format(
    name="plan",
    title="a plan and a scenario of emis, of control packets (--packets)",
    suffix=".yaml",
    # The inventory stays where it is, and the scenario names it.
    carries=frozenset(FACETS),
    write=_write,
)
