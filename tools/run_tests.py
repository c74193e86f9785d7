# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Runs the layers of tests and counts them; `make test` runs all of them.

    tools/bootstrap.sh tools/run_tests.py [--long] [LAYER…] [-- PYTEST ARGUMENTS]

The layer `long` takes minutes: it runs where it is named, or with `--long`.

The last line is `N passed, N failed, N skipped`. A skipped test, and a layer
that ran nothing, count as a failure of the run: silence must not look green.
"""

import ast
import concurrent.futures
import contextlib
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import canaries
import checks
import psycopg2
import stack
from lifecycle import STEPS

ROOT = stack.ROOT
BIN = stack.CACHE / "venv/bin"
LAYERS = (
    "lint",
    "unit",
    "simulator",
    "odoo",
    "lifecycle",
    "faults",
    "e2e",
    "long",
    "logs",
)
USUAL = tuple(layer for layer in LAYERS if layer != "long")
# pytest-odoo would start an Odoo for tests that want none.
PLAIN = ("-p", "no:odoo")
ODOO_LOG, POSTGRES_LOG = stack.LOG / "test_odoo.log", stack.CLUSTER / "log"
LOGGED = (
    "--odoo-log-level=info",
    f"--odoo-extra=log-handler=odoo.addons.{stack.ADDON}:DEBUG",
    "--odoo-extra=log-handler=urllib3:DEBUG",
)


@dataclass
class Result:
    layer: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    note: str = ""
    trouble: list = field(default_factory=list)

    @property
    def good(self):
        return not (self.failed or self.skipped)

    def fail(self, trouble):
        """Notes a failure that is no single test's; it counts as one."""
        self.trouble.append(trouble)
        self.failed += 1


class Runner:
    """One run. `live` shows the tools' output as it comes, else on failure."""

    def __init__(self, live, arguments):
        self.live = live
        self.arguments = arguments
        self.folder = stack.CACHE / "test"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.started = time.time()
        ODOO_LOG.unlink(missing_ok=True)
        size = POSTGRES_LOG.stat().st_size if POSTGRES_LOG.exists() else 0
        self.sizes = {POSTGRES_LOG: size}

    def call(self, result, command):
        """Runs a command for a layer; returns its exit code."""
        log = self.folder / f"{result.layer}.log"
        with open(log, "a") as output:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=ROOT,
                env=checks.environment(),
                stdin=subprocess.DEVNULL,
                stdout=None if self.live else output,
                stderr=None if self.live else subprocess.STDOUT,
                check=False,
            )
        return done.returncode

    def run(self, layer):
        """Runs a layer, whatever happens in it; returns its Result."""
        result, started = Result(layer), time.monotonic()
        log = self.folder / f"{layer}.log"
        log.write_text("")
        stack.say(f"{layer}: running")
        try:
            getattr(self, layer)(result)
        except (stack.StackError, psycopg2.Error) as error:
            result.fail(str(error).strip())
        result.seconds = time.monotonic() - started
        if not result.good and not self.live:
            stack.say(f"---- {layer} ----\n{log.read_text(errors='replace')}")
        for trouble in result.trouble:
            stack.say(f"{layer}: {trouble}")
        stack.say(f"{layer}: {summary(result)} ({result.seconds:.0f} s)")
        return result

    # -- layers of pytest

    def pytest(self, result, *arguments):
        """Runs a layer's folder of tests; returns the JUnit report's tests."""
        folder = ROOT / "tests" / result.layer
        if not folder.is_dir():
            result.note = "no tests yet"
            return []
        report = self.folder / f"{result.layer}.xml"
        report.unlink(missing_ok=True)
        cache = f"cache_dir={self.folder / 'pytest' / result.layer}"
        command = [BIN / "python", "-m", "pytest", folder.relative_to(ROOT)]
        command += ["--color=no", "-o", cache, "--junitxml", report]
        code = self.call(result, [*command, *arguments, *self.arguments])
        tests = count(report, result)
        if not tests:
            result.fail("not a single test ran")
        elif code and not result.failed:
            result.fail(f"pytest failed with exit code {code}")
        return tests

    def unit(self, result):
        self.pytest(result, *PLAIN)

    def simulator(self, result):
        self.pytest(result, *PLAIN)

    def e2e(self, result):
        self.pytest(result, *PLAIN)

    def long(self, result):
        if addon_or_note(result):
            self.pytest(result, *PLAIN)

    def odoo(self, result):
        tests = self.on_odoo(result, ODOO_LOG)
        if result.good and not self.arguments:
            # Odoo's test classes can vanish without a word: a missing @tagged.
            defined = defined_tests(ROOT / "tests/odoo")
            missing = ", ".join(".".join(test) for test in sorted(defined - set(tests)))
            if len(tests) < len(defined):
                result.fail(f"defined but not run: {missing}")

    def faults(self, result):
        """Beside the others: it takes minutes."""
        cases = self.on_odoo(result, stack.LOG / "test_faults.log")
        stack.say(f"faults: {len(cases)} cases of misbehaviour of the Urssaf")

    def on_odoo(self, result, log):
        """A layer of Odoo's test classes, on a database of its own."""
        if not addon_or_note(result):
            return []
        database = stack.create_database(f"test_{result.layer}")
        stack.install(database)
        options = [f"--odoo-database={database}", f"--odoo-config={stack.CONFIG}"]
        options.append(f"--odoo-extra=logfile={log}")
        return self.pytest(result, *options, *LOGGED)

    # -- what the other layers have logged: one kind of canary, one test

    def logs(self, result):
        """Nothing personal and no secret in any log of this run."""
        proof = "the song of a canary"
        with contextlib.suppress(psycopg2.Error):
            stack.sql("SELECT %s::int", proof)
        paths = [*stack.LOG.glob("*.log"), *self.folder.glob("*.log"), POSTGRES_LOG]
        texts = canaries.read_new(paths, self.started, self.sizes)
        told = texts.get(ODOO_LOG, "")
        whole = proof in texts[POSTGRES_LOG] and all(
            control in told for control in canaries.CONTROLS
        )
        if whole:
            result.passed += 1
        else:
            result.fail("not everything was logged (the layer odoo has to run as well)")
        for kind in canaries.KINDS:
            if not canaries.leaks(kind, {Path(): canaries.SAMPLES[kind]}):
                result.fail(f"{kind}: the search would find none")
            elif canaries.in_use(kind) not in told:
                result.fail(f"{kind}: no canary was used")
            elif found := canaries.leaks(kind, texts):
                result.fail("\n".join([f"{kind}: {len(found)} leaks", *found[:10]]))
            else:
                result.passed += 1

    # -- layers of commands: one command, one test

    def lint(self, result):
        for version in checks.other_versions():
            result.fail(version)
        files = list(checks.tracked_files())
        for hook in checks.hooks():
            if self.call(result, checks.command(hook, files)):
                result.fail(f"{hook['id']} failed")
            else:
                result.passed += 1

    def lifecycle(self, result):
        """Installs, uses, upgrades and uninstalls the addon: no warning may appear."""
        if not addon_or_note(result):
            return
        database = stack.create_database("test_lifecycle")
        for step in STEPS:
            try:
                step(database)
            except stack.StackError as error:
                result.failed += 1
                stack.say(f"lifecycle: {error}")
                break  # the next ones build on this one
            result.passed += 1
        stack.drop_database(database)


def addon_or_note(result):
    if (ROOT / stack.ADDON / "__manifest__.py").exists():
        return True
    result.note = "no tests yet"
    return False


def count(report, result):
    """Adds a JUnit report to the result; returns its (class, test) names."""
    try:
        cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):  # pytest died
        return []
    for case in cases:
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            result.failed += 1
        elif "skipped" in outcomes:
            result.skipped += 1
        else:
            result.passed += 1
    return [
        (case.get("classname").rpartition(".")[2], case.get("name")) for case in cases
    ]


def defined_tests(folder):
    """The (class, test) names that the files of a folder define."""
    return {
        (node.name, item.name)
        for path in Path(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")
    }


def summary(result):
    if result.note:
        return result.note
    return f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped"


def run_layers(layers, arguments):
    """Runs the layers, those on Odoo's test classes beside the shorter ones."""
    runner = Runner(len(layers) == 1, arguments)
    chosen = [layer for layer in LAYERS if layer in layers]
    # A browser on a busy machine is a flaky one, and processes are killed in time.
    alone = [layer for layer in chosen if layer in ("e2e", "long", "logs")]
    beside = [layer for layer in chosen if layer not in ("odoo", *alone)]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        others = pool.map(runner.run, beside)
        results = [runner.run("odoo")] if "odoo" in chosen else []
        results += others
    results += map(runner.run, alone)
    return sorted(results, key=lambda result: LAYERS.index(result.layer))


def print_table(results):
    print(f"\n{'layer':<12}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
    for row in results:
        counts = f"{row.passed:>8}{row.failed:>8}{row.skipped:>8}"
        remark = row.note or "; ".join(row.trouble).partition("\n")[0]
        print(f"{row.layer:<12}{counts}{row.seconds:>9.1f}  {remark}".rstrip())
    totals = [
        sum(getattr(row, name) for row in results)
        for name in ("passed", "failed", "skipped")
    ]
    print("\n{} passed, {} failed, {} skipped".format(*totals))


def main():
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    layers, arguments = words[:split], words[split + 1 :]
    if "--long" in layers:
        layers = LAYERS
    layers = layers or USUAL
    if unknown := set(layers) - set(LAYERS):
        sys.exit(f"no such layer: {', '.join(unknown)}; there are {', '.join(LAYERS)}")
    results = run_layers(layers, arguments)
    print_table(results)
    sys.exit(0 if all(result.good for result in results) else 1)


if __name__ == "__main__":
    main()
