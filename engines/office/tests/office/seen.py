"""Prints what xlrd sees in an .xls file as JSON; its complaints, too."""

import io
import json
import sys

import xlrd

log = io.StringIO()
book = xlrd.open_workbook(sys.argv[1], formatting_info=True, logfile=log, verbosity=1)
page = book.sheet_by_index(0)


def look(row, column):
    xf = book.xf_list[page.cell_xf_index(row, column)]
    font = book.font_list[xf.font_index]
    border = xf.border
    return {
        "font": font.name,
        "points": font.height / 20,
        "bold": bool(font.bold),
        "borders": [border.left_line_style, border.right_line_style, border.top_line_style, border.bottom_line_style],
        "across": xf.alignment.hor_align,
        "upright": xf.alignment.vert_align,
        "wrap": bool(xf.alignment.text_wrapped),
        "format": book.format_map[xf.format_key].format_str,
    }


print(json.dumps({
    "complaints": [line for line in log.getvalue().splitlines() if any(mark in line for mark in ("WARN", "ERROR", "***"))],
    "encoding": book.encoding,
    "datemode": book.datemode,
    "name": page.name,
    "rows": page.nrows,
    "columns": page.ncols,
    "merged": sorted(page.merged_cells),
    "widths": [page.colinfo_map[column].width for column in sorted(page.colinfo_map)],
    "heights": [page.rowinfo_map[row].height for row in sorted(page.rowinfo_map)],
    "names": [[name.name, name.builtin] for name in book.name_obj_list],
    "titles": [list(name.result.value[0].coords) for name in book.name_obj_list],
    "frozen": [page.panes_are_frozen, page.horz_split_pos],
    "cells": [
        {"row": row, "column": column, "kind": cell.ctype, "value": cell.value, "look": look(row, column)}
        for row in range(page.nrows)
        for column, cell in enumerate(page.row(row))
    ],
}))
