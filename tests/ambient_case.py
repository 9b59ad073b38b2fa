"""A project whose air is told by hand: coal that a plan halves, and neighbours that do a quarter and a tenth."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from conftest import Project

import emis
from emis.airquality.interface import AREAS, SPECIES
from emis.ambient.findings import Finding
from emis.ambient.results import Ambient, ambient_air

POLLUTANTS = ["SO2", "NOx", "NH3", "VOC", "BC", "OC", "PM2.5", "TSP"]
#: 1000 t of coal at 1 kg/t of everything, and dust of 100 t TSP of which 10 t PM2.5.
COAL = "source,category,fuel,technology,activity,unit,reference,grade\ncoal/stove,stove,coal,old,1000,t/yr,test,E\n"
DUST = "source,category,activity,unit,reference,grade\ndust/site,site,100,ha,test,E\n"
EVERYTHING = "category,pollutant,factor,unit,reference,grade\n" + "".join(
    f"stove,{name},{0 if name == 'TSP' else 1},kg/t,test,E\n" for name in POLLUTANTS
)
RAISED = "category,pollutant,factor,unit,reference,grade\n" + "".join(
    f"site,{name},{ {'TSP': 1, 'PM2.5': 0.1}.get(name, 0) },t/ha,test,E\n" for name in POLLUTANTS
)
OBSERVED = "year,area,quantity,value,unit,low,high,reference,grade\n"
#: Where PM2.5 comes from: 20 % of the district, 40 % of the city, 30 % of the region, 10 % of nowhere.
ORIGINS = {"district": 20, "city": 40, "region": 30, "background": 10}


def composition(year: int = 2017, area: str = "district", **parts: float) -> str:
    """Return rows of a composition; without parts it is elemental carbon alone, which is inert."""
    parts = parts or {"EC": 100}
    return "".join(f"{year},{area},{name},{parts.get(name, 0)},%,,,test,E\n" for name in SPECIES)


def shares(receptor: str = "district", **origins: float) -> str:
    head = "receptor,species,area,share,reference,grade\n"
    given = {**ORIGINS, **origins}
    return head + "".join(f"{receptor},{k},{area},{part} %,test,E\n" for k in SPECIES for area, part in given.items())


@pytest.fixture
def air(project: Project) -> Project:
    """A plan that halves the coal from 2020 on; 60 ug/m3 of carbon, neighbours that do a quarter and a tenth."""
    folder = project.root / "inventories" / "2017"
    folder.mkdir(parents=True)
    for name, text in (("coal", COAL), ("dust", DUST), ("factors", EVERYTHING), ("raised", RAISED)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    tables = [
        {"sector": "coal", "activity": "coal.csv", "factors": "factors.csv"},
        {"sector": "dust", "activity": "dust.csv", "factors": "raised.csv"},
    ]
    project.yaml(
        folder / "inventory.yaml",
        {"emis": "inventory/1", "name": "test", "base_year": 2017, "status": "example", "pollutants": POLLUTANTS}
        | {"tables": tables},
    )
    project.plan["target_year"] = 2020
    project.measure("A", [{"scale": {"activity": "-50 %"}}], phase_in={2020: "100 %"})
    target(project, at_most="49 ug/m^3")
    project.scenario["air_quality"] = {
        "models": ["rollback", "attainment"],
        "observed": "air-quality.csv",
        "shares": "air-shares.csv",
        "outside": {"city": everywhere("-25 %"), "region": everywhere("-10 %")},
        "weather": "7.5 %",
        "monitor": "0 %",
    }
    write(project, "air-quality.csv", OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n" + composition())
    write(project, "air-shares.csv", shares())
    return project


def everywhere(change: str) -> dict[str, str]:
    return dict.fromkeys(("SO2", "NOx", "NH3", "VOC", "BC", "OC", "dust"), change)


def write(project: Project, name: str, text: str) -> None:
    path = project.root / "scenarios" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def target(project: Project, indicator: str = "concentration", **keys: Any) -> None:
    project.plan["targets"] = [{"id": "T", "indicator": indicator, "by": 2020, **keys}]


def told(project: Project) -> Ambient:
    projection = project.project()
    return ambient_air(projection, projection.scenario.plan.targets)


def warnings(project: Project) -> str:
    return "\n".join(str(one) for one in project.read().warnings)


def finding(project: Project) -> Finding:
    found = told(project).findings["T"]
    assert isinstance(found, Finding), str(found)
    return found


def verdict(project: Project) -> emis.Verdict:
    projection = project.project()
    return emis.assess(projection, projection.scenario.plan.targets)[0]


#: What comes of the carbon of each area, of 60 ug/m3 by matrix and of 30 by surface.
PART = {"district": 12, "city": 24, "region": 18}
COUNTED = (
    OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n2017,district,heavy_days,30,day,,,test,A\n" + composition()
)
SURFACE = "kind,term,species,value,unit,low,high\nbase,,PM2.5,30,ug/m^3,,\n" + "".join(
    f"term,{area}.BC,PM2.5,{value / 2},ug/m^3,,\nbox,{area}.BC,,,,0.4,1.2\n" for area, value in PART.items()
)


def write_series(air: Project, pm25: np.ndarray, pm10: np.ndarray | None = None, year: int = 2017) -> None:
    days = [dt.date(year, 1, 1) + dt.timedelta(n) for n in range(len(pm25))]
    pm10 = np.full(len(pm25), 20.0) if pm10 is None else pm10
    lines = [f"{day},district,{a},{b}" for day, a, b in zip(days, pm25, pm10, strict=True)]
    write(air, "daily.csv", "date,area,PM2.5 [ug/m^3],PM10 [ug/m^3]\n" + "\n".join(lines) + "\n")
    air.scenario["air_quality"]["daily"] = "daily.csv"


def dusty(air: Project) -> None:
    rows = "2017,district,dustfall,8,t/(km^2*month),,,test,A\n"
    rows += "2017,district,dustfall_background,2,t/(km^2*month),,,test,A\n"
    write(air, "air-quality.csv", OBSERVED + rows)
    air.measure("D", [{"scale": {"activity": "-50 %"}}], select={"sector": "dust"})
    target(air, "dustfall", reduce_by="30 %", since=2017)


def own_matrix() -> str:
    lines = [
        f"{area},{p},{k},{PART[area] if (p, k) == ('BC', 'EC') else 0},ug/m^3,60"
        for area in AREAS
        for p in ("SO2", "NOx", "NH3", "VOC", "BC", "OC", "dust")
        for k in SPECIES
    ]
    return "area,precursor,species,coefficient,unit,perturbation [%]\n" + "\n".join(lines) + "\n"
