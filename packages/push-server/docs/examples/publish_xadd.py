"""Publishes a message through Redis, with nothing but Python's standard library.

With the package redis it is one line:
    redis.Redis.from_url(url).xadd("push:log", {"to": "user:jane", "message": json.dumps(message)})
"""

import json
import socket
import sys


def publish(host, port, to, message):
    """`to` is one topic, or several separated by spaces. Returns the message's cursor."""
    words = ["XADD", "push:log", "*", "to", to, "message", json.dumps(message)]
    request = b"*%d\r\n" % len(words)
    for word in words:
        encoded = word.encode()
        request += b"$%d\r\n%s\r\n" % (len(encoded), encoded)
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            status = answer.readline()
            if not status.startswith(b"$"):
                raise RuntimeError("Redis did not take the message: " + status.decode())
            return answer.readline().strip().decode()


if __name__ == "__main__":
    host, port, to, html = sys.argv[1:]
    print(publish(host, int(port), to, {"html": html, "target": "#news::after"}))
