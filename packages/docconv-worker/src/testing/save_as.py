"""For tests: saves documents in other formats, all by one LibreOffice. Arguments: a folder for its profile, then a
JSON list of {"source", "target", "filter"}, with a "password" that the target gets, or "macros" that may run."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "offices"))

import driver  # noqa: E402
import uno  # noqa: E402
from com.sun.star.beans import NamedValue  # noqa: E402

ALWAYS = 4  # com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN


def main(profile, files):
    pipe = "samples%d" % os.getpid()
    start = lambda: driver.start("/usr/bin/soffice", profile, pipe)  # noqa: E731
    office, desktop = driver.connect(start(), start, pipe)
    try:
        for file in files:
            load = {"Hidden": True}
            if file.get("macros"):  # a hidden document's do not run
                load = {"Hidden": False, "MacroExecutionMode": ALWAYS}
            save = {"FilterName": file["filter"]}
            if file.get("password"):
                if "2007" in file["filter"]:  # OOXML has an encryption of its own
                    ooxml = (NamedValue("OOXPassword", file["password"]), NamedValue("CryptoType", "Standard"))
                    save["EncryptionData"] = uno.Any("[]com.sun.star.beans.NamedValue", ooxml)
                else:
                    save["Password"] = file["password"]
            url = uno.systemPathToFileUrl(file["source"])
            document = desktop.loadComponentFromURL(url, "_blank", 0, driver.arguments(load))
            if file.get("macros"):
                time.sleep(2)
            document.storeToURL(uno.systemPathToFileUrl(file["target"]), driver.arguments(save))
            document.close(True)
    finally:
        office.kill()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
