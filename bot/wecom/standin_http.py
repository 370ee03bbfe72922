"""The stand-in's door: real HTTP on this machine, with the ways in which a real one fails."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
Called = Callable[[str, dict[str, str], Json], Json | str]
"""Path, query, body -> the answer, or the name of a fault."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is nothing to tell."""


def caller(called: Called, closing: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Caller(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            self._call({})

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            self._call(json.loads(self.rfile.read(size) or b"{}"))

        def _call(self, body: Json) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            answer = called(parts.path.removeprefix("/cgi-bin/"), query, body)
            if isinstance(answer, str):
                self._fault(answer)
            else:
                self._write(200, json.dumps(answer, ensure_ascii=False).encode())

        def _fault(self, name: str) -> None:
            if name == "hang":
                closing.wait(30)
            if name in ("html", "500"):
                self._write(200 if name == "html" else 500, b"<html>busy</html>")
                return
            if name == "half":
                self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"errc')
                self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def _write(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the address holds a token."""

    return Caller
