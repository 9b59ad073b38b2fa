"""Codes of nomenclatures that a table gives of its sources, beside their labels."""

import numpy as np

from emis.coded import Coded
from emis.io.many import ManyReader, Rows
from emis.nomenclatures import nomenclature
from emis.vocabulary import NOMENCLATURES

__all__ = ["source_codes"]


def source_codes(reader: ManyReader, rows: Rows) -> dict[str, Coded]:
    """Return the code of each row by nomenclature, as the table writes it, "" for none; others are reported, each once.

    Only nomenclatures that have a column of their name are there.
    """
    found: dict[str, Coded] = {}
    for name in NOMENCLATURES:
        if name not in reader.table.columns:
            continue
        found[name] = reader.table.column(name).coded.take(rows)
        _report(reader, rows, name, found[name])
    return found


def _report(reader: ManyReader, rows: Rows, name: str, codes: Coded) -> None:
    known = nomenclature(name)
    for number, code in enumerate(codes.values):
        if not code or known.find(str(code)):
            continue
        here = np.flatnonzero(codes.codes == number)
        if len(here):
            message = f"{str(code)!r} is no code of {known.title} ({len(here):,} rows)"
            reader.issues.warn(*reader.place(int(rows[here[0]])), name, message, known.suggest(str(code)))
