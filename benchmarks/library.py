# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is read from what people type: an address, and the commune in it."""

import csv
import statistics
from pathlib import Path

import stack
from bench import Figure, costing, environment

from odoo.modules.registry import Registry
from odoo.tools.misc import street_split

from odoo.addons.l10n_fr_urssaf_sap.urssaf.proposals.street import parse_street

DATABASE = "bench_library"
ADDRESSES = Path(__file__).resolve().parents[1] / "tests" / "addresses.csv"
MISSPELT = ADDRESSES.with_name("communes_misspelt.csv")
# What a search in a form may take before it is felt.
PATIENCE = 0.05
ROUNDS = 20
# Words of which the parser has to look at each from many sides.
LONG, LONGER = "12 bis rue " * 100, "12 bis rue " * 200


def run():
    yield from addresses()
    yield from communes()


def addresses():
    with ADDRESSES.open(encoding="utf-8") as file:
        lines = [row["street"] for row in csv.DictReader(file, delimiter=";")]
    ours, odoos, long, longer = [], [], [], []
    for _round in range(ROUNDS):
        for seconds, read, typed in (
            (ours, parse_street, lines),
            (odoos, street_split, lines),
            (long, parse_street, [LONG]),
            (longer, parse_street, [LONGER]),
        ):
            with costing() as cost:
                for line in typed:
                    read(line)
            seconds.append(cost.seconds / len(typed))
    ours, odoos, long, longer = map(min, (ours, odoos, long, longer))
    yield Figure(
        "Reading an address: time",
        ours / odoos,
        "Odoo's street_split, which knows no types",
        f"{ours * 1e6:.0f} : {odoos * 1e6:.0f} µs",
    )
    yield Figure(
        "Reading an address twice as long: time",
        longer / long,
        f"a line of {len(LONG)} characters",
        f"{longer * 1e3:.1f} : {long * 1e3:.1f} ms",
        3,
    )


def communes():
    stack.create_database(DATABASE)
    stack.install(DATABASE)
    ours, plain = [], []
    with environment(Registry(DATABASE)) as env:
        communes = env["l10n_fr_sap.commune"]
        names = communes.search([], limit=50, order="population desc").mapped("name")
        for name in names:
            for typed in (name, name[:4], name.lower(), name[:2]):
                env.invalidate_all()
                with costing() as cost:
                    communes.name_search(typed, limit=8)
                ours.append(cost.seconds)
                env.invalidate_all()
                with costing() as cost:
                    communes.search([("name", "ilike", typed)], limit=8).mapped("name")
                plain.append(cost.seconds)
        with_trigrams, without = misspelt(env, True), misspelt(env, False)
    ours, plain = statistics.median(ours), statistics.median(plain)
    yield Figure(
        "Searching a commune, best match first: time",
        ours / plain,
        "Odoo's search for a part of the name",
        f"{ours * 1e3:.1f} : {plain * 1e3:.1f} ms",
        1,
    )
    yield Figure(
        "Searching a misspelt commune: time",
        max(with_trigrams, without) / PATIENCE,
        f"{PATIENCE * 1e3:.0f} ms",
        f"{with_trigrams * 1e3:.1f} ms, without pg_trgm {without * 1e3:.1f} ms",
        1,
    )


def misspelt(env, trigrams):
    """The median of the searches for names with an error, in seconds."""
    communes, taken = env["l10n_fr_sap.commune"], []
    env.registry.has_trigram = trigrams
    communes._name_index()
    with MISSPELT.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            env.invalidate_all()
            with costing() as cost:
                communes.name_search(row["typed"], limit=8)
            taken.append(cost.seconds)
    return statistics.median(taken)
