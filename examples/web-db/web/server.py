"""Counts its visitors in the database, in its own words: one command, one answer."""
import http.server
import os
import socket


def ask(*words):
    with socket.create_connection((os.environ["DB_HOST"], 6379), timeout=5) as database:
        line = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        database.sendall(line.encode())
        return database.makefile().readline().strip()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status, text = 200, "visit " + ask("INCR", "visits").lstrip(":")
        except OSError as error:
            status, text = 503, f"no database: {error}"
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode() + b"\n")


http.server.ThreadingHTTPServer(("", 8000), Page).serve_forever()
