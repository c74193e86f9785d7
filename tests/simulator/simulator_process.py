# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``python -m simulator`` as a process of its own."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENT_OPTIONS = (
    "--client",
    "menage:menage-secret",
    "--client",
    "jardin:jardin-secret",
)


@contextlib.contextmanager
def simulator(*options: str) -> Iterator[str]:
    """The URL of a simulator process, ended by SIGTERM, that says nothing more."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("Stand-in Urssaf listening on http://127.0.0.1:"), line
        yield line.split()[-1].rstrip("/")
    finally:
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate()
    assert (process.returncode, stdout, stderr) == (0, "", "")
