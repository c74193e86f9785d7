# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every field and public method of every model of ours, attacked by six roles from both
sides: what a role may do is in the tables; the rest must fail, or change and tell nothing.
"""

from hostile_common import ADDON, HostileCase, as_rpc, odd_values
from sap_common import CLIENTS

from odoo import Command
from odoo.tests import tagged

from tools import canaries

CONTACTS = {"A": "Mariquelle", "B": "Bertilde"}
BIRTH_NAMES = {"A": canaries.BIRTH_NAME, "B": "Voisinovel"}
BIRTH_DATES = {"A": str(canaries.BIRTH_DATE), "B": "1942-11-23"}
MOBILES = {"A": "0639980011", "B": "0639987722"}
IBANS = {"A": canaries.IBAN, "B": "FR7630004000031234567890143"}
URSSAF_IDS = {
    "A": "af0be430-908a-11eb-a8b3-0242ac13000a",
    "B": "bf0be430-908a-11eb-a8b3-0242ac13000b",
}
STATES = ("integrated", "error", "to_send")
NUMBERS = {"A": "FAQUIA", "B": "FAQUIB"}
PRICES = {"A": 41.37, "B": 43.91}
#: What is looked for in all that comes back, and what it is.
CANARIES = {
    text.lower(): f"{side} {kind}"
    for kind, texts in {
        "contact": (CONTACTS,),
        "person": (BIRTH_NAMES, BIRTH_DATES, MOBILES, IBANS, URSSAF_IDS),
        "books": (NUMBERS,),
        "secret": ({"A": CLIENTS["test"], "B": CLIENTS["other"]},),
    }.items()
    for values in texts
    for side, text in values.items()
}
CANARIES |= {
    "datetime.date(1931,10,17)": "A person",
    "datetime.date(1942,11,23)": "B person",
}

# ---- the tables

#: Who attacks: groups, and the company that they work for (A, B).
ROLES = {
    "public": (None, "A"),
    "portal": ("base.group_portal", "A"),  # the customer of A
    "employee": ("base.group_user,base.group_partner_manager", "A"),
    "auditor": ("base.group_user,account.group_account_readonly", "A"),
    "neighbour": ("account.group_account_invoice,base.group_partner_manager", "B"),
    "accountant": ("account.group_account_manager,base.group_system", "A"),
}
#: What a role may see of the canaries: a company's contacts, their civil status and bank
#: account, its invoices and what is at the Urssaf. Nobody sees the secret.
SEES = {
    "public": set(),
    "portal": {"A contact", "A books"},
    "employee": {"A contact"},
    "auditor": {"A contact", "A books"},
    "neighbour": {"B contact", "B person", "B books"},
    "accountant": {"A contact", "A person", "A books", "A access"},
}
#: What a role may write on records of its own company: fields of a model, or all of ours.
WRITES = {
    "public": {},
    "portal": {},
    "employee": {"res.partner": {"l10n_fr_sap_particulier"}},
    "auditor": {},
    "neighbour": {},
    "accountant": {
        "res.company": "all",
        "res.partner": "all",
        "product.template": "all",
        "account.move": {"l10n_fr_sap_date_from", "l10n_fr_sap_date_to"},
        "account.move.line": "all",
        "l10n_fr_sap.nature": "all",
    },
}
WRITES["neighbour"] = {
    name: WRITES["accountant"][name]
    for name in ("res.partner", "account.move", "account.move.line")
}
#: What every company has in common, or an administrator may write whatever company it is.
SHARED = {"l10n_fr_sap.nature", "res.company"}
#: Which roles may press the buttons, on records of their own company; the others get an
#: error. What is left out changes nothing, and is for whoever may read the record.
PRESSES = {"accountant", "neighbour"}
#: Windows of one's own: whoever may press buttons makes some, and sees nothing in them
#: that they do not see elsewhere.
WINDOWS = {
    "l10n_fr_sap.reconciliation": "all",
    "account.move.reversal": {"l10n_fr_sap_confirmed"},
    "res.config.settings": "all",
}
#: Of the ORM's own public methods, those that change something.
CHANGING = {
    "unlink": (),
    "copy": (),
    "write": ({},),
    "action_archive": (),
    "action_unarchive": (),
    "web_save": ({}, {"display_name": {}}),
    "load": (["display_name"], [["x"]]),
    "name_create": ("x",),
}


@tagged("post_install", "-at_install")
class TestModels(HostileCase):
    def setUp(self):
        super().setUp()
        self.partner.unlink()  # it belongs to no company
        self.company_a, self.company_b = self.env.company, self.create_company_b()
        self.scene = {"A": self.make_scene("A"), "B": self.make_scene("B")}
        self.users = {
            role: self.role_user(role, groups, company)
            for role, (groups, company) in ROLES.items()
        }
        self.remember()
        self.enterContext(self.enter_registry_test_mode())
        self.holes = []

    # The scene

    def make_scene(self, side):
        """A company's customer, registered and active, with a payment request in each of
        three lives, and what comes with them."""
        company = self.company_a if side == "A" else self.company_b
        env = self.env(su=True, context={"allowed_company_ids": company.ids})
        customer = env["res.partner"].create(self.customer_values(side))
        customer.company_id = company
        registration = env["l10n_fr_sap.registration"].create(
            {
                "partner_id": customer.id,
                "company_id": company.id,
                "environment": "test",
                "state": "active",
                "urssaf_id": URSSAF_IDS[side],
                "active_since": "2020-01-01",
                "last_error": f"IBAN {IBANS[side]}",
                "consent_date": "2026-01-01",
            }
        )
        moves = self.create_moves(side, company, customer)
        requests = env["l10n_fr_sap.payment.request"].create(
            [
                {
                    "move_id": move.id,
                    "company_id": company.id,
                    "environment": "test",
                    "partner_id": customer.id,
                    "number": move.name,
                    "amount_total": move.amount_total,
                    "state": state,
                    "urssaf_id": state == "integrated" and f"live-{side}-id",
                }
                for move, state in zip(moves[:3], STATES, strict=True)
            ]
        )
        for request in requests:
            request.move_id.l10n_fr_sap_request_id = request
        windows = self.create_windows(side, company, requests)
        product = env["product.template"].create(
            {"name": "Jardin", "company_id": company.id}
        )
        records = {
            "res.company": company,
            "res.partner": customer,
            "res.partner.bank": customer.bank_ids,
            "product.template": product,
            "account.move": moves,
            "account.move.line": moves.invoice_line_ids,
            "l10n_fr_sap.registration": registration,
            "l10n_fr_sap.payment.request": requests,
            "l10n_fr_sap.nature": env.ref("l10n_fr_urssaf_sap.nature_60"),
            "l10n_fr_sap.commune": self.commune,
            **windows,
        }
        return {name: some.sudo() for name, some in records.items()}

    def customer_values(self, side):
        bank = self.env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPPXXX"})
        return {
            "name": f"{CONTACTS[side]} Dupont",
            "email": f"{CONTACTS[side]}@example.com",
            "street": "12 bis rue des Lilas",
            "zip": "69003",
            "city": "Lyon",
            "country_id": self.env.ref("base.fr").id,
            "l10n_fr_sap_particulier": True,
            "l10n_fr_sap_civility": "2",
            "l10n_fr_sap_birth_name": BIRTH_NAMES[side],
            "l10n_fr_sap_first_names": BIRTH_NAMES[side],
            "l10n_fr_sap_birth_date": BIRTH_DATES[side],
            "l10n_fr_sap_birth_commune_id": self.commune.id,
            "l10n_fr_sap_mobile": MOBILES[side],
            "bank_ids": [
                Command.create({"acc_number": IBANS[side], "bank_id": bank.id})
            ],
        }

    def create_moves(self, side, company, customer):
        env = self.env(su=True, context={"allowed_company_ids": company.ids})
        values = {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "company_id": company.id,
            "invoice_date": self.month_end,
            "invoice_line_ids": [
                Command.create(
                    {"name": "Jardin", "quantity": 3, "price_unit": PRICES[side]}
                )
            ],
        }
        moves = env["account.move"].create([dict(values) for _number in range(3)])
        for number, move in enumerate(moves):
            move.name = f"{NUMBERS[side]}/2026/{number + 1:05}"
        moves.action_post()
        # A refund pays to the customer's account: Odoo shows it on the form.
        refund = env["account.move"].create(
            values
            | {"move_type": "out_refund", "partner_bank_id": customer.bank_ids.id}
        )
        self.assertTrue(refund.partner_bank_id)
        return moves + refund

    def create_windows(self, side, company, requests):
        """What a user of this company has open, and what the server keeps of calls."""
        user = self.env.user
        env = self.env(user=user, su=True, context={"allowed_company_ids": company.ids})
        reconciliation = env["l10n_fr_sap.reconciliation"].create(
            {
                "company_id": company.id,
                "line_ids": [
                    Command.create(
                        {
                            "kind": "state",
                            "number": requests[0].number,
                            "request_id": requests[0].id,
                            "partner_id": requests[0].partner_id.id,
                        }
                    )
                ],
            }
        )
        summary = env["l10n_fr_sap.summary"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "record_ref": f"account.move,{requests[1].move_id.id}",
                            "message": BIRTH_NAMES[side],
                        }
                    )
                ]
            }
        )
        exchange = env["l10n_fr_sap.exchange"].create(
            {
                "company_id": company.id,
                "environment": "test",
                "operation": "M050",
                "started_at": "2026-01-01 00:00:00",
                "references": f" {requests[0].number} ",
            }
        )
        outage = env["l10n_fr_sap.outage"].create(
            {"host": f"http://{side.lower()}.example.com", "since": "2026-01-01"}
        )
        return {
            "l10n_fr_sap.reconciliation": reconciliation,
            "l10n_fr_sap.reconciliation.line": reconciliation.line_ids,
            "l10n_fr_sap.summary": summary,
            "l10n_fr_sap.summary.line": summary.line_ids,
            "l10n_fr_sap.exchange": exchange,
            "l10n_fr_sap.outage": outage,
        }

    def role_user(self, role, groups, side):
        company = self.company_a if side == "A" else self.company_b
        if role == "public":
            return self.public
        if role == "portal":
            customer = self.scene["A"]["res.partner"]
            return self.hostile_user(role, groups, company, partner_id=customer.id)
        return self.hostile_user(role, groups, company)

    # What there is to attack

    def our_models(self):
        return sorted(
            name
            for name, model in self.env.registry.items()
            if model._original_module == ADDON and not model._abstract
        )

    def targets(self):
        """``(model, [fields])``: all fields of our models, and ours of Odoo's."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._abstract:
                continue
            ours = name in self.our_models()
            names = [
                field.name
                for field in model._fields.values()
                if (ours or ADDON in field._modules) and field.name != "id"
            ]
            if names and name not in ("ir.module.module",):
                yield name, sorted(names)

    def records(self, side, model):
        some = self.scene[side].get(model)
        return self.env[model].sudo().browse() if some is None else some

    # What comes back

    def judge(self, role, what, attempt):
        """A canary in what came back, of those that the role may not see."""
        shown = attempt.shown()
        for canary, kind in CANARIES.items():
            if kind not in SEES[role] and canary in shown:
                self.holes.append(f"{role}, {what}: shows {kind} ({canary})")

    def may_write(self, role, side, model, name):
        if ROLES[role][1] != side and model not in SHARED:
            return False
        allowed = WRITES[role].get(model, ())
        return allowed == "all" or name in allowed

    def finish(self):
        self.assertFalse(
            self.holes, "\n".join([f"{len(self.holes)} holes", *self.holes])
        )

    # The attacks

    def test_reading(self):
        for model, names in self.targets():
            for side in self.scene:
                if records := self.records(side, model):
                    for role, user in self.users.items():
                        with self.caller(user) as ask:
                            self.read_everything(role, ask, records, names)
        self.finish()

    def read_everything(self, role, ask, records, names):
        model, ids = records._name, records.ids
        here, readable = [("id", "in", ids)], []
        for name in names:
            what = f"{model}.{name}"
            read = ask(model, "read", ids, [name])
            self.judge(role, f"read {what}", read)
            if not read.error:
                readable.append(name)
            grouped = ask(model, "formatted_read_group", here, [name], ["__count"])
            self.judge(role, f"group {what}", grouped)
            if not read.error:
                continue
            exported = ask(model, "export_data", ids, [name])
            self.judge(role, f"export {what}", exported)
            # A search that answers tells the value to whoever guesses it.
            value = as_rpc(records[:1][name])
            asked = ask(model, "search", [*here, (name, "=", value)])
            found = not records._fields[name].relational and asked.result
            if found and ask(model, "read", found, [name]).error:
                self.holes.append(f"{role}, search {what}: answers")
        shown = {name: {"fields": {"display_name": {}}} for name in readable}
        for told in (
            ask(model, "export_data", ids, readable),
            ask(model, "web_search_read", here, shown),
            ask(model, "name_search", ""),
        ):
            self.judge(role, f"list {model}", told)

    def test_roads_to_personal_data(self):
        """What is closed on the contact is closed by way of every other model."""
        roads = [
            ("res.partner", "bank_ids.acc_number", IBANS),
            ("res.partner", "bank_ids.sanitized_acc_number", IBANS),
            ("res.partner", "bank_ids", IBANS),
            ("res.partner", "l10n_fr_sap_bank_id.acc_number", IBANS),
            ("res.partner.bank", "acc_number", IBANS),
            ("res.partner.bank", "sanitized_acc_number", IBANS),
            ("res.partner.bank", "display_name", IBANS),
            ("account.move", "partner_bank_id.acc_number", IBANS),
            ("account.move", "partner_bank_id.sanitized_acc_number", IBANS),
            ("account.move", "partner_bank_id", IBANS),
            ("account.move", "partner_bank_id.display_name", IBANS),
            ("account.move", "commercial_partner_id.bank_ids.acc_number", IBANS),
        ]
        for owner in ("", "commercial_partner_id.", "partner_id."):
            model = "account.move" if owner else "res.partner"
            for name, values in (
                ("l10n_fr_sap_birth_name", BIRTH_NAMES),
                ("l10n_fr_sap_birth_date", BIRTH_DATES),
                ("l10n_fr_sap_mobile", MOBILES),
                ("l10n_fr_sap_urssaf_id", URSSAF_IDS),
                ("l10n_fr_sap_registration_ids.urssaf_id", URSSAF_IDS),
                ("l10n_fr_sap_bank_id", IBANS),
                ("l10n_fr_sap_civility", {"A": "2", "B": "2"}),
            ):
                roads.append((model, owner + name, values))
        for role, user in self.users.items():
            for side in self.scene:
                with self.caller(user) as ask:
                    for model, road, values in roads:
                        self.take_road(role, ask, side, model, road, values[side])
        self.finish()

    def take_road(self, role, ask, side, model, road, value):
        """Whether a search tells that the value is right, or a list shows it."""
        if f"{side} person" in SEES[role]:
            return
        here = ("id", "in", self.records(side, model).ids)
        for operator, guess in (
            ("=", value),
            ("=like", f"{value[:6]}%"),
            ("ilike", value[:6]),
        ):
            asked = ask(model, "search_count", [here, (road, operator, guess)])
            if not asked.error and asked.result:
                self.holes.append(f"{role}, {model}: {road} {operator} {side} answers")
        for call, args in (
            ("export_data", (self.records(side, model).ids, [road.replace(".", "/")])),
            ("read", (self.records(side, model).ids, [road.partition(".")[0]])),
            ("name_search", (value,)),
            ("search_read", ([here], [road.partition(".")[0]], 0, None, road)),
            ("formatted_read_group", ([here], [road.partition(".")[0]], ["__count"])),
        ):
            told = ask(model, call, *args)
            self.judge(role, f"{call} {model}: {road} of {side}", told)

    def test_writing(self):
        for model, names in self.targets():
            for side in self.scene:
                if records := self.records(side, model):
                    for role, user in self.users.items():
                        with self.caller(user) as ask:
                            for name in names:
                                self.write(role, ask, side, records, name)
        self.finish()

    def write(self, role, ask, side, records, name):
        model, foreign = records._name, self.scene["B" if side == "A" else "A"]
        values = odd_values(records._fields[name], records[:1], foreign)
        # One is enough where the record itself is somebody else's.
        for value in values if ROLES[role][1] == side else values[:1]:
            told = ask(model, "write", records[:1].ids, {name: value})
            what = f"write {model}.{name} = {str(value)[:40]!r} of {side}"
            self.judge(role, what, told)
            if told.changed and not self.may_write(role, side, model, name):
                self.holes.append(f"{role}, {what}: changes {told.changed}")

    def test_creating(self):
        """Records made by hand, each field set to somebody else's, by value or by the
        context's default; and read back."""
        for model, names in self.targets():
            for role, user in self.users.items():
                with self.caller(user) as ask:
                    for name in names:
                        self.create(role, ask, model, name)
        self.finish()

    def create(self, role, ask, model, name):
        field, side = self.env[model]._fields[name], ROLES[role][1]
        foreign = self.scene["B" if side == "A" else "A"]
        value, _other = odd_values(field, self.records("A", model)[:1], foreign)
        some = self.required_values(model)
        for way, values, context in (
            ("value", some | {name: value}, {}),
            ("default", some, {f"default_{name}": value}),
        )[: 2 if role in PRESSES else 1]:
            told = ask(
                model,
                "create",
                values,
                then=lambda record: record.read(),
                context=context,
            )
            what = f"create {model}.{name} by {way}"
            self.judge(role, what, told)
            if not told.changed or self.may_write(role, side, model, name):
                continue
            window = WINDOWS.get(model, ())
            if window == "all" or name in window:
                continue
            # Odoo's own models may be created; our field must not have been set.
            got = told.read_back and told.read_back[0].get(name)
            if model in self.our_models() or got:
                self.holes.append(f"{role}, {what}: {got!r}, changes {told.changed}")

    def test_windows_on_others_records(self):
        """Odoo's own windows, opened on invoices of whom they may be."""
        for role, user in self.users.items():
            for side in self.scene:
                move = self.scene[side]["account.move"][:1]
                with self.caller(user) as ask:
                    for model, values in (
                        ("account.move.reversal", {"move_ids": [[6, 0, move.ids]]}),
                        (
                            "account.payment.register",
                            {"line_ids": [[6, 0, move.line_ids.ids]]},
                        ),
                        ("account.move.send.wizard", {"move_id": move.id}),
                        (
                            "account.move.send.batch.wizard",
                            {"move_ids": [[6, 0, move.ids]]},
                        ),
                    ):
                        self.look_into(role, ask, model, values)
        self.finish()

    def look_into(self, role, ask, model, values):
        ours = [name for name in self.env[model]._fields if "l10n_fr_sap" in name]
        shown = [*ours, "alerts", "actionable_errors"]
        shown = [name for name in shown if name in self.env[model]._fields]
        told = ask(model, "create", values, then=lambda record: record.read(shown))
        self.judge(role, f"{model} on {values}", told)
        told = ask(model, "onchange", [], values, [], {name: {} for name in shown})
        self.judge(role, f"{model} on {values} unsaved", told)

    def required_values(self, model):
        return {
            "res.partner": {"name": "x"},
            "res.company": {"name": "x"},
            "product.template": {"name": "x"},
            "account.move": {"move_type": "out_invoice"},
            "l10n_fr_sap.nature": {"code": "999", "name": "x"},
            "l10n_fr_sap.commune": {"code": "99999", "name": "x"},
            "l10n_fr_sap.summary.line": {"summary_id": 1},
        }.get(model, {})

    def test_methods(self):
        for model in sorted(self.env.registry):
            names = self.methods(model)
            for side in self.scene:
                records = self.records(side, model)
                for name, args in names.items():
                    for role, user in self.users.items():
                        self.call(role, user, side, records, name, args)
        self.finish()

    def methods(self, model):
        """``{name: arguments}`` of the public methods that we define, and of the ORM's
        that change something."""
        class_ = self.env.registry[model]
        if class_._abstract:
            return {}
        found = {}
        for parent in class_.mro():
            if parent.__module__.startswith(f"odoo.addons.{ADDON}."):
                found |= {
                    name: ()
                    for name, value in vars(parent).items()
                    if callable(value) and not name.startswith("_")
                }
        for name in ("create", "write", "unlink", "reverse_moves"):
            found.pop(name, None)
        if model in self.our_models():
            found |= CHANGING
        return found

    def call(self, role, user, side, records, name, args):
        own = ROLES[role][1] == side or records._name in SHARED
        if (
            own
            and role in PRESSES
            and (name.startswith("action_") or name == "button_draft")
        ):
            return  # the other tests press these
        model = records._name
        ids = [] if name in ("load", "name_create") else [records[:1].ids]
        told = self.press_as(user, model, name, *ids, *args)
        self.judge(role, f"{model}.{name}", told)
        nature = model == "l10n_fr_sap.nature" and role == "accountant"
        if told.changed and not (nature or model in WINDOWS and name in CHANGING):
            self.holes.append(
                f"{role}, {model}.{name}() of {side}: changes {told.changed}"
            )
