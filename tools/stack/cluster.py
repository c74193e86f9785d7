# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A private PostgreSQL: reached through a Unix socket, its data expendable."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import psycopg2

from .common import CACHE, ROLE, StackError, lock

CLUSTER = CACHE / "pg"  # the data and the socket


def postgres_bin():
    """The folder of PostgreSQL's newest binaries."""
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return max(found, key=lambda path: int(path.parts[4])).parent
    if in_path := shutil.which("initdb"):
        return Path(in_path).resolve().parent
    raise StackError("PostgreSQL is missing; run tools/bootstrap.sh")


def as_postgres(*command):
    """Runs one of PostgreSQL's commands, as the cluster's owner where we are root."""
    user = {}
    if os.geteuid() == 0:
        owner = CLUSTER.stat()
        user = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=CLUSTER,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **user,
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
    if CLUSTER.stat().st_uid == 0:
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
