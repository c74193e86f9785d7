# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
import zipfile
from datetime import date, datetime, timezone
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..invoicing.payload import PARIS
from ..protocol.test_book import check_test, run_steps
from ..texts.french import FRENCH, french_of
from ..texts.messages import describe_problem, field_label
from ..urssaf.documents.address import FRANCE, Address
from ..urssaf.documents.particulier import BankAccount, BirthPlace, Particulier
from ..urssaf.documents.payment_request import PaymentRequest
from ..urssaf.documents.services import Charge, services
from ..urssaf.documents.split import NOT_ELIGIBLE
from ..urssaf.proposals.bank import bic_of
from .test_book_step import OPERATIONS

_REPORT = "l10n_fr_urssaf_sap.report_test_book"
_HOURS, _PRICE = Decimal(2), Decimal(30)
_ADDRESS = Address(
    zip="69003",
    commune_code="69383",
    commune_name="Lyon 3e Arrondissement",
    street_number="12",
    street_type="R",
    street_name="des Lilas",
)


class TestBook(models.TransientModel):
    """The test book (cahier de tests) that the Urssaf asks for before it opens production:
    a token and the four operations of its API, about a fictitious customer.

    Customer and invoice are never in Odoo's contacts or books: they are the library's own
    documents, made of the values here. What was said is kept word for word until the book
    is handed over, or a day; the exchanges that administrators see stay masked.
    """

    _name = "l10n_fr_sap.test.book"
    _description = "Test Book for the Urssaf"
    _transient_max_hours = 24

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    civility = fields.Selection(
        [("1", "Mr"), ("2", "Mrs")], "Title", required=True, default="2"
    )
    birth_name = fields.Char(required=True, default="Essai")
    first_names = fields.Char(required=True, default="Jeanne")
    birth_date = fields.Date(required=True, default=date(1980, 1, 15))
    birth_commune = fields.Char(required=True, default="Lyon 3e Arrondissement")
    birth_code = fields.Char(
        "INSEE Code of the Commune", required=True, default="69383"
    )
    mobile = fields.Char(required=True, default="06 39 98 00 99")
    email = fields.Char(
        default=lambda self: self.env.user.email,
        help="An address that you can read: the test platform writes to it.",
    )
    iban = fields.Char("IBAN", required=True, default="FR7630006000011234567890189")
    nature_id = fields.Many2one(
        "l10n_fr_sap.nature",
        "Nature of the Service",
        required=True,
        default=lambda self: self._default_nature(),
    )
    day = fields.Date(
        "Day of the Service",
        required=True,
        default=lambda self: self._today(),
        help="Not before the day on which the account is activated.",
    )
    step_ids = fields.One2many("l10n_fr_sap.test.book.step", "book_id", readonly=True)
    state = fields.Selection(
        [("new", "To Do"), ("begun", "Begun"), ("done", "Completed")],
        "Status",
        compute="_compute_state",
    )
    # What the Urssaf said of them.
    particulier_id = fields.Char("Urssaf ID", readonly=True)
    number = fields.Char(readonly=True)
    request_id = fields.Char("ID of the Payment Request", readonly=True)

    @api.model
    def _today(self):
        return fields.Date.context_today(self.with_context(tz=PARIS))

    @api.model
    def _default_nature(self):
        """A nature of services that this company sells; else any."""
        natures = self.env["l10n_fr_sap.nature"]
        eligible = natures.search([("code", "!=", NOT_ELIGIBLE)])
        sold = [
            ("l10n_fr_sap_nature_id", "in", eligible.ids),
            ("company_id", "in", [False, self.env.company.id]),
        ]
        product = self.env["product.template"].sudo().search(sold, limit=1)
        return product.l10n_fr_sap_nature_id or eligible[:1]

    @api.depends("step_ids.state")
    def _compute_state(self):
        for book in self:
            states = set(book.step_ids.mapped("state"))
            book["state"] = (
                "new"
                if states <= {"to_do"}
                else "done"
                if states == {"done"}
                else "begun"
            )

    @api.model_create_multi
    def create(self, vals_list):
        books = super().create(vals_list)
        books._set_new()
        return books

    # States

    def _set_new(self):
        self.step_ids.sudo().unlink()
        self.write({"particulier_id": False, "number": False, "request_id": False})
        self.env["l10n_fr_sap.test.book.step"].sudo().create(
            [
                {"book_id": book.id, "operation": operation, "sequence": sequence}
                for book in self
                for sequence, operation in enumerate(dict(OPERATIONS), 1)
            ]
        )

    def _set_particulier(self, particulier_id):
        self.particulier_id = particulier_id

    def _set_sent(self, number, request_id):
        self.write({"number": number, "request_id": request_id})

    # The fictitious documents

    def _registered(self):
        return self.company_id._l10n_fr_sap_registered_company()

    def _particulier(self):
        return Particulier(
            civility=self.civility,
            birth_name=self.birth_name,
            first_names=self.first_names,
            birth_date=self.birth_date,
            birth_place=BirthPlace(FRANCE, self.birth_code, self.birth_commune),
            mobile=self.mobile,
            email=self.email or "",
            address=_ADDRESS,
            bank_account=BankAccount(
                self.iban,
                bic_of(self.iban) or "AGRIFRPP",
                f"{self.first_names} {self.birth_name}",
            ),
        )

    def _payment_request(self):
        gross = _HOURS * _PRICE
        charge = Charge(self.nature_id.code, gross, gross, _HOURS)
        return PaymentRequest(
            nova_number=self._registered().l10n_fr_sap_nova_number,
            particulier_id=self.particulier_id,
            birth_date=self.birth_date,
            # A number is taken for ever, in test too, and whatever became of the answer.
            number=f"TEST-{datetime.now(timezone.utc):%Y%m%d%H%M%S%f}",
            invoice_date=self.day,
            date_from=self.day,
            date_to=self.day,
            gross=gross,
            net=gross,
            services=services([charge], gross, gross),
        )

    def _check_values(self):
        """
        :raise UserError: with all that the Urssaf would refuse
        """
        lines = [
            describe_problem(self.env, field_label(self, problem.field), problem)
            for problem in self._particulier().problems(self._today())
            if problem.field in self._fields
        ]
        if not self._registered().l10n_fr_sap_nova_number:
            lines.append(self.env._("The company's NOVA number is missing."))
        if lines:
            raise UserError("\n".join(lines))

    # Buttons

    @api.model
    def _open(self):
        """A new book in a window.

        :raise UserError: outside the test platform
        """
        check_test(self.env.company)
        return self.create({})._window()

    def _window(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test Book"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_run(self):
        """Make the calls that are still to be made.

        :raise AccessError: unless the user is an administrator
        :raise UserError: outside the test platform, or where a value cannot be sent
        """
        self._check_administrator()
        check_test(self.company_id)
        self._check_values()
        run_steps(self)
        return self._window()

    def action_start_over(self):
        """Forget what was said, and let the values be changed.

        :raise AccessError: unless the user is an administrator
        """
        self._check_administrator()
        self._set_new()
        return self._window()

    def action_download(self):
        """The file to hand in; what was said is forgotten with it.

        :raise AccessError: unless the user is an administrator
        :raise UserError: before every step is done
        """
        self._check_administrator()
        self._check_done()
        return {
            "type": "ir.actions.act_url",
            "url": f"/l10n_fr_urssaf_sap/test_book/{self.id}.zip",
            "close": True,
        }

    def _check_administrator(self):
        self.ensure_one()
        self.company_id._l10n_fr_sap_check_administrator(
            self.env._("Only an administrator may make the test book.")
        )
        self.check_access("write")

    def _check_done(self):
        if self.state != "done":
            raise UserError(
                self.env._("The test book is finished once every step is done.")
            )

    # What is handed in

    def _hand_over(self):
        """The ZIP file. Nothing of what was said is left here after that.

        :raise AccessError: unless the user is an administrator
        :raise UserError: before every step is done
        """
        self._check_administrator()
        self._check_done()
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("cahier-de-tests.pdf", self._pdf())
            for step in self.step_ids:
                for name, text in step._files():
                    archive.writestr(f"echanges/{name}", text)
        self._registered().l10n_fr_sap_test_book_on = self._today()
        self.unlink()
        return content.getvalue()

    def _pdf(self):
        # The Urssaf reads it.
        report = self.env["ir.actions.report"].with_context(lang=french_of(self.env))
        streams = report._render_qweb_pdf_prepare_streams(_REPORT, {}, self.ids)
        return streams[self.id]["stream"].getvalue()

    def _made_text(self):
        return format_datetime(
            self.env, fields.Datetime.now(), PARIS, "dd/MM/yyyy HH:mm", FRENCH
        )
