# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Servers in the background: Odoo and the stand-in Urssaf."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .cluster import start_cluster, stop_cluster
from .common import CACHE, LOG, ROOT, RUN, StackError
from .odoo_runs import odoo_command


def start_time(pid):
    """When a process started, to tell it from a later one of the same number."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(preferred=None):
    """The first free port from the preferred one on; any if there is none."""
    if preferred:
        return next(filter(port_is_free, range(preferred, preferred + 200)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server in the background, known by the file that names its process."""

    def __init__(self, name):
        self.name = name
        self.file = RUN / f"{name}.json"
        self.log = LOG / f"{name}.log"
        self.child = None
        try:
            self.facts = json.loads(self.file.read_text())
        except (OSError, ValueError):
            self.facts = {}

    @property
    def port(self):
        return self.facts.get("port")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def runs(self):
        if self.child:
            self.child.poll()  # buries it if it died
        started = self.facts.get("started")
        return bool(started) and start_time(self.facts["pid"]) == started

    def start(self, command, port, cwd, answers):
        """Starts the command in the background; returns once it answers."""
        self.stop()
        with open(self.log, "w") as output:
            self.child = subprocess.Popen(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        pid = self.child.pid
        self.facts = {"pid": pid, "started": start_time(pid), "port": port}
        self.file.write_text(json.dumps(self.facts))
        deadline = time.monotonic() + 90
        while not answers(self):
            if not self.runs() or time.monotonic() > deadline:
                self.stop()
                lines = self.log.read_text().splitlines()[-8:]
                text = "\n  ".join(
                    [f"{self.name} did not start, see {self.log}:", *lines]
                )
                raise StackError(text)
            time.sleep(0.1)
        return self

    def stop(self):
        """Ends the process and its children: politely, then not."""
        for signal_number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            if not self.runs():
                break
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.facts["pid"], signal_number)
            deadline = time.monotonic() + patience
            while self.runs() and time.monotonic() < deadline:
                time.sleep(0.05)
        self.file.unlink(missing_ok=True)
        self.facts = {}


def login_answers(process):
    try:
        address = f"{process.url}/web/login"
        with urllib.request.urlopen(address, timeout=60) as response:
            return response.status == 200
    except OSError:  # also what urllib raises for 4xx and 5xx
        return False


def start_odoo(database, port=None, *flags, cron=0, name=None):
    """Starts Odoo for that one database; returns once its log-in page is there."""
    start_cluster()
    port = port or free_port()
    command = odoo_command(
        "-d",
        database,
        f"--db-filter=^{re.escape(database)}$",
        "--no-database-list",
        "--workers=0",
        f"--max-cron-threads={cron}",
        f"--http-port={port}",
        *flags,
    )
    process = Process(name or f"odoo-{database}")
    return process.start(command, port, CACHE, login_answers)


def simulator_answers(process):
    return "listening on" in process.log.read_text()


def start_simulator(port=None, state=None, name="simulator", *flags):
    """Starts the stand-in Urssaf; its state survives in the file, if given."""
    if not (ROOT / "simulator").is_dir():
        raise StackError("the stand-in Urssaf (simulator/) is not there")
    port = port or free_port()
    python = str(CACHE / "venv/bin/python")
    command = [python, "-m", "simulator", "--port", str(port), *flags]
    if state:
        command += ["--state", str(state)]
    return Process(name).start(command, port, ROOT, simulator_answers)


def stop_all():
    """Stops every server of the stack, then PostgreSQL."""
    for file in sorted(RUN.glob("*.json")):
        Process(file.stem).stop()
    stop_cluster()
