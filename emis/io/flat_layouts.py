"""Columns of the flat files of the US EPA: FF10 (Flat File 2010) and the older ORL (one record per line).

By position as the SMOKE manual has them (CEMPD/smoke-manual, ch08_input_files.xml: ARINV, MBINV and PTINV), by name as
files carry them in their row of names. Columns of ORL stand under the FF10 name of the same thing where there is one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "FF10_NONPOINT",
    "FF10_POINT",
    "LAYOUTS",
    "MISSING",
    "MONTHS",
    "MONTHS_REMOVED",
    "NOWHERE",
    "NO_EMISSIONS",
    "Layout",
    "folded",
]

#: The region of a source of which none is known; no county has it.
NOWHERE = "00000"
#: What stands for no value in files that may leave nothing blank.
MISSING = frozenset({"", "-9", "-9.", "-9.0"})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = tuple(f"{month}_value" for month in _MONTHS)
MONTHS_REMOVED = tuple(f"{month}_pctred" for month in _MONTHS)


@dataclass(frozen=True)
class Layout:
    """The columns of a kind of file, in their order.

    Attributes
    ----------
    key : tuple of str
        Columns that tell one source from another, beside the SCC.
    apart : tuple of str
        Columns that tell sources of one key apart where it stands twice.
    required : tuple of str
        Columns that every row fills.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    required: tuple[str, ...]
    apart: tuple[str, ...] = ()

    @property
    def orl(self) -> bool:
        """Whether it is one of ORL, which has three columns for what is removed."""
        return "ceff" in self.columns


_AREA_KEY = ("region_cd", "emis_type", "shape_id", "census_tract_cd", "tribal_code")
_POINT_KEY = ("region_cd", "facility_id", "unit_id", "rel_point_id", "process_id", "tribal_code")
_AREA = ("region_cd", "scc", "poll")
_POINT = ("region_cd", "facility_id", "scc", "poll")

FF10_NONPOINT = Layout(
    "FF10_NONPOINT",
    (
        *("country_cd", "region_cd", "tribal_code", "census_tract_cd", "shape_id", "scc", "emis_type", "poll"),
        *("ann_value", "ann_pct_red", "control_ids", "control_measures", "current_cost", "cumulative_cost"),
        *("projection_factor", "reg_codes", "calc_method", "calc_year", "date_updated", "data_set_id"),
        *(*MONTHS, *MONTHS_REMOVED, "comment"),
    ),
    _AREA_KEY,
    _AREA,
)
FF10_POINT = Layout(
    "FF10_POINT",
    (
        *("country_cd", "region_cd", "tribal_code", "facility_id", "unit_id", "rel_point_id", "process_id"),
        *("agy_facility_id", "agy_unit_id", "agy_rel_point_id", "agy_process_id", "scc", "poll", "ann_value"),
        *("ann_pct_red", "facility_name", "erptype", "stkhgt", "stkdiam", "stktemp", "stkflow", "stkvel", "naics"),
        *("longitude", "latitude", "ll_datum", "horiz_coll_mthd", "design_capacity", "design_capacity_units"),
        *("reg_codes", "fac_source_type", "unit_type_code", "control_ids", "control_measures", "current_cost"),
        *("cumulative_cost", "projection_factor", "submitter_fac_id", "calc_method", "data_set_id"),
        *("facil_category_code", "oris_facility_code", "oris_boiler_id", "ipm_yn", "calc_year", "date_updated"),
        *("fug_height", "fug_width_xdim", "fug_length_ydim", "fug_angle", "zipcode", "annual_avg_hours_per_year"),
        *(*MONTHS, *MONTHS_REMOVED, "comment"),
    ),
    _POINT_KEY,
    _POINT,
)

_SEASONS = tuple(f"{season}_throughput_pct" for season in ("winter", "spring", "summer", "fall"))
_HOURS = (
    *("annual_avg_days_per_week", "annual_avg_weeks_per_year", "annual_avg_hours_per_day"),
    *("annual_avg_hours_per_year", "period_days_per_week", "period_weeks_per_period", "period_hours_per_day"),
    "period_hours_per_period",
)
_APPLIED = ("control_measures", "pct_reduction", "current_cost", "cumulative_cost")
#: Rows of one place and SCC differ in these where two rules, or two industries, have their own.
_APART = ("reg_codes", "sic", "naics", "srctype")

_ORL_NONPOINT = Layout(
    "ORL NONPOINT",
    (
        *("region_cd", "scc", "sic", "reg_codes", "srctype", "naics", "poll", "ann_value", "avd_emis"),
        *("ceff", "reff", "rpen", "primary_device_type_code", "secondary_device_type_code", "data_source"),
        *("calc_year", "tribal_code", "mact_flag", "process_mact_compliance_status", "start_date", "end_date"),
        *(*_SEASONS, *_HOURS, *_APPLIED),
    ),
    ("region_cd", "tribal_code"),
    _AREA,
    _APART,
)
_ORL_NONROAD = Layout(
    "ORL NONROAD",
    (
        *("region_cd", "scc", "poll", "ann_value", "avd_emis", "ceff", "reff", "rpen", "srctype", "data_source"),
        *("calc_year", "tribal_code", "start_date", "end_date", *_SEASONS, *_HOURS, *_APPLIED),
    ),
    ("region_cd", "tribal_code"),
    _AREA,
    _APART,
)
_ORL_ONROAD = Layout(
    "ORL ONROAD",
    (
        *("region_cd", "scc", "poll", "ann_value", "avd_emis", "srctype", "data_source", "calc_year"),
        *("tribal_code", "ceff", "reff", "rpen", *_APPLIED),
    ),
    ("region_cd", "tribal_code"),
    _AREA,
    _APART,
)
_ORL_POINT = Layout(
    "ORL POINT",
    (
        *("region_cd", "facility_id", "unit_id", "rel_point_id", "process_id", "facility_name", "scc", "erptype"),
        *("srctype", "stkhgt", "stkdiam", "stktemp", "stkflow", "stkvel", "sic", "reg_codes", "naics", "ctype"),
        *("longitude", "latitude", "utmz", "poll", "ann_value", "avd_emis", "ceff", "reff"),
        *("primary_device_type_code", "secondary_device_type_code", "nei_unique_id", "oris_facility_code"),
        *("oris_boiler_id", "ipm_yn", "data_source", "stack_default_flag", "location_default_flag", "calc_year"),
        *("tribal_code", "horizontal_area_fugitive", "release_height_fugitive", "zipcode", "naics_flag", "sic_flag"),
        *("mact_flag", "process_mact_compliance_status", "ipm_facility", "ipm_unit", "bart_source", "bart_unit"),
        *("control_status", "start_date", "end_date", *_SEASONS, *_HOURS, "design_capacity"),
        *("design_capacity_unit_numerator", "design_capacity_unit_denominator", *_APPLIED),
    ),
    _POINT_KEY,
    _POINT,
    _APART,
)


def _named(name: str) -> Layout:
    return Layout(name, FF10_NONPOINT.columns, FF10_NONPOINT.key, FF10_NONPOINT.required)


LAYOUTS: Mapping[str, Layout] = {
    one.name: one
    for one in (
        *(FF10_NONPOINT, FF10_POINT, _named("FF10_ONROAD"), _named("FF10_NONROAD")),
        *(_ORL_NONPOINT, _ORL_POINT, _ORL_NONROAD, _ORL_ONROAD),
    )
}
#: Flat files in which there are no emissions of a year: why.
NO_EMISSIONS = {
    "ACTIVITY": "holds activity (vehicle miles, vehicles, speeds) and no emissions",
    "DAILY": "holds emissions of single days",
    "HOURLY": "holds emissions of single hours",
    "FIREEMIS": "holds emissions of fires by the day",
    "FIRE": "holds fires and what burns in them, and no emissions",
}

#: Other names of columns, as manuals and tools write them.
_OTHER_NAMES = {
    "country": "country_cd",
    "fips": "region_cd",
    "census_tract": "census_tract_cd",
    "polid": "poll",
    "cas": "poll",
    "ann_emis": "ann_value",
    "plantid": "facility_id",
    "pointid": "unit_id",
    "stackid": "rel_point_id",
    "segment": "process_id",
    "plant": "facility_name",
    "mact": "reg_codes",
    "xloc": "longitude",
    "yloc": "latitude",
    "cpri": "primary_device_type_code",
    "csec": "secondary_device_type_code",
    "year": "calc_year",
    "submitter_id": "submitter_fac_id",
    "fug_width_ydim": "fug_width_xdim",
    "fug_length_xdim": "fug_length_ydim",
    "width_xdim": "fug_width_xdim",
    "length_ydim": "fug_length_ydim",
}


def folded(name: str) -> str:
    """Return the name that a column of a flat file stands under here, of any way it is written."""
    plain = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
    return _OTHER_NAMES.get(plain, plain)
