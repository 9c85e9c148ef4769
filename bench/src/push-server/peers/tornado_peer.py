"""Tornado's own WebSockets, as its documentation uses them, nobody authenticated. Commands come as lines of JSON."""

import asyncio
import gc
import json
import sys
import time

from tornado.netutil import bind_sockets
from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketHandler

clients = set()


class Socket(WebSocketHandler):
    def check_origin(self, origin):
        return True

    def open(self):
        clients.add(self)

    def on_close(self):
        clients.discard(self)


def content(size):
    stamp = "@T%019d;" % time.monotonic_ns()
    return "x" * (size - len(stamp)) + stamp


async def answer(command):
    if command["do"] == "collect":
        gc.collect()
        return
    for _ in range(command["times"]):
        message = content(command["bytes"])
        for client in clients:
            client.write_message(message)
        if command["apart"]:
            await asyncio.sleep(0)


async def main():
    sockets = bind_sockets(0, "127.0.0.1", backlog=4096)
    HTTPServer(Application([("/", Socket)])).add_sockets(sockets)
    print(json.dumps({"port": sockets[0].getsockname()[1]}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await answer(json.loads(line))
        print("{}", flush=True)


asyncio.run(main())
