"""Fills in spreadsheets with LibreOffice as a person would: opens, types into cells, inserts rows, saves.

Reads from standard input a list of {"file", "filter", "rows": [row before which one is inserted, from 1],
"cells": {"C5": "typed text"}} and saves each file in place, in the format of its filter.
"""

import json
import os
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

folder = sys.argv[1]
pipe = "zhendi-%d" % os.getpid()
office = subprocess.Popen(
    [
        "soffice",
        "-env:UserInstallation=file://%s/profile" % folder,
        "--headless",
        "--norestore",
        "--accept=pipe,name=%s;urp;" % pipe,
    ]
)


def connect():
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            return resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
        except NoConnectException:
            time.sleep(0.2)
    sys.exit("LibreOffice does not answer")


def options(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


try:
    context = connect()
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    for task in json.load(sys.stdin):
        url = uno.systemPathToFileUrl(task["file"])
        document = desktop.loadComponentFromURL(url, "_blank", 0, options(Hidden=True))
        page = document.Sheets.getByIndex(0)
        for row in task["rows"]:
            page.Rows.insertByIndex(row - 1, 1)
        for place, typed in task["cells"].items():
            # What is typed is taken as LibreOffice takes it: digits become a number.
            page.getCellRangeByName(place).setFormula(typed)
        document.storeToURL(url, options(FilterName=task["filter"], Overwrite=True))
        document.close(True)
    try:
        desktop.terminate()
    except Exception:
        pass
    office.wait(60)
finally:
    if office.poll() is None:
        office.kill()
