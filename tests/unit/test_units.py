"""Units: what is read, what it is worth to the last bit, and what is said about what is not read."""

import math
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emis import grammar
from emis.units import (
    Quantity,
    UnitError,
    activity_ratio,
    check,
    commensurable,
    describe,
    factor_scale,
    magnitude,
    quantity,
    rate,
    ratio,
    share,
    signed_share,
)
from emis.vocabulary import POLLUTANT_ALIASES, POLLUTANTS, STOCK_COLUMNS

SPELLINGS = sorted(grammar._units())


# -- the traps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trap", "same", "worth"),
    [
        ("kt/a", "t/yr", 1000.0),  # not a knot per year
        ("m3", "m^3", 1.0),
        ("mg/m3", "kg/m^3", 1e-6),
        ("g/m2/s", "kg/(m^2*s)", 1e-3),
        ("t/(km2*month)", "g/(m^2*yr)", 12.0),
        ("tce", "GJ", 29.3076),
        ("g/(veh*km)", "g/km", 1.0),
        ("kg/head/yr", "t/(head*yr)", 1e-3),
        ("万吨", "t", 1e4),
        ("万m3", "m^3", 1e4),  # not (10000 m)^3
        ("t PM25/yr", "t/yr", 1.0),
        ("t PM2.5/yr", "t/yr", 1.0),
        ("year", "d", 365.0),  # not 365.25
        ("month", "d", 365 / 12),
    ],
)
def test_trap_is_read_as_meant(trap: str, same: str, worth: float) -> None:
    assert ratio(trap, same) == worth


@pytest.mark.parametrize("text", ["ton/yr", "tons", "kg/ton", "Ton", "万ton"])
def test_ton_is_refused_with_its_three_readings(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        check(text)
    assert caught.value.hint == "write t (1000 kg), short_ton (907.18474 kg) or long_ton (1016.0469088 kg)"
    assert ratio("short_ton", "kg") == 907.18474
    assert ratio("long_ton", "kg") == 1016.0469088


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("t ce", "'ce' in 't ce' is not a unit of its own", "write tce"),
        ("标准煤", "is not a unit of its own", "吨标准煤"),
        ("mt", "million tonnes", "write t or Mt"),
        ("Nm", "newton", "Nm3"),
        ("T", "not a unit", "did you mean t?"),
        ("KG", "not a unit", "did you mean kg?"),
        ("K", "not a unit", "column of its own"),
        ("°C", "cannot be read", "*"),
        ("kg/t coal", "'coal' in 'kg/t coal'", "column of its own"),
        ("vehicel/yr", "'vehicel'", "did you mean vehicle"),
        ("ms", "not a unit", "did you mean"),  # no plural of metre
        ("ｔ/yr", "full-width", "write t/yr"),
        ("吨/（平方公里*月）", "full-width", "write 吨/(平方公里*月)"),
        ("㎡", "look-alike", "write m2"),
        ("t\u200b/yr", "cannot be read", "*"),
        ("kg/m²·a", "in two ways", "write kg/(m²·a)"),
        ("kg/m2 month", "in two ways", "write kg/(m2 month)"),
        ("t/(km2)*month", "in two ways", "brackets"),
        ("L/100km", "number inside", "in front"),
        ("t-km", "'-km'", "t*km"),
        ("m^12", "'m^12' in", "m^2"),
        ("t^0", "'t^0'", "m^2"),
        ("m^2^2", "'m^2^2'", "m^2"),
        ("m2-5", "'m2' in 'm2-5'", "did you mean"),
        ("%", "percentage", "t/yr"),
        ("t/", "missing", "t/yr"),
        ("/yr", "missing", "t/yr"),
        ("t**yr", "missing", "t/yr"),
        ("(t", "never closed", "("),
        ("t)", "too many", "("),
        ("1", "'1' is not a unit", "percent"),
        ("万", "not a unit", ""),
        ("", "blank", "t/yr"),
        ("  ", "blank", "t/yr"),
        ("t*" * 100 + "t", "too long", "t/yr"),
        ("(" * 10_000, "too long", "t/yr"),
    ],
)
def test_unit_is_refused_with_a_hint(text: str, message: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        check(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", [None, 60, ["t"]])
def test_unit_has_to_be_text(text: object) -> None:
    with pytest.raises(UnitError, match="was found where a unit belongs"):
        check(text)  # type: ignore[arg-type]


def test_case_matters() -> None:
    assert ratio("Mg", "mg") == 1e9
    assert ratio("Mt", "t") == 1e6


# -- spellings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("t / yr", "t/yr"),
        ("tonnes/year", "t/yr"),
        ("t yr-1", "t/yr"),
        ("t·a⁻¹", "t/yr"),
        ("yr^-1", "1/yr"),
        ("1/yr", "1/yr"),
        ("m2", "m^2"),
        ("m**2", "m^2"),
        ("m²", "m^2"),
        ("kg m^-2", "kg/m^2"),
        ("µg/m³", "ug/m^3"),
        ("μg/m3", "ug/m^3"),
        ("ug/m^3", "ug/m^3"),
        ("mg/Nm³", "mg/Nm3"),
        ("mg/Nm^3", "mg/Nm3"),
        ("kg/head/yr", "kg/(head*yr)"),
        ("kg/(head*yr)", "kg/(head*yr)"),
        ("((t))/((yr))", "t/yr"),
        ("veh*km", "vkm"),
        ("vehicle*km/yr", "vkm/yr"),
        ("g/veh/km", "g/vkm"),
        ("万辆·公里", "万vkm"),
        ("km/veh", "km/vehicle"),
        ("t\u00a0NOx/yr", "t/yr"),
        ("l", "L"),
        ("kWh", "kWh"),
    ],
)
def test_normal_spelling(text: str, written: str) -> None:
    assert check(text) == written


@pytest.mark.parametrize(
    ("text", "same", "worth"),
    [
        ("吨", "t", 1),
        ("万吨", "t", 1e4),
        ("吨/年", "t/yr", 1),
        ("千克", "kg", 1),
        ("公斤", "kg", 1),
        ("克", "g", 1),
        ("毫克", "mg", 1),
        ("微克/立方米", "ug/m^3", 1),
        ("克/公里", "g/km", 1),
        ("千米", "km", 1),
        ("米", "m", 1),
        ("平方米", "m^2", 1),
        ("立方米", "m^3", 1),
        ("万立方米", "m^3", 1e4),
        ("亿立方米", "m^3", 1e8),
        ("平方公里", "ha", 100),
        ("公顷", "m^2", 1e4),
        ("千公顷", "ha", 1e3),
        ("亩", "ha", 1 / 15),
        ("辆", "vehicle", 1),
        ("万辆", "vehicle", 1e4),
        ("万 辆", "vehicle", 1e4),
        ("户", "household", 1),
        ("万户", "household", 1e4),
        ("头", "head", 1),
        ("只", "head", 1),
        ("万头", "head", 1e4),
        ("人", "person", 1),
        ("家", "firm", 1),
        ("个村", "village", 1),
        ("月", "d", 365 / 12),
        ("日", "d", 1),
        ("天", "h", 24),
        ("小时", "min", 60),
        ("千瓦时", "kWh", 1),
        ("度", "kWh", 1),
        ("万千瓦时", "kWh", 1e4),
        ("吉焦", "GJ", 1),
        ("百万千焦", "GJ", 1),
        ("吨标准煤", "tce", 1),
        ("万吨标准煤", "tce", 1e4),
        ("万吨 标准煤", "tce", 1e4),
        ("元", "yuan", 1),
        ("万元", "yuan", 1e4),
        ("亿元", "Myuan", 100),
        ("辆公里", "km", 1),
        ("万吨公里", "t*km", 1e4),
        ("千克/万人", "g/person", 0.1),
    ],
)
def test_chinese_spelling(text: str, same: str, worth: float) -> None:
    assert ratio(text, same) == worth


@pytest.mark.parametrize("name", [name for name in STOCK_COLUMNS if name != "area"])
def test_stock_columns_are_units(name: str) -> None:
    assert check(name) == (name.removesuffix("s") if name != "households" else "household")


def test_definition_file_is_closed_and_exact() -> None:
    for spelling, known in grammar.known().items():
        assert isinstance(known.worth, Fraction)
        assert grammar.known()[known.name].name == known.name, spelling
    assert grammar.known()["mu"].worth == Fraction(10000, 15)
    assert not set(SPELLINGS) & (set(POLLUTANT_ALIASES) | grammar._MATERIALS)


def test_no_spelling_is_defined_twice() -> None:
    lines = Path(grammar.__file__).with_name("units.txt").read_text(encoding="utf-8").splitlines()
    parts = [[part.strip() for part in line.split("=")] for line in lines if line and not line.startswith("#")]
    names = Counter(name for name, _relation, *others in parts for name in (name, *others) if name != "_")
    assert {name for name, count in names.items() if count > 1} == set()


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_multiplier_never_changes_what_a_name_is_worth(spelling: str) -> None:
    for multiplier in grammar._multipliers():
        rest = spelling.removeprefix(multiplier)
        if rest != spelling and rest in grammar._units():
            known = grammar.known()
            assert known[spelling].worth == known[multiplier].worth * known[rest].worth


# -- species -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("species", POLLUTANTS)
def test_species_is_annotation(species: str) -> None:
    assert check(f"t {species}/yr") == check(f"t {species}/yr", species) == "t/yr"
    assert check(f"g/km {species}", species) == "g/km"


@pytest.mark.parametrize(("alias", "name"), POLLUTANT_ALIASES.items())
def test_species_aliases_agree(alias: str, name: str) -> None:
    assert check(f"kg {alias}/t", name) == check(f"kg {name}/t", alias) == "kg/t"


def test_other_species_is_refused() -> None:
    with pytest.raises(UnitError) as caught:
        magnitude("60 t SO2/yr", "t/yr", "NOx")
    assert caught.value.message == "'t SO2/yr' is in SO2, but the pollutant is NOx"
    assert caught.value.hint == "write t/yr, or NOx for SO2"


def test_nitrogen_is_a_material() -> None:
    assert check("t N/yr", "NH3") == "t/yr"
    assert factor_scale("t N/yr", "kg NH3/kg N", "NH3") == 1.0
    assert factor_scale("t N", "g NH3 kg-1 N", "NH3") == 0.001
    assert factor_scale("t VOC/yr", "t CO2/t", "CO2") == 1.0


def test_co2_per_tonne_keeps_its_species_apart() -> None:
    assert check("t CO2/t", "CO2") == "t/t"
    assert describe("t CO2/t") == "dimensionless"
    assert factor_scale("万吨/年", "t CO2/t", "CO2") == 1e4


@pytest.mark.parametrize("text", ["NOx", "NOx t/yr", "t/NOx", "t*NOx"])
def test_species_stands_behind_a_unit(text: str) -> None:
    with pytest.raises(UnitError, match=r"stands where a unit belongs; write e.g. t NOx/yr"):
        check(text)


# -- conversion --------------------------------------------------------------------------------------------------------


def test_ratio_is_exact() -> None:
    assert ratio("kg", "t") == 0.001
    assert ratio("ug/m^3", "mg/m^3") == 0.001
    assert ratio("g/km", "t/km") == 1e-6
    assert ratio("GJ", "MWh") == 1 / 3.6
    assert ratio("t", "t") == 1.0
    assert magnitude("0.3 kg", "t") == 0.0003
    assert magnitude("8 yr", "yr") == 8.0


def test_ratio_names_both_units_and_dimensions() -> None:
    with pytest.raises(UnitError) as caught:
        ratio("t", "t/yr")
    assert caught.value.message == "'t' (mass) does not convert into 't/yr' (mass/time)"
    assert caught.value.hint == "write a unit of mass/time, such as t/yr"


def test_magnitude_is_strict_about_time() -> None:
    with pytest.raises(UnitError, match="does not convert"):
        magnitude("60 t", "t/yr")


def test_result_beyond_float_is_refused() -> None:
    with pytest.raises(UnitError, match="too large"):
        magnitude("1e308 Mt", "ug")


@pytest.mark.parametrize(
    ("one", "other", "worth"),
    [
        ("vehicle", "vehicle/yr", 1.0),
        ("vehicle/yr", "vehicle", 1.0),
        ("万辆", "vehicle/yr", 1e4),
        ("head", "head/month", 1 / 12),
        ("t", "kg/yr", 1000.0),
        ("vkm", "km/d", 1 / 365),
        ("GWh/yr", "MWh", 1000.0),
    ],
)
def test_stock_counts_per_year(one: str, other: str, worth: float) -> None:
    assert commensurable(one, other)
    assert commensurable(other, one)
    assert activity_ratio(one, other) == worth


@pytest.mark.parametrize(
    ("one", "other"),
    [("kWh", "kW"), ("kW", "kWh"), ("vehicle", "machine"), ("t", "GJ"), ("t/yr", "t/yr/yr")],
)
def test_not_commensurable(one: str, other: str) -> None:
    assert not commensurable(one, other)
    with pytest.raises(UnitError, match="does not convert"):
        activity_ratio(one, other)


@pytest.mark.parametrize(
    ("activity", "factor", "scale"),
    [
        ("vkm/yr", "g/km", 1e-6),
        ("vkm/yr", "g/vkm", 1e-6),
        ("万辆公里", "g/(veh*km)", 1e-2),
        ("km", "g/km", 1e-6),
        ("t/yr", "kg/t", 1e-3),
        ("万吨", "kg/t", 10.0),
        ("t/month", "kg/t", 0.012),
        ("t/yr", "t NOx/kt", 1e-3),
        ("m3/yr", "mg/m^3", 1e-9),
        ("万m3", "g/m3", 1e-2),
        ("head", "kg/head", 1e-3),
        ("head", "kg/head/yr", 1e-3),
        ("head/yr", "kg/head", 1e-3),
        ("万头", "kg/头/年", 10.0),
        ("ha", "t/(ha*yr)", 1.0),
        ("m^2", "kg/(m^2*month)", 0.012),
        ("m^2*month/yr", "kg/(m^2*month)", 1e-3),
        ("ha", "kg/(hm2*d)", 0.365),
        ("GJ/yr", "g/GJ", 1e-6),
        ("万吨标准煤", "g/GJ", 0.293076),
        ("vehicle", "kg/vehicle", 1e-3),
        ("vehicle", "kg/vehicle/yr", 1e-3),
        ("户", "kg/household", 1e-3),
        ("tkm/yr", "g/tkm", 1e-6),
        ("t*km/yr", "g/(t*km)", 1e-6),
        ("kW*h/yr", "g/kWh", 1e-6),
        ("kWh", "mg/kWh", 1e-9),
        ("stove", "kg/stove", 1e-3),
        ("kW", "kg/kW/yr", 1e-3),
        ("t", "kg/t/yr", 1e-3),
    ],
)
def test_factor_scale(activity: str, factor: str, scale: float) -> None:
    assert factor_scale(activity, factor) == scale


@pytest.mark.parametrize(
    ("activity", "factor", "hint"),
    [
        ("vehicle", "g/km", "write the factor in g/vehicle"),
        ("vkm/yr", "kg/vehicle", "write the factor in kg/vkm"),
        ("t/yr", "kg/t/yr", "both are per time: write the factor in kg/t, or the activity without its time"),
        ("head/yr", "kg/(head*yr)", "both are per time"),
        ("t", "g/GJ", "write the factor in g/t"),
        ("t/yr", "km", "write the factor in kg/t"),
        ("m^2*month", "kg/t", "write the factor in kg/(m^2*month)"),
        ("kW", "g/kWh", "a power says nothing about running hours"),
    ],
)
def test_activity_and_factor_do_not_go_together(activity: str, factor: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        factor_scale(activity, factor)
    assert caught.value.message == f"activity in {activity!r} and a factor in {factor!r} do not go together"
    assert hint in caught.value.hint


def test_factor_scale_checks_the_species_of_the_factor_only() -> None:
    with pytest.raises(UnitError, match="the pollutant is SO2"):
        factor_scale("t/yr", "kg NOx/t", "SO2")


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("t/yr", "mass/time"),
        ("mg/m3", "mass/volume"),
        ("tkm", "mass*length"),
        ("t/(km2*month)", "mass/(area*time)"),
        ("vehicle", "vehicle"),
        ("kW", "energy/time"),
        ("元", "money"),
        ("1/yr", "1/time"),
        ("m^4", "length^4"),
        ("t/t", "dimensionless"),
    ],
)
def test_describe(unit: str, words: str) -> None:
    assert describe(unit) == words


# -- numbers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1200 vehicle", 1200.0, "vehicle"),
        ("60 t/yr", 60.0, "t/yr"),
        ("60t/yr", 60.0, "t/yr"),
        ("60\u3000t/yr", 60.0, "t/yr"),
        ("0.4 g/km", 0.4, "g/km"),
        ("1.2e3 万吨", 1200.0, "万t"),
        ("1.2万 辆", 1.2, "万vehicle"),
        ("12 Myuan", 12.0, "Myuan"),
        ("49 ug/m^3", 49.0, "ug/m^3"),
        ("-5E-1 t", -0.5, "t"),
        ("+5 ha", 5.0, "ha"),
        ("5 Mt", 5.0, "Mt"),
    ],
)
def test_quantity(text: str, value: float, unit: str) -> None:
    assert quantity(text) == Quantity(value, unit)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("60", "a bare number 60 was found", "write its unit, e.g. 60 t/yr"),
        (60, "a bare number 60 was found", "write its unit, e.g. 60 t/yr"),
        (0.5, "a bare number 0.5 was found", "write its unit, e.g. 0.5 t/yr"),
        ("1,200 t", "thousands separator", "write 1200 t"),
        ("1_200 t", "thousands separator", "write 1200 t"),
        ("1 200 t", "thousands separator", "write 1200 t"),
        ("1,200.5 t", "thousands separator", "write 1200.5 t"),
        ("12_00 t", "separators inside", "write 1200 t"),
        ("1,5 t", "decimal comma", "write 1.5 t"),
        (".5 t", "no digit before the point", "write 0.5 t"),
        ("5. t", "no digit behind the point", "write 5 t"),
        ("１２００ t", "full-width", "write 1200 t"),
        ("12００ t", "full-width", "write 1200 t"),
        ("−5 t", "look-alike", "write -5 t"),
        ("5-10 t", "is a range", "write one number"),
        ("15 – 20 t", "is a range", "write one number"),
        ("nan t", "not a finite number", "write one number"),
        ("-inf t", "not a finite number", "write one number"),
        ("1e999 t", "too large", "larger unit"),
        ("1.2.3 t", "does not start with a number", "write e.g. 60 t/yr"),
        ("about 5 t", "does not start with a number", "write e.g. 60 t/yr"),
        ("t/yr", "does not start with a number", "write e.g. 60 t/yr"),
        ("", "a blank was found", "write e.g. 60 t/yr"),
        (None, "a blank was found", "60 t/yr"),
        (True, "True was found", "60 t/yr"),
        (["60 t"], "['60 t'] was found", "60 t/yr"),
        ("60 %", "a percentage was found", "write a unit"),
    ],
)
def test_number_is_refused_with_a_hint(text: str, message: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        quantity(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_bare_number_is_told_the_unit_that_is_wanted() -> None:
    with pytest.raises(UnitError, match=r"a bare number 8 was found; write its unit, e.g. 8 yr"):
        magnitude("8", "yr")


def test_error_keeps_its_parts() -> None:
    error = pickle.loads(pickle.dumps(UnitError("what is wrong", "what is right")))
    assert (error.message, error.hint, str(error)) == ("what is wrong", "what is right", "what is wrong; what is right")
    assert str(UnitError("alone")) == "alone"


# -- percentages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("60 %", 0.6), ("60%", 0.6), ("60％", 0.6), ("7 %", 0.07), ("0.5 %", 0.005), ("100 %", 1.0), ("0 %", 0.0)],
)
def test_share(text: str, value: float) -> None:
    assert share(text) == value


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, "0", "0.0", "0 %", "-0 %"])
def test_zero_needs_no_percent_sign(zero: str | float) -> None:
    for read in (share, signed_share, rate):
        assert math.copysign(1, read(zero)) == 1.0
        assert read(zero) == 0.0


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (0.6, "a bare number 0.6 was found", "write 60 % (or 0.6 %)"),
        ("0.6", "a bare number 0.6 was found", "write 60 % (or 0.6 %)"),
        (0.07, "a bare number 0.07 was found", "write 7 % (or 0.07 %)"),
        (1, "a bare number 1 was found", "write 100 % (or 1 %)"),
        (60, "a bare number 60 was found", "write 60 %"),
        ("120 %", "outside 0 % to 100 %", "between"),
        ("-5 %", "outside 0 % to 100 %", "between"),
        ("60 percent", "not a percentage", "write 60 %"),
        ("60 %/yr", "not a percentage", "write 60 %"),
        ("1,5 %", "decimal comma", "write 1.5 %"),
        ("６０ %", "full-width", "write 60 %"),
        ("1e999 %", "too large", ""),
        (math.nan, "not a finite number", "60 %"),
        (math.inf, "not a finite number", "60 %"),
        ("much", "does not start with a number", "write e.g. 60 %"),
        ("", "a blank", "write e.g. 60 %"),
        (None, "a blank", "60 %"),
        (True, "True was found", "60 %"),
    ],
)
def test_share_is_refused_with_a_hint(text: str, message: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        share(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(("text", "value"), [("-10 %", -0.1), ("+10 %", 0.1), ("150 %", 1.5)])
def test_signed_share(text: str, value: float) -> None:
    assert signed_share(text) == value


def test_signed_share_needs_its_percent_sign() -> None:
    with pytest.raises(UnitError, match=r"write -10 % \(or -0.1 %\)"):
        signed_share(-0.1)


@pytest.mark.parametrize("text", ["4 %/yr", "4 %/a", "4%/年", "4 % / year", "4％/yr"])
def test_rate(text: str) -> None:
    assert rate(text) == 0.04


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("4 %", "write 4 %/yr"),
        ("4 %/month", "write 4 %/yr"),
        (4, "write 4 %/yr"),
        (0.04, "write 4 %/yr (or 0.04 %/yr)"),
    ],
)
def test_rate_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        rate(text)
    assert caught.value.hint == hint


# -- properties --------------------------------------------------------------------------------------------------------

names = st.sampled_from(SPELLINGS)
signs = st.sampled_from(["*", " ", "·", "/", "/("])


@st.composite
def unit_texts(draw: st.DrawFn) -> str:
    """Products and quotients of known names in the ways they may be written."""
    above = draw(st.lists(names, min_size=1, max_size=3))
    below = draw(st.lists(names, max_size=3))
    product = draw(st.sampled_from(["*", " ", "·"]))
    line = product.join(above)
    if not below:
        return line
    return f"{line}/({product.join(below)})" if draw(st.booleans()) else "/".join([line, *below])


@given(names, names)
def test_ratio_and_back_is_one(a: str, b: str) -> None:
    if describe(a) == describe(b):
        assert ratio(a, b) * ratio(b, a) == pytest.approx(1, rel=1e-15)
        assert activity_ratio(a, b) == ratio(a, b)


@given(unit_texts())
@example("kilometer*veh/km/veh")
def test_normal_spelling_is_a_fixed_point(text: str) -> None:
    written = check(text)
    assert check(written) == written
    assert describe(written) == describe(text)
    assert ratio(text, written) == 1.0


@given(st.floats(allow_nan=False, allow_infinity=False), unit_texts())
@example(1e22, "t")
@example(5e-324, "t")
def test_quantity_reads_back_what_it_writes(value: float, text: str) -> None:
    found = Quantity(value, check(text))
    assert quantity(str(found)) == found


@given(st.floats(0, 100))
def test_share_reads_back(percent: float) -> None:
    assert share(f"{percent!r} %") == pytest.approx(percent / 100, rel=1e-15)


letters = st.text("0123456789.,+-eE tkgmyrvh%％/*^()²³⁻·万亿吨年PMNOx_ｔ²", max_size=20)


@given(st.one_of(st.text(max_size=20), letters, unit_texts().map("60 {}".format)))
@example("1e999999999 t")
@example("1e-999999999 t")
@example("1" * 5000 + " t")
@example("0." + "1" * 5000 + " t")
@example("9 " + "Tg^9*" * 20 + "t")
def test_any_text_is_read_or_refused_in_so_many_words(text: str) -> None:
    for read in (quantity, check, describe, share, signed_share, rate, lambda text: magnitude(text, "t")):
        refused = refusal(read, text)
        assert refused is None or (refused.message and refused.hint)


def refusal(read: Callable[[str], object], text: str) -> UnitError | None:
    try:
        read(text)
    except UnitError as error:
        return error
    return None


def test_importing_units_is_cheap() -> None:
    program = "import sys, emis.units; print(sorted({'pint', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
