# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who attacks our models and what they may do, as tables; and two companies whose records
they attack."""

from hostile_common import ADDON, HostileCase
from sap_common import CLIENTS

from odoo import Command

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
        "account.move": {
            "l10n_fr_sap_date_from",
            "l10n_fr_sap_date_to",
            "l10n_fr_sap_avance_immediate",
            "l10n_fr_sap_paid_directly",
        },
        "account.move.line": "all",
        "account.journal": "all",
        "l10n_fr_sap.nature": "all",
        "l10n_fr_sap.ceiling": "all",
    },
}
WRITES["neighbour"] = {
    name: WRITES["accountant"][name]
    for name in ("res.partner", "account.move", "account.move.line")
}
#: What every company has in common, or an administrator may write whatever company it is.
SHARED = {"l10n_fr_sap.nature", "l10n_fr_sap.ceiling", "res.company"}
#: Which roles may press the buttons, on records of their own company; the others get an
#: error. What is left out changes nothing, and is for whoever may read the record.
PRESSES = {"accountant", "neighbour"}
#: Windows of one's own: whoever may press buttons makes some, and sees nothing in them
#: that they do not see elsewhere.
WINDOWS = {
    "l10n_fr_sap.reconciliation": "all",
    "l10n_fr_sap.withdrawal": "all",
    "l10n_fr_sap.declare.over": "all",
    "l10n_fr_sap.certificate.wizard": "all",
    "l10n_fr_sap.take.back": "all",
    "l10n_fr_sap.ask.cancel": "all",
    "l10n_fr_sap.completion": "all",
    "l10n_fr_sap.completion.line": "all",
    "l10n_fr_sap.test.book": "all",
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


class ModelsCase(HostileCase):
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
        transfer, choice = self.create_transfer(side, company, requests)
        windows = self.create_windows(side, company, requests)
        product = env["product.template"].create(
            {"name": "Jardin", "company_id": company.id}
        )
        nova = env["l10n_fr_sap.nova.report"].search([("company_id", "=", company.id)])
        morning = env["l10n_fr_sap.morning"].search([("company_id", "=", company.id)])
        records = {
            "res.company": company,
            "res.partner": customer,
            "res.partner.bank": customer.bank_ids,
            "product.template": product,
            "account.move": moves,
            "account.move.line": moves.invoice_line_ids,
            "l10n_fr_sap.registration": registration,
            "l10n_fr_sap.payment.request": requests,
            "l10n_fr_sap.payment.request.event": self.create_event(side, requests),
            "l10n_fr_sap.transfer": transfer,
            "l10n_fr_sap.certificate": self.create_certificate(company, customer),
            "l10n_fr_sap.nova.report": nova,
            "l10n_fr_sap.morning": morning,
            "account.journal": moves.journal_id,
            "l10n_fr_sap.bank.choice": choice,
            "l10n_fr_sap.nature": env.ref("l10n_fr_urssaf_sap.nature_60"),
            "l10n_fr_sap.ceiling": env.ref("l10n_fr_urssaf_sap.ceiling_general"),
            "l10n_fr_sap.commune": self.commune,
            "l10n_fr_sap.first.step": env["l10n_fr_sap.first.step"].search([]),
            **windows,
        }
        return {name: some.sudo() for name, some in records.items()}

    def create_certificate(self, company, customer):
        """One that is to be sent, with its document."""
        certificate = (
            self.env["l10n_fr_sap.certificate"]
            .sudo()
            .create(
                {
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "year": 2025,
                    "version": 1,
                    "state": "to_send",
                    "content": {"customer": customer.name},
                    "differences": customer.name,
                }
            )
        )
        certificate.attachment_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{customer.name}.pdf",
                    "raw": b"%PDF",
                    "res_model": certificate._name,
                    "res_id": certificate.id,
                }
            )
        )
        return certificate

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

    def create_transfer(self, side, company, requests):
        """What the Urssaf has paid, and a bank transaction that may be that."""
        env = requests.env
        transfer = env["l10n_fr_sap.transfer"].create(
            {"company_id": company.id, "environment": "test", "date": self.month_end}
        )
        requests[0].transfer_id = transfer
        journal = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        line = env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": self.month_end,
                "payment_ref": f"URSSAF {NUMBERS[side]}",
                "amount": PRICES[side],
            }
        )
        action = env["l10n_fr_sap.bank.choice"]._open(transfer, {line: 1}, 1)
        return transfer, env["l10n_fr_sap.bank.choice"].search(action["domain"])

    def create_event(self, side, requests):
        """What became of one of them; whose number it tells."""
        return requests.env["l10n_fr_sap.payment.request.event"].create(
            {
                "request_id": requests[1].id,
                "moment": "2026-01-01 00:00:00",
                "state": "error",
                "reason": NUMBERS[side],
            }
        )

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
        certificate_wizard = env["l10n_fr_sap.certificate.wizard"].create(
            {"year": 2025, "whose": "all"}
        )
        declare_over = env["l10n_fr_sap.declare.over"].create(
            {"reason": BIRTH_NAMES[side]}
        )
        about = env(context={"active_id": requests[0].id})
        take_back = about["l10n_fr_sap.take.back"].create({"amount": 1})
        ask_cancel = about["l10n_fr_sap.ask.cancel"].create({"reason": "ANNUL_DBL"})
        line = {"label": BIRTH_NAMES[side], "amount": PRICES[side]}
        completion = env["l10n_fr_sap.completion"].create(
            {"to_fix": BIRTH_NAMES[side], "line_ids": [Command.create(line)]}
        )
        test_book = env["l10n_fr_sap.test.book"].create({"email": "x@example.com"})
        test_book.birth_name = BIRTH_NAMES[side]
        test_book.step_ids.exchanges = [{"request": BIRTH_NAMES[side], "answer": ""}]
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
            "l10n_fr_sap.declare.over": declare_over,
            "l10n_fr_sap.certificate.wizard": certificate_wizard,
            "l10n_fr_sap.take.back": take_back,
            "l10n_fr_sap.ask.cancel": ask_cancel,
            "l10n_fr_sap.completion": completion,
            "l10n_fr_sap.completion.line": completion.line_ids,
            "l10n_fr_sap.test.book": test_book,
            "l10n_fr_sap.test.book.step": test_book.step_ids,
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
