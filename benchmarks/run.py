# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Runs the benchmarks, or those named, and writes results.json and README.md's table.

tools/bootstrap.sh benchmarks/run.py [NAME…]
"""

import importlib
import json
import multiprocessing
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
README = FOLDER / "README.md"
# Modules of this folder with a generator run() of Figures, in the table's order.
BENCHMARKS = (
    "ordinary",
    "library",
    "refresh",
    "send",
    "booking",
    "certificates",
    "morning",
)
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"

# For the stack, in the benchmarks' processes as well.
sys.path.append(str(FOLDER.parent / "tools"))


def figures(name):
    """Runs one benchmark, in this process."""
    import stack

    from odoo.tools import config

    # Before the benchmark is imported: it finds the addon by Odoo's own path.
    arguments = ["-c", str(stack.write_config()), "--max-cron-threads=0"]
    config.parse_config(arguments, setup_logging=False)
    found = []
    for figure in importlib.import_module(name).run():
        print(f"{figure.name}: {figure.value:.2f} ({figure.measured})", flush=True)
        found.append(asdict(figure) | {"good": figure.good})
    return found


def in_a_process(name):
    """A fresh process each: none inherits another's memory, registries or tokens."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(figures, name).result()


def table(results):
    rows = ["| | ratio | wanted | against | measured |", "|---|---|---|---|---|"]
    for benchmark in results["figures"].values():
        for figure in benchmark:
            sign = "≥" if figure["faster"] else "≤"
            target = figure["target"]
            wanted = f"{sign} {target:.2f}" if target else ""
            if not figure["good"]:
                wanted += " **missed**"
            cells = (
                figure["name"],
                f"{figure['value']:.2f}",
                wanted,
                figure["against"],
                figure["measured"],
            )
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, ""])


def main():
    names = sys.argv[1:] or BENCHMARKS
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {BENCHMARKS}")
    known = json.loads(RESULTS.read_text())["figures"] if RESULTS.exists() else {}
    known |= {name: in_a_process(name) for name in names}
    results = {
        "machine": f"{os.cpu_count()} CPUs, Python {platform.python_version()}",
        "figures": {name: known[name] for name in BENCHMARKS if name in known},
    }
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    head, _, rest = README.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{BEGIN}{table(results)}{END}{tail}")
    missed = [
        figure["name"] for name in names for figure in known[name] if not figure["good"]
    ]
    sys.exit(f"missed: {'; '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
