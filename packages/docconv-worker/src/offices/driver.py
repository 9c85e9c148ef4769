"""Drives one LibreOffice over UNO: reads requests as JSON lines, answers each with one. Runs shut in, with
LibreOffice, and lives as long as its standard input.

Requests: {"open": path, "filter": name, "filterOptions": text or null}, {"export": path, "pages": range or null},
{"close": true}. Answers: {"ready": pid}, {"pageCount": n}, {"done": bytes} with {"resident": bytes of memory} after a
document, or {"problem": code, "reason": text}.
"""

import ctypes
import json
import math
import os
import signal
import subprocess
import sys
import time

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.lang import DisposedException
from com.sun.star.task import XInteractionHandler

PR_SET_PDEATHSIG = 1
RESTART = (79, 81)  # LibreOffice has made its profile, and wants to be started again: desktop/source/app/app.cxx
MEMORY_OF_BOMBS = 1000000000  # twice what twenty ordinary pages need
NEVER = 0  # com.sun.star.document.MacroExecMode.NEVER_EXECUTE, UpdateDocMode.NO_UPDATE
CSV_FILTER = "Text - txt - csv (StarCalc)"
MEASURED_COLUMNS = 200
PRINTED_CELLS = 20000000  # more are bounded to these columns
PDF_FILTERS = (
    ("com.sun.star.text.WebDocument", "writer_web_pdf_Export"),
    ("com.sun.star.text.GenericTextDocument", "writer_pdf_Export"),
    ("com.sun.star.sheet.SpreadsheetDocument", "calc_pdf_Export"),
    ("com.sun.star.presentation.PresentationDocument", "impress_pdf_Export"),
    ("com.sun.star.drawing.DrawingDocument", "draw_pdf_Export"),
)


class Questions(unohelper.Base, XInteractionHandler):
    """Whatever LibreOffice would ask a person: nobody is there, so everything is cancelled."""

    def __init__(self):
        self.password = False

    def handle(self, request):
        if "Password" in type(request.getRequest()).__name__:
            self.password = True
        for answer in request.getContinuations():
            abort = answer.queryInterface(uno.getTypeByName("com.sun.star.task.XInteractionAbort"))
            if abort:
                abort.select()
                return


def main(soffice, profile):
    pipe = "docconv%d" % os.getpid()
    office = start(soffice, profile, pipe)
    try:
        office, desktop = connect(office, lambda: start(soffice, profile, pipe), pipe)
        serve(office, desktop)
    finally:
        office.kill()


def start(soffice, profile, pipe):
    # Not by its shell script, whose own children would outlive us.
    program = os.path.join(os.path.dirname(os.path.realpath(soffice)), "soffice.bin")
    options = ["--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nologo"]
    where = "-env:UserInstallation=" + uno.systemPathToFileUrl(profile)
    return subprocess.Popen(
        [program] + options + [where, "--accept=pipe,name=%s;urp;" % pipe],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
    )


def serve(office, desktop):
    answer({"ready": office.pid})
    document = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "open" in request:
                document = load(desktop, request)
                answer({"pageCount": document.getRendererCount(document, ())})
            elif "export" in request:
                export(document, request)
                answer({"done": os.path.getsize(request["export"])})
            else:
                close(document)
                document = None
                answer({"done": 0, "resident": resident(office)})
        except Problem as problem:
            refuse(office, problem.code, str(problem))
        except DisposedException as error:  # it died under the document, though the kernel may not have told yet
            sys.exit("LibreOffice is gone: %s" % error)
        except Exception as error:  # UNO's exceptions have no common base of their own
            if office.poll() is not None:
                sys.exit("LibreOffice ended with %s" % office.returncode)
            refuse(office, "damaged-file", "%s: %s" % (type(error).__name__, error))


class Problem(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def connect(office, restart, pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    while True:
        try:
            context = resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            return office, desktop
        except Exception:  # NoConnectException, until it listens
            if office.poll() in RESTART:
                office = restart()
            elif office.poll() is not None:
                sys.exit("LibreOffice ended with %s" % office.returncode)
            time.sleep(0.02)


def load(desktop, request):
    questions = Questions()
    properties = {
        "Hidden": True,
        "ReadOnly": True,
        "MacroExecutionMode": NEVER,
        "UpdateDocMode": NEVER,
        "InteractionHandler": questions,
        "FilterName": request["filter"],
    }
    if request.get("filterOptions"):
        properties["FilterOptions"] = request["filterOptions"]
    url = uno.systemPathToFileUrl(request["open"])
    try:
        document = desktop.loadComponentFromURL(url, "_blank", 0, arguments(properties))
    except Exception as error:
        if questions.password:
            raise Problem("password-protected", "LibreOffice asks for a password.")
        raise error
    if questions.password:
        close(document)
        raise Problem("password-protected", "LibreOffice asks for a password.")
    if document is None:
        raise Problem("damaged-file", "LibreOffice could not load the document.")
    if request["filter"] == CSV_FILTER:
        lay_out(document)
    if document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        bound(document)
    return document


def bound(spreadsheet):
    """LibreOffice looks at every page that there could be: with one far cell, at a hundred million."""
    for sheet in spreadsheet.Sheets.ElementNames:
        sheet = spreadsheet.Sheets.getByName(sheet)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        used = cursor.RangeAddress
        used.StartRow = used.StartColumn = 0
        areas = sheet.getPrintAreas() or (used,)
        if sum(map(cells, areas)) > PRINTED_CELLS:
            for area in areas:
                area.EndColumn = min(area.EndColumn, area.StartColumn + MEASURED_COLUMNS - 1)
            sheet.setPrintAreas(areas[:10])


def cells(area):
    return (area.EndRow - area.StartRow + 1) * (area.EndColumn - area.StartColumn + 1)


def lay_out(document):
    """A table that says nothing of how it is printed: with lines, and as wide as the page."""
    sheet = document.Sheets.getByIndex(0)
    style = document.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    columns = min(cursor.RangeAddress.EndColumn + 1, MEASURED_COLUMNS)
    width = sum(sheet.Columns.getByIndex(index).Width for index in range(columns))
    margins = style.LeftMargin + style.RightMargin
    if width > style.Width - margins:
        style.IsLandscape, style.Width, style.Height = True, style.Height, style.Width
    style.HeaderIsOn = style.FooterIsOn = False
    style.PrintGrid = True
    # Never below half the size, which nobody could read.
    style.ScaleToPagesX = max(1, math.ceil(width / (style.Width - margins) / 2))
    style.ScaleToPagesY = 0


def export(document, request):
    filter_name = next((name for service, name in PDF_FILTERS if document.supportsService(service)), None)
    if filter_name is None:
        raise Problem("unsupported-format", "LibreOffice exports no PDF of this kind of document.")
    data = {"PageRange": request["pages"]} if request.get("pages") else {}
    filter_data = uno.Any("[]com.sun.star.beans.PropertyValue", arguments(data))
    url = uno.systemPathToFileUrl(request["export"])
    document.storeToURL(url, arguments({"FilterName": filter_name, "FilterData": filter_data}))


def close(document):
    if document is not None:
        document.close(True)


def refuse(office, code, reason):
    # Out of memory looks like damage to LibreOffice: it says that it could not read on.
    with open("/proc/%d/status" % office.pid) as lines:
        peak = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
    if code == "damaged-file" and peak > MEMORY_OF_BOMBS:
        code = "too-complex"
    answer({"problem": code, "reason": reason})


def resident(office):
    with open("/proc/%d/statm" % office.pid) as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def arguments(properties):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in properties.items())


def answer(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
