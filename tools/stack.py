# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""PostgreSQL, databases, Odoo and the stand-in Urssaf, for the demo and the tests.

`tools/bootstrap.sh` prepares what this needs and runs it:

    tools/bootstrap.sh tools/stack.py demo

The end-to-end tests import it: `create_database`, `install`, `start_odoo`,
`start_simulator` and `Process.stop` are the interface.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
ADDON = "l10n_fr_urssaf_sap"
AS_ROOT = os.geteuid() == 0


def default_cache():
    """The cache folder of bootstrap.sh, which normally names it."""
    if AS_ROOT:
        return Path("/var/cache") / ADDON
    user_cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user_cache) / ADDON


CACHE = Path(os.environ.get("L10N_FR_URSSAF_SAP_CACHE") or default_cache())
LOG = CACHE / "log"
RUN = CACHE / "run"
DATA = CACHE / "data"
CONFIG = CACHE / "odoo.conf"
CLUSTER = CACHE / "pg"  # the data and the socket
ROLE = "odoo"  # Odoo refuses to work as "postgres"
# What the template database contains.
MODULES = ("account", "l10n_fr_account", "contacts")
LANGUAGE = "fr_FR"
DEMO_DATABASE = "demo"
DEMO_STATE = CACHE / "demo.json"
DEMO_SIMULATOR_STATE = CACHE / "demo-simulator.json"
ODOO_PORT, SIMULATOR_PORT = 8069, 8090


class StackError(Exception):
    """Something the stack needs is missing or failed; the text says what."""


@contextlib.contextmanager
def lock(name):
    """Keeps two runs from building the same thing at the same time."""
    RUN.mkdir(parents=True, exist_ok=True)
    with open(RUN / f"{name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def say(text):
    # In one piece: the layers of tests talk at the same time.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


# ---- PostgreSQL ------------------------------------------------------------


def postgres_bin():
    """The folder of PostgreSQL's newest binaries."""
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return max(found, key=lambda path: int(path.parts[4])).parent
    if in_path := shutil.which("initdb"):
        return Path(in_path).resolve().parent
    raise StackError("PostgreSQL is missing; run tools/bootstrap.sh")


def as_postgres(*command):
    """Runs one of PostgreSQL's commands, as its own user where we are root."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=CLUSTER,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **(user if AS_ROOT else {}),
    )
    if done.returncode:
        raise StackError(f"{Path(command[0]).name} failed: {done.stdout.strip()}")


def connect(database="postgres", user=ROLE):
    return psycopg2.connect(
        host=str(CLUSTER), port=5432, user=user, dbname=database, connect_timeout=5
    )


def sql(query, *values, database="postgres", user=ROLE):
    """Runs one statement outside a transaction; returns its rows, if any."""
    with contextlib.closing(connect(database, user)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []


def cluster_runs():
    try:
        sql("SELECT 1", user="postgres")
    except psycopg2.OperationalError:
        return False
    return True


def cluster_data():
    """A cluster belongs to one major version of PostgreSQL."""
    return CLUSTER / f"data-{postgres_bin().parent.name}"


def make_cluster():
    """Creates the cluster; renaming comes last, so it is whole or absent."""
    CLUSTER.mkdir(mode=0o700, exist_ok=True)
    if AS_ROOT:
        try:
            shutil.chown(CLUSTER, "postgres", "postgres")
        except LookupError as error:
            raise StackError("there is no user postgres to run PostgreSQL") from error
    new = CLUSTER / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    options = ["--auth=trust", "--username=postgres", "--encoding=UTF8"]
    options += ["--locale=C.UTF-8", "--no-sync"]
    as_postgres(postgres_bin() / "initdb", "-D", new, *options)
    new.rename(cluster_data())


def start_cluster():
    """Starts the private PostgreSQL unless it runs. Its data is expendable."""
    with lock("cluster"):
        if cluster_runs():
            return
        if not cluster_data().exists():
            make_cluster()
        settings = {
            "unix_socket_directories": CLUSTER,
            "listen_addresses": "",
            "max_connections": 200,
            "shared_buffers": "256MB",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        options = " ".join(f"-c {key}='{value}'" for key, value in settings.items())
        control = [postgres_bin() / "pg_ctl", "-D", cluster_data(), "-w", "-s"]
        as_postgres(*control, "-l", CLUSTER / "log", "-o", options, "start")
        if not sql("SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE, user="postgres"):
            sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user="postgres")


def stop_cluster():
    if CLUSTER.exists() and cluster_runs():
        # Not cluster_data(): PostgreSQL may have become a newer one meanwhile.
        [(data,)] = sql("SHOW data_directory", user="postgres")
        as_postgres(postgres_bin() / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop")


# ---- Running Odoo's command line -------------------------------------------


def odoo_path():
    """The folder on Python's path that holds the package `odoo`."""
    try:
        return Path((CACHE / "odoo.path").read_text().strip())
    except OSError as error:
        raise StackError(f"no Odoo in {CACHE}; run tools/bootstrap.sh") from error


def addons_paths():
    """Odoo's addons (also a git checkout's), those of wheels, ours."""
    wheels = next((CACHE / "venv/lib").glob("python3.*/site-packages"))
    paths = [odoo_path() / "odoo/addons"]
    if (odoo_path() / "odoo-bin").exists():
        paths.append(odoo_path() / "addons")
    paths.append(wheels / "odoo/addons")
    if (ROOT / ADDON / "__manifest__.py").exists():  # else Odoo would warn
        paths.append(ROOT)
    return [path for path in paths if path.is_dir()]


def write_config():
    """Writes the odoo.conf that every Odoo of the stack reads."""
    DATA.mkdir(parents=True, exist_ok=True)
    options = {
        "addons_path": ",".join(map(str, addons_paths())),
        "data_dir": DATA,
        "db_host": CLUSTER,
        "db_port": 5432,
        "db_user": ROLE,
        "without_demo": True,
        "http_interface": "127.0.0.1",
    }
    lines = "".join(f"{key} = {value}\n" for key, value in options.items())
    text = f"[options]\n{lines}"
    if not CONFIG.exists() or CONFIG.read_text() != text:
        new = CONFIG.with_suffix(f".{os.getpid()}")
        new.write_text(text)
        new.replace(CONFIG)  # nobody reads half of it
    return CONFIG


def odoo_command(*arguments):
    # A command like "shell" has to come before the options.
    command = [arguments[0]] if arguments and arguments[0][0] != "-" else []
    rest = arguments[len(command) :]
    python = str(CACHE / "venv/bin/python")
    return [python, "-m", "odoo", *command, "-c", str(write_config()), *rest]


# Lines of Odoo's own that say nothing about the addon.
NOISE = [
    re.compile(pattern)
    for pattern in (
        # Debian's package leaves out a library that blurs video calls.
        r"Could not get content for mail/static/lib/selfie_segmentation",
    )
]
RECORD = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ ([A-Z]+) ")


def problems(log):
    """The warnings and errors in an Odoo log, without Odoo's own noise.

    Each is a text: the record's line and what follows it, such as a traceback.
    """
    found, current = [], None
    for line in Path(log).read_text(errors="replace").splitlines():
        if record := RECORD.match(line):
            current = None
            bad = record[1] in ("WARNING", "ERROR", "CRITICAL")
            if bad and not any(noise.search(line) for noise in NOISE):
                current = [line]
                found.append(current)
        elif current:
            current.append(line)
    return ["\n  ".join([lines[0], *lines[1:][-15:]]) for lines in found]


def run_odoo(log_name, *arguments, script=None, strict=True):
    """Runs Odoo to its end, its log in a file; returns the log's path.

    Raises StackError when Odoo fails or, if strict, logs a problem.
    """
    LOG.mkdir(parents=True, exist_ok=True)
    log = LOG / f"{log_name}.log"
    with open(log, "w") as output:
        done = subprocess.run(
            odoo_command(*arguments),
            cwd=CACHE,
            input=script or "",
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    found = problems(log)
    if done.returncode or (strict and found):
        reason = found or log.read_text(errors="replace").splitlines()[-5:]
        text = "\n  ".join(reason[:20])
        raise StackError(f"Odoo ({log_name}) was not clean, see {log}:\n  {text}")
    return log


BATCH = ("--stop-after-init", "--no-http", "--max-cron-threads=0")


def install(database, module=ADDON, *flags, strict=True):
    """Installs a module into a database; returns the log's path."""
    arguments = ("-d", database, "-i", module, *BATCH, *flags)
    return run_odoo(f"{database}-install", *arguments, strict=strict)


def update(database, module=ADDON, *flags, strict=True):
    """Upgrades an installed module; returns the log's path."""
    arguments = ("-d", database, "-u", module, *BATCH, *flags)
    return run_odoo(f"{database}-update", *arguments, strict=strict)


def uninstall(database, module=ADDON, strict=True):
    """Uninstalls a module the way the Apps menu does; returns the log's path."""
    script = f"""
module = env["ir.module.module"].search([("name", "=", {module!r})])
assert module.state == "installed", module.state
module.button_immediate_uninstall()
"""
    return shell(database, script, f"{database}-uninstall", strict=strict)


def shell(database, script, log_name="shell", strict=True):
    """Runs Python with `env` in an Odoo shell. The script commits for itself."""
    arguments = ("shell", "-d", database, "--no-http")
    return run_odoo(log_name, *arguments, script=script, strict=strict)


# ---- Databases -------------------------------------------------------------


def database_exists(name):
    return bool(sql("SELECT 1 FROM pg_database WHERE datname = %s", name))


def drop_database(name):
    sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(DATA / "filestore" / name, ignore_errors=True)


def template_name():
    """The template's name changes with all that its content depends on."""
    release = odoo_path() / "odoo/release.py"
    parts = [str(release), release.read_text(), str(release.stat().st_mtime)]
    if (odoo_path() / ".git").exists():
        command = ["git", "-C", str(odoo_path()), "rev-parse", "HEAD"]
        git = subprocess.run(command, capture_output=True, text=True, check=False)
        parts.append(git.stdout)
    parts += [LANGUAGE, *MODULES]
    return "template_" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def template():
    """The name of the template database, built if need be (40 s)."""
    start_cluster()
    name = template_name()
    with lock("template"):
        if database_exists(name):
            return name
        say(f"building the template database ({', '.join(MODULES)}) …")
        started = time.monotonic()
        pattern = r"template\_%"
        names = "SELECT datname FROM pg_database WHERE datname LIKE %s"
        for (old,) in sql(names, pattern):
            drop_database(old)
        drop_database("building")
        arguments = ("-i", ",".join(MODULES), f"--load-language={LANGUAGE}")
        run_odoo(name, "-d", "building", *arguments, *BATCH, strict=False)
        # The database's new name is what says that all of it is there.
        filestore = DATA / "filestore"
        shutil.rmtree(filestore / name, ignore_errors=True)
        if (filestore / "building").exists():
            (filestore / "building").rename(filestore / name)
        sql(f'ALTER DATABASE "building" RENAME TO "{name}"')
        say(f"template database: done in {time.monotonic() - started:.0f} s")
    return name


def create_database(name):
    """A fresh database of that name: a copy of the template (1 s)."""
    source = template()
    drop_database(name)
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    filestore = DATA / "filestore"
    if (filestore / source).exists():
        # Odoo never writes into a stored file again: links do.
        shutil.copytree(filestore / source, filestore / name, copy_function=os.link)
    sql(
        "UPDATE ir_config_parameter SET value = gen_random_uuid()"
        " WHERE key IN ('database.uuid', 'database.secret')",
        database=name,
    )
    return name


# ---- Servers ---------------------------------------------------------------


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
        for folder in (RUN, LOG):
            folder.mkdir(parents=True, exist_ok=True)
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


def start_simulator(port=None, state=None, name="simulator"):
    """Starts the stand-in Urssaf; its state survives in the file, if given."""
    if not (ROOT / "simulator").is_dir():
        raise StackError("the stand-in Urssaf (simulator/) is not there")
    port = port or free_port()
    python = str(CACHE / "venv/bin/python")
    command = [python, "-m", "simulator", "--port", str(port)]
    if state:
        command += ["--state", str(state)]
    return Process(name).start(command, port, ROOT, simulator_answers)


def stop_all():
    """Stops every server of the stack, then PostgreSQL."""
    for file in sorted(RUN.glob("*.json")):
        Process(file.stem).stop()
    stop_cluster()


# ---- The demo --------------------------------------------------------------


def tree_hash(folder):
    """Changes whenever a file in the folder does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def demo_facts():
    """What the demo that exists was made of; nothing if it is half-made."""
    try:
        return json.loads(DEMO_STATE.read_text())
    except (OSError, ValueError):
        return {}


def prepare_demo_database(facts, wanted):
    """Creates or upgrades the demo's database where it is not up to date."""
    odoo = Process("demo-odoo")
    if facts.get("template") != wanted["template"] or not database_exists(
        DEMO_DATABASE
    ):
        odoo.stop()
        DEMO_STATE.unlink(missing_ok=True)
        DEMO_SIMULATOR_STATE.unlink(missing_ok=True)
        create_database(DEMO_DATABASE)
        say("installing the addon …")
        install(DEMO_DATABASE, strict=False)
    elif facts.get("addon") != wanted["addon"]:
        odoo.stop()
        say("the addon has changed: upgrading the demo …")
        update(DEMO_DATABASE, strict=False)


def demo(reset=False):
    """Leaves the demo running: Odoo and the stand-in Urssaf."""
    if not (ROOT / ADDON).is_dir():
        raise StackError(f"the addon {ADDON} is not there")
    with lock("demo"):
        wanted = {
            "template": template(),
            "addon": tree_hash(ROOT / ADDON),
            "simulator": tree_hash(ROOT / "simulator"),
        }
        facts = {} if reset else demo_facts()
        odoo, simulator = Process("demo-odoo"), Process("demo-simulator")
        if reset or facts.get("simulator") != wanted["simulator"]:
            simulator.stop()
        prepare_demo_database(facts, wanted)
        if odoo.runs() and simulator.runs():
            say("the demo is running already")
        if not simulator.runs():
            port = free_port(SIMULATOR_PORT)
            simulator = start_simulator(port, DEMO_SIMULATOR_STATE, simulator.name)
        if not odoo.runs():
            port = free_port(ODOO_PORT)
            odoo = start_odoo(DEMO_DATABASE, port, cron=1, name=odoo.name)
        DEMO_STATE.write_text(json.dumps(wanted))
        say(demo_ready(odoo, simulator))


def demo_ready(odoo, simulator):
    """Loads the demo's data; returns what to tell the user."""
    script = ROOT / "tools/demo.py"
    if not script.exists():
        return f"Odoo: {odoo.url} (admin / admin)\nStand-in Urssaf: {simulator.url}"
    options = ["--url", odoo.url, "--db", DEMO_DATABASE, "--simulator", simulator.url]
    done = subprocess.run(
        [sys.executable, str(script), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(f"the demo's data could not be loaded\n{done.stdout}")
    return done.stdout.rstrip()


# ---- Command line ----------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser("demo", help="leave the demo running")
    command.add_argument("--reset", action="store_true", help="start from scratch")
    commands.add_parser("stop", help="stop every server and PostgreSQL")
    commands.add_parser("template", help="build the template database")
    command = commands.add_parser("create", help="a fresh database")
    command.add_argument("database")
    for name in ("install", "update", "uninstall"):
        command = commands.add_parser(name, help=f"{name} a module in a database")
        command.add_argument("database")
        command.add_argument("module", nargs="?", default=ADDON)
    command = commands.add_parser("serve", help="a server in the background")
    command.add_argument("database")
    command.add_argument("--port", type=int)
    command.add_argument("--cron", type=int, default=0)
    return parser.parse_args()


def run(arguments):
    database = getattr(arguments, "database", None)
    if arguments.command == "demo":
        demo(arguments.reset)
    elif arguments.command == "stop":
        stop_all()
    elif arguments.command == "template":
        say(template())
    elif arguments.command == "create":
        say(create_database(database))
    elif arguments.command == "serve":
        say(start_odoo(database, arguments.port, cron=arguments.cron).url)
    else:
        start_cluster()
        say(globals()[arguments.command](database, arguments.module))


def main():
    try:
        run(parse_arguments())
    except (StackError, psycopg2.Error) as error:
        sys.exit(f"l10n_fr_urssaf_sap: {str(error).strip()}")


if __name__ == "__main__":
    main()
