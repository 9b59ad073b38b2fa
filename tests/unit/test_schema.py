"""The JSON Schemas that editors use accept what emis accepts, and catch what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from emis.errors import Issues
from emis.io import documents
from emis.io.checks import json_schema

ROOT = Path(__file__).parents[2]
FILES = [
    path for folder in ("inventories", "scenarios", "emis/template") for path in sorted((ROOT / folder).rglob("*.yaml"))
]


def document(path: Path) -> Any:
    issues = Issues()
    tree = documents.read_document(path, path.name, issues)
    assert tree is not None
    # An editor sees JSON: keys are text.
    return json.loads(json.dumps(documents.plain(tree)))


def validator(kind: str) -> Draft202012Validator:
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_files_pass(path: Path) -> None:
    found = document(path)
    errors = list(validator(found.get("emis", "scenario/1").split("/")[0]).iter_errors(found))
    assert not errors, errors[0]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("plan", "emis: plan/1\nbase_year: 2017\nmeasures: [{id: A, do: [{close: {share: 1 %, dat: 2018-01-01}}]}]"),
        ("plan", "emis: plan/1\nbase_year: 2017\nmeasures: [{id: A, do: [{abbate: {efficiency: {NOx: 50 %}}}]}]"),
        ("plan", "emis: plan/1\nmeasures: []"),
        ("scenario", "emis: scenario/1\nname: a"),
        ("scenario", "extends: full.yaml\nreslution: month"),
        ("inventory", "emis: inventory/1\nname: a\nbase_year: 2017\nstatus: good\npollutants: [NOx]\ntables: []"),
    ],
)  # fmt: skip
def test_faults_are_caught(kind: str, text: str) -> None:
    assert list(validator(kind).iter_errors(YAML(typ="safe").load(text)))


@pytest.mark.parametrize(
    "written",
    [
        "{revegetate: 48 ha}", "{cover: {share: 60 %}}", "{ban_burning: 80 %}", "{wash_roads: {silt_reduction: 30 %}}",
        "{renew: {turnover: 8 %/yr, from: '2020-01-01', until: '2020-12-31', to: {technology: china_6}}}",
        "{heat_pumps: {amount: 5 village, heat_value: 18 GJ/t, stove_efficiency: 40 %, cop: 2.5}}",
        "{inspect: {non_compliant: 20 %, excess: {NOx: 3}, found: 50 %}}",
    ],
)  # fmt: skip
def test_levers_pass(written: str) -> None:
    plan = YAML(typ="safe").load(f"emis: plan/1\nbase_year: 2017\nmeasures: [{{id: A, do: [{written}]}}]")
    assert not list(validator("plan").iter_errors(plan))
