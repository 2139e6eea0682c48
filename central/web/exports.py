"""Tables as files: CSV for any program, XLSX for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import xlsxwriter
from fastapi.responses import Response

FileKind = Literal["csv", "xlsx"]
Cell = str | float | int | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """``name``: of the sheet. A share is written as a fraction of one."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def as_csv(tables: Sequence[Table]) -> bytes:
    """One under the other, each below its name. UTF-8 with a mark, or Excel shows Vietnamese
    letters wrongly."""
    written = io.StringIO()
    out = csv.writer(written)
    for place, table in enumerate(tables):
        if place:
            out.writerow(())
        out.writerow((_harmless(table.name),))
        out.writerow([_harmless(head) for head in table.heads])
        for row in table.rows:
            out.writerow([_harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """A sheet each."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "bottom": 1})
    number = book.add_format({"num_format": "0.0"})
    for table in tables:
        sheet = book.add_worksheet(table.name[:31])
        sheet.freeze_panes(1, 1)
        for column, head in enumerate(table.heads):
            sheet.write_string(0, column, head, bold)
            sheet.set_column(column, column, max(12, len(head) + 2))
        for line, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell)
                elif cell is not None:
                    sheet.write_number(line, column, cell, number if cell != int(cell) else None)
    book.close()
    return written.getvalue()


def as_file(name: str, kind: FileKind, tables: Sequence[Table]) -> Response:
    """An answer that browsers keep as ``name.kind``."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    if kind == "csv":
        return Response(as_csv(tables), media_type="text/csv; charset=utf-8", headers=headers)
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(as_xlsx(tables), media_type=sheet, headers=headers)


def _harmless(cell: Cell) -> Cell:
    """A spreadsheet must not take somebody's words for a formula (OWASP: CSV injection)."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return round(cell, 3) if isinstance(cell, float) else cell
