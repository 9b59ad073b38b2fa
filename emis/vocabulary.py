"""The names emis knows: pollutants, sectors, label and dimension names, in Chinese and English.

Sector codes follow the EMEP/EEA reporting nomenclatures NFR and GNFR and the ten source classes (一级源) of the Chinese
city inventory manual (城市大气污染物排放清单编制技术手册, 2018).
"""

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

__all__ = [
    "LABELS",
    "NOMENCLATURES",
    "NOTATION_KEYS",
    "POLLUTANTS",
    "POLLUTANT_ALIASES",
    "POLLUTANT_ZH",
    "SECTORS",
    "STATUS",
    "STOCK_COLUMNS",
    "SectorName",
    "look_alike",
    "nearest",
    "pollutant",
    "suggest",
]

#: Labels that measures select by and that tell a source from its neighbours, in the order of a source id.
LABELS = ("sector", "category", "fuel", "technology", "region", "facility")

#: Notation keys of the reporting guidelines, accepted instead of a number.
NOTATION_KEYS = {
    "NE": "not estimated: totals that need it are undetermined",
    "NO": "not occurring: a true zero",
    "IE": "included elsewhere: counted in another row, which the note names",
    "NA": "not applicable: zero",
    "C": "confidential: behaves as NE",
}

#: Columns in which a table may give the code of a source in another nomenclature, and how that one is called.
NOMENCLATURES = {
    "nfr": "NFR 2019 (EMEP/EEA)",
    "gnfr": "GNFR (EMEP)",
    "snap": "SNAP 97 (CORINAIR)",
    "edgar": "EDGAR v8",
    "ceds": "CEDS working sectors",
    "scc": "Source Classification Code (EPA)",
    "meic": "MEIC sectors",
    "mee": "源分类 一级–四级 (Ministry of Ecology and Environment)",
}

#: What each status of an inventory says to a reader.
STATUS = {
    "reconstruction": ("a reconstruction, not an official inventory", "重建清单，非官方清单"),
    "example": ("an example, not a real inventory", "示例，非真实清单"),
    "official": ("official", "官方清单"),
}

POLLUTANTS = {
    "SO2": "sulphur dioxide 二氧化硫",
    "NOx": "nitrogen oxides as NO2 氮氧化物",
    "VOC": "non-methane volatile organic compounds 挥发性有机物",
    "CO": "carbon monoxide 一氧化碳",
    "NH3": "ammonia 氨",
    "TSP": "total suspended particles 总悬浮颗粒物",
    "PM10": "inhalable particles 可吸入颗粒物",
    "PM2.5": "fine particles 细颗粒物",
    "BC": "black carbon 黑碳",
    "OC": "organic carbon 有机碳",
    "CO2": "carbon dioxide 二氧化碳",
    "CH4": "methane 甲烷",
    "N2O": "nitrous oxide 氧化亚氮",
    "NO2": "nitrogen dioxide 二氧化氮",
    "NO": "nitric oxide 一氧化氮",
    "O3": "ozone 臭氧",
    "HC": "hydrocarbons 碳氢化合物",
    "oil_fume": "cooking oil fume 油烟",
}

#: Every spelling that is read, and the name it is written by. Only spellings nothing else can be meant by.
POLLUTANT_ALIASES = {name: name for name in POLLUTANTS} | {
    "PM25": "PM2.5",
    "PM2_5": "PM2.5",
    "PM2-5": "PM2.5",
    "NMVOC": "VOC",
    "NMVOCs": "VOC",
    "VOCs": "VOC",
    "NOX": "NOx",
    "PM_10": "PM10",
}


#: The Chinese name of each pollutant that has one, and how it is written here.
POLLUTANT_ZH = {told.split()[-1]: name for name, told in POLLUTANTS.items() if not told.split()[-1].isascii()}


@dataclass(frozen=True, slots=True)
class SectorName:
    """A sector: titles, codes in the reporting nomenclatures, and the labels its sources may carry."""

    zh: str
    en: str
    nfr: str
    gnfr: str
    mee: str
    fuels: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()


_STANDARDS = ("pre_china", *(f"china_{n}" for n in range(7)), "china_6a", "china_6b")
_STAGES = tuple(f"stage_{n}" for n in range(6))
_PURIFIERS = ("no_purifier", "old_purifier", "compliant_purifier")
_SOLID = ("coal", "loose_coal", "quality_coal", "briquette", "anthracite", "coke")
_CLEAN = ("natural_gas", "lpg", "electricity", "heat")

SECTORS = {
    "mobile": SectorName(
        "移动源",
        "Mobile sources",
        "1A3, 1A2gvii",
        "F_RoadTransport, I_OffRoad",
        "移动源",
        ("petrol", "diesel", "natural_gas", "cng", "lng", "lpg", "hybrid", "electricity", "hydrogen"),
        (*_STANDARDS, *_STAGES, "lean_burn", "hybrid", "electric", "fuel_cell"),
    ),
    "dust": SectorName(
        "扬尘源",
        "Dust",
        "2A5, 1A3bvi-vii",
        "B_Industry, F_RoadTransport",
        "扬尘源",
        (),
        (
            "exposed",
            "covered",
            "restored",
            "open",
            "enclosed",
            "urban_road",
            "highway",
            "rural_road",
            "building",
            "municipal",
            "demolition",
        ),
    ),
    "industry": SectorName(
        "工业源",
        "Industry",
        "1A2, 2A-2C, 2D3",
        "B_Industry, E_Solvents",
        "工艺过程源",
        (*_SOLID, *_CLEAN, "diesel", "fuel_oil"),
        ("registered", "scattered", "kiln", "plant"),
    ),
    "solvents": SectorName(
        "溶剂使用源",
        "Solvents and services",
        "2D3, 1B2av",
        "E_Solvents, D_Fugitives",
        "溶剂使用源",
        (),
        ("solvent_borne", "water_borne", "high_solids", "uncontrolled", "compliant"),
    ),
    "coal": SectorName(
        "燃煤源",
        "Coal",
        "1A4",
        "C_OtherStationaryComb",
        "化石燃料固定燃烧源",
        (*_SOLID, *_CLEAN),
        ("traditional_stove", "advanced_stove", "stove", "boiler", "heat_pump", "gas_heater"),
    ),
    "gas": SectorName(
        "燃气源",
        "Gas",
        "1A4",
        "C_OtherStationaryComb",
        "化石燃料固定燃烧源",
        ("natural_gas", "lpg", "electricity"),
        ("conventional", "low_nox", *(f"nox_class_{n}" for n in range(1, 6))),
    ),
    "catering": SectorName("餐饮源", "Catering", "2D3i", "E_Solvents", "其他排放源 (餐饮)", _CLEAN, _PURIFIERS),
    "agriculture": SectorName(
        "农业源",
        "Agriculture",
        "3B, 3D, 3F",
        "K_AgriLivestock, L_AgriOther",
        "农业源",
        (),
        ("urea", "compound", "organic", "field", "pig", "dairy_cow", "beef_cattle", "sheep", "layer", "broiler"),
    ),
    "power": SectorName(
        "电力", "Power and heat plants", "1A1", "A_PublicPower", "化石燃料固定燃烧源", (*_SOLID, *_CLEAN), ()
    ),
    "heating": SectorName(
        "供热", "Heating", "1A1, 1A4", "C_OtherStationaryComb", "化石燃料固定燃烧源", (*_SOLID, *_CLEAN), ()
    ),
    "residential": SectorName(
        "民用源", "Residential", "1A4b", "C_OtherStationaryComb", "化石燃料固定燃烧源", (*_SOLID, *_CLEAN, "wood"), ()
    ),
    "services": SectorName(
        "服务业", "Services", "1A4a", "C_OtherStationaryComb", "化石燃料固定燃烧源", (*_SOLID, *_CLEAN), ()
    ),
    "biomass": SectorName(
        "生物质燃烧源", "Biomass burning", "1A4, 3F, 5C2", "J_Waste, L_AgriOther", "生物质燃烧源", ("wood",), ()
    ),
    "storage": SectorName(
        "储存运输源", "Fuel storage and transport", "1B2", "D_Fugitives", "储存运输源", ("petrol", "diesel"), ()
    ),
    "waste": SectorName("废弃物处理源", "Waste", "5", "J_Waste", "废弃物处理源", (), ()),
    "natural": SectorName("天然源", "Natural sources", "11", "N_Natural", "天然源", (), ()),
    "other": SectorName("其他排放源", "Other sources", "6A", "M_Other", "其他排放源", (), ()),
}

#: Columns that count a source's stock, so that a plan may promise an amount in them; the name is read as the unit.
STOCK_COLUMNS = (
    "vehicles",
    "machines",
    "households",
    "villages",
    "firms",
    "heads",
    "persons",
    "stations",
    "sites",
    "area",
)


def pollutant(text: str) -> str | None:
    """Return the name `text` is written by, or None when emis knows no such pollutant."""
    return POLLUTANT_ALIASES.get(text.strip())


def nearest(found: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the one of `known` that `found` most likely is a misspelling of."""
    folded = {_folded(name): name for name in sorted({str(name) for name in known if str(name)})}
    near = difflib.get_close_matches(_folded(found), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def suggest(found: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" for the nearest of `known`, or the first of them as what exists."""
    names = sorted({str(name) for name in known if str(name)})
    near = nearest(found, names)
    if near is not None:
        return f"did you mean {near!r}?"
    shown = ", ".join(names[:20]) + (" ..." if len(names) > 20 else "")
    return f"known here: {shown}" if names else "nothing of the kind is known here"


@lru_cache(maxsize=65536)
def look_alike(text: str) -> str | None:
    """Return the plain spelling when `text` only looks like it (full-width letters, odd blanks, decomposed accents)."""
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("\u200b", "").replace("\ufeff", "").split())
    return plain if plain != text else None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("_", "").replace("-", "").replace(".", "")
