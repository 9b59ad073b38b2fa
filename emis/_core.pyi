from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]

def project(
    A: Array,
    F: Array,
    profile: Array,
    w: Array,
    t_ptr: Array,
    t_measure: Array,
    t_season: Array,
    tau: Array,
    c_ptr: Array,
    c_measure: Array,
    c_season: Array,
    c_row: Array,
    keep: Array,
    stay: Array,
    x: Array,
    g: Array,
    E: Array,
    activity: Array,
    threads: int,
) -> None: ...
def totals(
    W: Array,
    profile: Array,
    w: Array,
    t_ptr: Array,
    t_measure: Array,
    t_season: Array,
    V: Array,
    c_ptr: Array,
    c_measure: Array,
    c_season: Array,
    c_row: Array,
    keep: Array,
    x: Array,
    g: Array,
    cell: Array,
    out: Array,
    scratch: Array,
    threads: int,
) -> None: ...
