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
import json
import re
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
    "core",
    "odoo",
    "lifecycle",
    "faults",
    "hostile",
    "e2e",
    "long",
    "logs",
)
USUAL = tuple(layer for layer in LAYERS if layer != "long")
# Those that may run beside each other; lint, which is short, tells early.
LONGEST_FIRST = (
    "odoo",
    "lint",
    "faults",
    "hostile",
    "unit",
    "lifecycle",
    "core",
    "simulator",
)
# pytest-odoo would start an Odoo for tests that want none.
PLAIN = ("-p", "no:odoo")
COVERAGE = 95  # per cent of the library's branches
CORE_TESTS = 40  # a missing import in tests/__init__.py must not look green
CORE_COUNTS = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests"
)
ATTEMPTS = re.compile(r"hostile: (\d+) attempts")
LEAST_ATTEMPTS = 2500
ODOO_LOG, POSTGRES_LOG = stack.LOG / "test_odoo.log", stack.CLUSTER / "log"
# Those that Odoo's test classes create, each with its chart of accounts, which takes more
# than half of their time. It is here once; SapCase finds it.
TEST_COMPANIES = """
for name in ("company_1_data", "company_2"):
    country = env.ref("base.fr")
    # Odoo would install the addons of that country.
    companies = env["res.company"].with_context(install_mode=True)
    company = companies.create({"name": name, "country_id": country.id})
    env["account.chart.template"].try_loading("fr", company, install_demo=False)
env.cr.commit()
"""
LOGGED = (
    "--odoo-log-level=info",
    "--odoo-http",  # or Odoo's HttpCase is left out without a word
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

    def call(self, result, command, folder=ROOT):
        """Runs a command for a layer in a folder; returns its exit code."""
        log = self.folder / f"{result.layer}.log"
        with open(log, "a") as output:
            try:
                done = subprocess.run(
                    [str(part) for part in command],
                    cwd=folder,
                    env=checks.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=None if self.live else output,
                    stderr=None if self.live else subprocess.STDOUT,
                    check=False,
                )
            except FileNotFoundError as error:
                raise stack.StackError(f"{command[0]} is missing") from error
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
        """With all of its tests, it measures how much of the library they reach."""
        if self.arguments:
            self.pytest(result, *PLAIN)
            return
        report = self.folder / "coverage.json"
        report.unlink(missing_ok=True)
        options = ("--cov", "--cov-report=term-missing", f"--cov-report=json:{report}")
        if not self.pytest(result, *PLAIN, *options):
            return
        totals = json.loads(report.read_text())["totals"]
        branches = 100 * totals["covered_branches"] / totals["num_branches"]
        lines = 100 * totals["covered_lines"] / totals["num_statements"]
        result.note = (
            f"library: {branches:.1f} % of the branches, {lines:.1f} % of the lines"
        )
        if branches < COVERAGE:
            result.fail(f"less than {COVERAGE} % of the library's branches")

    def simulator(self, result):
        self.pytest(result, *PLAIN)

    def e2e(self, result):
        self.pytest(result, *PLAIN)

    def long(self, result):
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

    def hostile(self, result):
        """It tells how many attempts it made; too few are a failure."""
        log = stack.LOG / "test_hostile.log"
        log.unlink(missing_ok=True)
        self.on_odoo(result, log)
        attempts = sum(map(int, ATTEMPTS.findall(log.read_text(errors="replace"))))
        stack.say(f"hostile: {attempts} attempts")
        if result.good and not self.arguments and attempts < LEAST_ATTEMPTS:
            result.fail(f"at least {LEAST_ATTEMPTS} attempts were expected")

    def on_odoo(self, result, log):
        """A layer of Odoo's test classes, on a database of its own."""
        database = stack.create_database(f"test_{result.layer}")
        stack.install(database)
        stack.shell(database, TEST_COMPANIES, f"{database}-companies")
        options = [f"--odoo-database={database}", f"--odoo-config={stack.CONFIG}"]
        options.append(f"--odoo-extra=logfile={log}")
        return self.pytest(result, *options, *LOGGED)

    def core(self, result):
        """The addon's own tests as an integrator runs them, with Odoo and nothing else."""
        log = stack.LOG / "test_core.log"
        log.unlink(missing_ok=True)
        options = ["-d", stack.create_database("test_core"), "-i", stack.ADDON]
        options += ["--test-enable", f"--test-tags=/{stack.ADDON}", "--stop-after-init"]
        options.append(f"--http-port={stack.free_port()}")
        try:
            stack.run_odoo(log.stem, *options)
        except stack.StackError as error:
            result.trouble.append(str(error))
        counts = CORE_COUNTS.findall(log.read_text(errors="replace"))
        failed, errors, ran = map(int, counts[-1]) if counts else (0, 0, 0)
        result.failed += failed + errors
        result.passed += ran - failed - errors
        if result.trouble and not result.failed:
            result.failed = 1  # a warning, or it never came to the tests
        if ran < CORE_TESTS:
            result.fail(f"{ran} tests ran, at least {CORE_TESTS} were expected")

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
        kept = (stack.LOG, stack.DATA, self.folder, stack.CONFIG)
        if seen := [path.name for path in kept if path.stat().st_mode & 0o077]:
            result.fail(f"others can read {', '.join(seen)}")
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
        copies = self.folder / "lint"
        checks.copy_files(files, copies)
        for hook in checks.hooks():
            folder = copies if hook["id"] in checks.FIXERS else ROOT
            if self.call(result, checks.command(hook, files), folder):
                result.fail(f"{hook['id']} failed")
            else:
                result.passed += 1

    def lifecycle(self, result):
        """Installs, uses, upgrades and uninstalls the addon: no warning may appear."""
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
    counts = f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped"
    return f"{counts}; {result.note}" if result.note else counts


def run_layers(layers, arguments):
    """Runs the layers two at a time, the long ones first, so that both end together."""
    runner = Runner(len(layers) == 1, arguments)
    # A browser on a busy machine is a flaky one, and processes are killed in time.
    beside = [layer for layer in LONGEST_FIRST if layer in layers]
    alone = [layer for layer in LAYERS if layer in layers and layer not in beside]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(runner.run, beside))
    results += map(runner.run, alone)
    return sorted(results, key=lambda result: LAYERS.index(result.layer))


def print_table(results):
    print(f"\n{'layer':<12}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
    for row in results:
        counts = f"{row.passed:>8}{row.failed:>8}{row.skipped:>8}"
        remarks = [row.note, *(trouble.partition("\n")[0] for trouble in row.trouble)]
        remark = "; ".join(filter(None, remarks))
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
