# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every field and public method of every model of ours, attacked by six roles from both
sides: what a role may do is in the tables; the rest must fail, or change and tell nothing.
"""

from hostile_common import ADDON, as_rpc, odd_values
from models_common import (
    BIRTH_DATES,
    BIRTH_NAMES,
    CHANGING,
    IBANS,
    MOBILES,
    PRESSES,
    ROLES,
    SEES,
    SHARED,
    URSSAF_IDS,
    WINDOWS,
    ModelsCase,
)

from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestModels(ModelsCase):
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
            ("res.partner", "l10n_fr_sap_iban", IBANS),
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
            "l10n_fr_sap.declare.over": {"reason": "x"},
            "l10n_fr_sap.take.back": {"amount": 1},
            "l10n_fr_sap.ask.cancel": {"reason": "ANNUL_DBL"},
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
        theirs = model in SHARED and role == "accountant"
        if told.changed and not (theirs or model in WINDOWS and name in CHANGING):
            self.holes.append(
                f"{role}, {model}.{name}() of {side}: changes {told.changed}"
            )
