"""Publishes a message through the push server's HTTP API, with nothing but Python's standard library."""

import json
import sys
import urllib.request
import uuid


def publish(url, secret, message):
    """`url` is the push server's prefix, as in http://127.0.0.1:8070/push. Returns the message's cursor."""
    # With an id it may be sent again after whatever failure: it is relayed once.
    message = {"id": str(uuid.uuid4()), **message}
    request = urllib.request.Request(
        url + "/messages",
        data=json.dumps(message).encode(),
        headers={"Authorization": "Bearer " + secret, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["cursors"][0]


if __name__ == "__main__":
    url, secret, to, html = sys.argv[1:]
    print(publish(url, secret, {"to": to.split(), "html": html, "target": "#news::after"}))
