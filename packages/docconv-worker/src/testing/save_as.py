"""For tests: saves documents in other formats, all by one LibreOffice. Arguments: a folder for its profile,
then for each file source, target and the target's filter."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "offices"))

import driver  # noqa: E402
import uno  # noqa: E402


def main(profile, files):
    pipe = "samples%d" % os.getpid()
    start = lambda: driver.start("/usr/bin/soffice", profile, pipe)  # noqa: E731
    office, desktop = driver.connect(start(), start, pipe)
    try:
        for source, target, name in zip(files[::3], files[1::3], files[2::3]):
            url = uno.systemPathToFileUrl(source)
            document = desktop.loadComponentFromURL(url, "_blank", 0, driver.arguments({"Hidden": True}))
            document.storeToURL(uno.systemPathToFileUrl(target), driver.arguments({"FilterName": name}))
            document.close(True)
    finally:
        office.kill()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
