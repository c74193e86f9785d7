# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's command line and its databases."""

import hashlib
import itertools
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from .cluster import CLUSTER, sql, start_cluster
from .common import ADDON, CACHE, CONFIG, DATA, LOG, ROLE, ROOT, StackError, lock, say

# Debian 12's, which bootstrap.sh fetches for systems without one of their own.
WKHTMLTOPDF = CACHE / "wkhtmltopdf/bin"
# What the template database contains.
MODULES = ("account", "l10n_fr_account", "contacts")
LANGUAGE = "fr_FR"
FRENCH_COMPANY = """
env.company.country_id = env.ref("base.fr")
env["account.chart.template"].try_loading("fr", env.company)
env.cr.commit()
"""


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
    options = {
        "addons_path": ",".join(map(str, addons_paths())),
        "data_dir": DATA,
        "db_host": CLUSTER,
        "db_port": 5432,
        "db_user": ROLE,
        "without_demo": True,
        "http_interface": "127.0.0.1",
    }
    if WKHTMLTOPDF.is_dir():
        options["bin_path"] = WKHTMLTOPDF
    lines = "".join(f"{key} = {value}\n" for key, value in options.items())
    text = f"[options]\n{lines}"
    if not CONFIG.exists() or CONFIG.read_text() != text:
        new = CONFIG.with_suffix(f".{os.getpid()}")
        new.write_text(text)
        new.replace(CONFIG)  # nobody reads half of it
    return CONFIG


def odoo_command(*arguments):
    # A command like "shell" has to come before the options.
    command = list(itertools.takewhile(lambda word: word[0] != "-", arguments))
    rest = arguments[len(command) :]
    python = str(CACHE / "venv/bin/python")
    return [python, "-m", "odoo", *command, "-c", str(write_config()), *rest]


# Lines of others that say nothing about the addon.
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


def shell(database, script, log_name="shell", strict=True, flags=()):
    """Runs Python with `env` in an Odoo shell. The script commits for itself."""
    arguments = ("shell", "-d", database, "--no-http", *flags)
    return run_odoo(log_name, *arguments, script=script, strict=strict)


def export_terms():
    """The addon's translation template, as Odoo writes it into the cache."""
    file = CACHE / "test" / f"{ADDON}.pot"
    database = create_database("i18n")
    install(database)
    run_odoo("i18n", "i18n", "export", "-d", database, "-o", str(file), ADDON)
    drop_database(database)
    return file


def database_exists(name):
    return bool(sql("SELECT 1 FROM pg_database WHERE datname = %s", name))


def drop_database(name):
    # Only a superuser may end the work of one who is in there: autovacuum, for example.
    sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', user="postgres")
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
        shell("building", FRENCH_COMPANY, f"{name}-company", strict=False)
        # Without statistics of a chart of accounts, PostgreSQL chooses plans that take
        # minutes while Odoo's tests load one within their transaction.
        sql("VACUUM ANALYZE", database="building")
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
