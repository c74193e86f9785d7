# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A mail server that keeps what it gets, for Odoo to have one."""

import email
import socketserver
import threading
from email import policy


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.received = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def to(self, address):
        """The messages to ``address``, the earliest first."""
        return [message for message in self.received if address in str(message["To"])]


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.answer(220)
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.answer(354)
                self.keep()
            self.answer(221 if verb == b"QUIT" else 250)
            if verb == b"QUIT":
                break

    def answer(self, code):
        self.wfile.write(f"{code} OK\r\n".encode())

    def keep(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.received.append(message)
