# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""All that the stand-in remembers, in one SQLite database.

One connection and one lock: a transaction has the whole store to itself, so a check
and the write that depends on it cannot be parted. Dates are ISO text, amounts decimal
text in euros, JSON columns the text of a JSON object or NULL.
"""

import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, provider TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS particuliers (  -- one per person, whoever registers them
    id_client TEXT PRIMARY KEY, identity TEXT NOT NULL UNIQUE,
    contact TEXT NOT NULL UNIQUE,          -- e-mail and mobile
    birth_name TEXT NOT NULL, first_names TEXT NOT NULL, birth_date TEXT NOT NULL,
    body JSON NOT NULL);                   -- the last M010 body
CREATE TABLE IF NOT EXISTS tax_files (     -- how the tax office knows somebody
    birth_date TEXT NOT NULL, names JSON NOT NULL);
CREATE TABLE IF NOT EXISTS links (         -- one per registration by a provider
    provider TEXT NOT NULL, id_client TEXT NOT NULL REFERENCES particuliers,
    state TEXT NOT NULL, active_since TEXT, PRIMARY KEY (provider, id_client));
CREATE TABLE IF NOT EXISTS demandes (      -- accepted payment requests
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL, number TEXT NOT NULL, id_client TEXT NOT NULL,
    invoice_date TEXT NOT NULL, gross TEXT NOT NULL, deposit TEXT NOT NULL,
    body JSON NOT NULL, status TEXT NOT NULL, label TEXT NOT NULL,
    rejection JSON, transfer JSON,
    UNIQUE (provider, number));            -- a number is taken for ever
-- With id alone indexed, SQLite reads all of a provider's rows to find ten of them.
CREATE UNIQUE INDEX IF NOT EXISTS demandes_by_id ON demandes (provider, id);
CREATE INDEX IF NOT EXISTS demandes_by_date ON demandes (provider, invoice_date);
CREATE INDEX IF NOT EXISTS demandes_by_status ON demandes (status);
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, time TEXT NOT NULL, operation TEXT NOT NULL,
    provider TEXT, body JSON, status INTEGER NOT NULL, answer JSON);
"""
_TABLES = ("tokens", "calls", "demandes", "links", "particuliers", "tax_files")


class Store:
    """The database at ``path``, or one in memory that ends with the process."""

    def __init__(self, path: str | Path | None = None):
        self._lock = threading.RLock()
        #: Whether M020 takes an e-mail: no contract promises it.
        self.searches_by_email = True
        #: Whether M050 takes what is of the day of activation: practice is divided.
        self.takes_activation_day = True
        if path:
            # Personal data: SQLite gives its other files the same mode.
            Path(path).touch(mode=0o600)
            Path(path).chmod(0o600)
        # None is autocommit: transaction() alone begins and ends transactions.
        self._connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        # The state survives the death of the process; a power cut may lose the last call.
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing, with every other thread kept out. It must not be nested."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def reset(self) -> None:
        """Empty everything, tokens included."""
        self.searches_by_email = self.takes_activation_day = True
        for table in _TABLES:
            self._run(f"DELETE FROM {table}")

    def _run(self, sql: str, *values) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, *values) -> sqlite3.Row | None:
        rows = self._run(sql, *values)
        return rows[0] if rows else None

    # Tokens

    def add_token(self, token: str, provider: str, expires_at: float) -> None:
        """``expires_at`` is in seconds since the epoch."""
        self._run("INSERT INTO tokens VALUES (?, ?, ?)", token, provider, expires_at)

    def token_owner(self, token: str, now: float) -> str | None:
        """The provider a token was given to, unless it has expired."""
        sql = "SELECT provider FROM tokens WHERE token = ? AND expires_at > ?"
        row = self._one(sql, token, now)
        return row["provider"] if row else None

    def revoke_tokens(self, token: str | None = None) -> None:
        """Revoke this token, or all of them."""
        self._run("DELETE FROM tokens WHERE ?1 IS NULL OR token = ?1", token)

    # Particuliers and their registrations

    def particulier(self, id_client: str) -> sqlite3.Row | None:
        return self._one("SELECT * FROM particuliers WHERE id_client = ?", id_client)

    def id_of_identity(self, identity: str) -> str | None:
        sql = "SELECT id_client FROM particuliers WHERE identity = ?"
        row = self._one(sql, identity)
        return row["id_client"] if row else None

    def id_of_contact(self, contact: str) -> str | None:
        sql = "SELECT id_client FROM particuliers WHERE contact = ?"
        row = self._one(sql, contact)
        return row["id_client"] if row else None

    def save_particulier(
        self, identity: str, contact: str, names: tuple[str, str, str], body: str
    ) -> str:
        """Add a person or replace their data; return the idClient.

        ``names`` is birth name, first names and ISO birth date.
        """
        self._run(
            "INSERT INTO particuliers VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (identity) DO UPDATE"
            " SET contact = excluded.contact, body = excluded.body",
            str(uuid.uuid4()),
            identity,
            contact,
            *names,
            body,
        )
        return self.id_of_identity(identity)

    def add_tax_file(self, birth_date: str, names: str) -> None:
        """``names`` is JSON: fields of M010, and what the tax office has there."""
        self._run("INSERT INTO tax_files VALUES (?, ?)", birth_date, names)

    def tax_files(self, birth_date: str) -> list[str]:
        sql = "SELECT names FROM tax_files WHERE birth_date = ?"
        return [row["names"] for row in self._run(sql, birth_date)]

    def link(self, provider: str, id_client: str) -> sqlite3.Row | None:
        sql = "SELECT * FROM links WHERE provider = ? AND id_client = ?"
        return self._one(sql, provider, id_client)

    def links(self, id_client: str | None = None) -> list[sqlite3.Row]:
        """Registrations with the person's names, oldest first; all, or one person's."""
        return self._run(
            "SELECT links.*, birth_name, first_names"
            " FROM links JOIN particuliers USING (id_client)"
            " WHERE ?1 IS NULL OR id_client = ?1 ORDER BY links.rowid",
            id_client,
        )

    def links_by_email(self, provider: str, email: str) -> list[sqlite3.Row]:
        """A provider's registrations of people with this e-mail, with their M010 body."""
        return self._run(
            "SELECT links.*, body FROM links JOIN particuliers USING (id_client)"
            " WHERE provider = ?"
            " AND lower(json_extract(body, '$.adresseMail')) = lower(?)"
            " ORDER BY links.rowid",
            provider,
            email,
        )

    def save_link(
        self, provider: str, id_client: str, state: str, active_since: str | None
    ) -> None:
        self._run(
            "INSERT INTO links VALUES (?, ?, ?, ?)"
            " ON CONFLICT (provider, id_client) DO UPDATE"
            " SET state = excluded.state, active_since = excluded.active_since",
            provider,
            id_client,
            state,
            active_since,
        )

    # Payment requests

    def number_taken(self, provider: str, number: str) -> bool:
        sql = "SELECT 1 FROM demandes WHERE provider = ? AND number = ?"
        return self._one(sql, provider, number) is not None

    def add_demande(self, **columns: str) -> str:
        """Add a payment request in its first status; return its new id."""
        columns["id"] = str(uuid.uuid4())
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        sql = f"INSERT INTO demandes ({names}) VALUES ({marks})"
        self._run(sql, *columns.values())
        return columns["id"]

    def demande(self, id_demande: str) -> sqlite3.Row | None:
        return self._one("SELECT * FROM demandes WHERE id = ?", id_demande)

    def demandes_by(
        self, provider: str, column: str, values: Sequence[str]
    ) -> list[sqlite3.Row]:
        """A provider's requests whose ``column`` ("id" or "number") is one of these."""
        marks = ", ".join("?" * len(values))
        sql = f"SELECT * FROM demandes WHERE provider = ? AND {column} IN ({marks})"
        return self._run(f"{sql} ORDER BY sequence", provider, *values)

    def demandes_dated(
        self, provider: str, first: str, last: str, limit: int
    ) -> list[sqlite3.Row]:
        """A provider's requests invoiced between two days, both included."""
        return self._run(
            "SELECT * FROM demandes WHERE provider = ?"
            " AND invoice_date BETWEEN ? AND ? ORDER BY sequence LIMIT ?",
            provider,
            first,
            last,
            limit,
        )

    def demandes(self, newest: int | None = None) -> list[sqlite3.Row]:
        """Every request with the person's names in order of arrival, or the newest."""
        sql = (
            "SELECT demandes.*, birth_name, first_names"
            " FROM demandes JOIN particuliers USING (id_client)"
        )
        if newest is None:
            return self._run(f"{sql} ORDER BY sequence")
        return self._run(f"{sql} ORDER BY sequence DESC LIMIT ?", newest)

    def count_demandes(self) -> int:
        return self._one("SELECT count(*) AS total FROM demandes")["total"]

    def demandes_by_status(self) -> dict[str, int]:
        """How many requests are in each status."""
        sql = "SELECT status, count(*) FROM demandes GROUP BY status"
        return dict(map(tuple, self._run(sql)))

    def demandes_in(self, statuses: Sequence[str]) -> list[sqlite3.Row]:
        marks = ", ".join("?" * len(statuses))
        return self._run(f"SELECT * FROM demandes WHERE status IN ({marks})", *statuses)

    def set_status(
        self,
        id_demande: str,
        status: tuple[str, str],
        rejection: str | None,
        transfer: str | None,
    ) -> None:
        """``status`` is code and label."""
        self._run(
            "UPDATE demandes SET status = ?, label = ?, rejection = ?, transfer = ?"
            " WHERE id = ?",
            *status,
            rejection,
            transfer,
            id_demande,
        )

    # Calls

    def add_call(self, **columns) -> None:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self._run(f"INSERT INTO calls ({names}) VALUES ({marks})", *columns.values())

    def calls(
        self, operation: str | None = None, newest: int | None = None
    ) -> list[sqlite3.Row]:
        """Calls in order; only one operation's; or only the newest, latest first."""
        order = "ASC" if newest is None else "DESC"
        return self._run(
            "SELECT * FROM calls WHERE ?1 IS NULL OR operation = ?1"
            f" ORDER BY id {order} LIMIT ?2",
            operation,
            -1 if newest is None else newest,
        )

    def calls_by_operation(self) -> dict[str, int]:
        """How many calls of each operation there are."""
        sql = "SELECT operation, count(*) FROM calls GROUP BY operation"
        return dict(map(tuple, self._run(sql)))

    def clear_calls(self) -> None:
        self._run("DELETE FROM calls")
