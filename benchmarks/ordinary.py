# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the addon costs those who do not use it: two databases in one process, one of them
with the addon, and customers who are nothing to the Urssaf."""

import statistics
from datetime import date

import stack
from bench import Figure, costing, environment, medians
from lxml import etree

from odoo import Command
from odoo.modules.registry import Registry

POSTED = 400  # pairs of invoices
OPENED = 100  # pairs of views
WARM_UP = 20
PAGE = 80  # invoices that the web client lists at a time
INVOICE_LIST = "account.view_out_invoice_tree"


class Side:
    """One of the two databases, with an accountant and what they work upon."""

    def __init__(self, name, addon):
        stack.create_database(name)
        if addon:
            stack.install(name)
        self.registry = Registry(name)
        with environment(self.registry) as env:
            groups = ("account.group_account_invoice", "base.group_partner_manager")
            user = env["res.users"].create(
                {
                    "name": "Accountant",
                    "login": "accountant",
                    "group_ids": [Command.link(env.ref(group).id) for group in groups],
                }
            )
            partner = env["res.partner"].create(
                {
                    "name": "Boulangerie Martin",
                    "email": "martin@example.com",
                    "street": "12 rue des Lilas",
                    "zip": "69003",
                    "city": "Lyon",
                    "country_id": env.ref("base.fr").id,
                }
            )
            product = env["product.product"].create({"name": "Hour", "list_price": 30})
            lines = [
                Command.create({"product_id": product.id, "quantity": quantity})
                for quantity in (2, 3, 5)
            ]
            values = {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": date.today().replace(day=1),  # noqa: DTZ011
                "invoice_line_ids": lines,
            }
            moves = env["account.move"].create([values] * (WARM_UP + POSTED))
            self.user, self.partner, self.moves = user.id, partner.id, moves.ids
        # Rather than by autovacuum, on one side in the middle of it.
        stack.cluster.sql("VACUUM ANALYZE", database=name)
        with self.environment() as env:
            self.list = specification(env, "account.move", "list", INVOICE_LIST)
            self.invoice = specification(env, "account.move", "form")
            self.contact = specification(env, "res.partner", "form")

    def environment(self):
        return environment(self.registry, self.user, lang="en_US")

    def cost(self, work, number):
        with costing() as cost, self.environment() as env:
            work(self, env, number)
        return cost


def specification(env, model, kind, view=None):
    """What the web client asks for to show this view."""
    view = view and env.ref(view).id
    views = env[model].get_views([(view, kind)])
    arch = etree.fromstring(views["views"][kind]["arch"])
    return _asked(arch, model, views["models"])


def _asked(arch, model, models):
    asked = {}
    level = arch.xpath("count(ancestor-or-self::field)")
    for node in arch.xpath(f".//field[count(ancestor::field) = {level}]"):
        name = node.get("name")
        field = models[model]["fields"][name]
        asked[name] = {}
        hidden = node.get("invisible") in ("True", "1")
        if field["type"] == "many2one":
            asked[name]["fields"] = {} if hidden else {"display_name": {}}
        elif field["type"] in ("one2many", "many2many") and not hidden:
            inline = node.find("list")
            asked[name]["fields"] = (
                {"display_name": {}}
                if inline is None
                else _asked(inline, field["relation"], models)
            )
    return asked


def post(side, env, number):
    env["account.move"].browse(side.moves[number]).action_post()


def open_list(side, env, number):
    env["account.move"].web_search_read(
        [("move_type", "=", "out_invoice")], side.list, limit=PAGE
    )


def open_invoice(side, env, number):
    env["account.move"].browse(side.moves[number]).web_read(side.invoice)


def open_contact(side, env, number):
    env["res.partner"].browse(side.partner).web_read(side.contact)


def compare(sides, work, pairs):
    """Each side's costs, in pairs that follow each other closely: whatever else the machine
    does meanwhile falls upon both. Who goes first alternates."""
    costs = []
    for number in range(WARM_UP + pairs):
        order = sides if number % 2 else sides[::-1]
        found = {side: side.cost(work, number) for side in order}
        costs.append([found[side] for side in sides])
    return zip(*costs[WARM_UP:], strict=True)


def run():
    sides = [Side("bench_with", True), Side("bench_without", False)]
    for what, work, pairs, target in (
        ("Posting an ordinary invoice", post, POSTED, 1.05),
        ("Opening an ordinary invoice", open_invoice, OPENED, None),
        ("Opening the list of invoices", open_list, OPENED, None),
        ("Opening an ordinary contact", open_contact, OPENED, None),
    ):
        ours, theirs = compare(sides, work, pairs)
        mine, rival = medians(ours), medians(theirs)
        yield Figure(
            f"{what}: queries",
            mine.queries / rival.queries,
            "without the addon",
            f"{mine.queries:.0f} : {rival.queries:.0f}",
            target and 1,
        )
        yield Figure(
            f"{what}: time",
            # The pairs' ratios rather than the ratio of all: noise is of the moment.
            statistics.median(
                one.seconds / other.seconds
                for one, other in zip(ours, theirs, strict=True)
            ),
            "without the addon",
            f"{mine.seconds * 1000:.1f} : {rival.seconds * 1000:.1f} ms",
            target,
        )
