# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoicing.certificate import YearFigures, year_figures
from ..invoicing.certificate_content import content_of, day_text, differences
from ..invoicing.certificate_due import remind
from ..invoicing.closing import tell_user
from ..protocol.certificates import make_certificates
from ..protocol.transactions import in_own_transaction
from ..texts.french import french_of
from ..texts.obstacle import Obstacle
from .res_users import USER_GROUP

_REPORT = "l10n_fr_urssaf_sap.report_certificate"
_TEMPLATE = "l10n_fr_urssaf_sap.mail_template_certificate"


class Certificate(models.Model):
    """What a customer paid for home services in a year, as the tax office wants it. What
    was given to the customer stays as it was: where something differs, a new version takes
    its place."""

    _name = "l10n_fr_sap.certificate"
    _description = "Yearly Tax Certificate"
    _order = "year desc, id desc"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    year = fields.Integer(required=True, readonly=True, aggregator=None)
    version = fields.Integer(
        readonly=True, aggregator=None, help="0 while it waits to be made."
    )
    state = fields.Selection(
        [
            ("to_make", "Being Made"),
            ("error", "To Fix"),
            ("to_send", "To Be Sent"),
            ("sent", "Sent"),
            ("replaced", "Replaced"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="to_make",
        index=True,
    )
    amount_total = fields.Monetary(
        "Eligible Services",
        readonly=True,
        help="What was invoiced for eligible services and settled in full (box 7DB).",
    )
    amount_advanced = fields.Monetary(
        "Tax Credit Advanced",
        readonly=True,
        help=(
            "Half of what was paid through the avance immédiate (box 7HB); the exact"
            " amount is on particulier.urssaf.fr."
        ),
    )
    amount_aid = fields.Monetary(
        "Aids and Prefunded CESU",
        readonly=True,
        help="Paid by third parties or with prefunded CESU vouchers (box 7DR).",
    )
    amount_paid = fields.Monetary(
        "Paid by the Customer",
        readonly=True,
        help="Without the tax credit advanced, aids and prefunded CESU vouchers.",
    )
    content = fields.Json(
        readonly=True, groups=USER_GROUP, help="What is printed, to tell what differs."
    )
    differences = fields.Text(
        "Differs from the Version Before", readonly=True, groups=USER_GROUP
    )
    made_on = fields.Date(readonly=True)
    sent_on = fields.Date(readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment", "Document", readonly=True, ondelete="restrict"
    )
    queued_uid = fields.Many2one(
        "res.users", "Requested By", readonly=True, index="btree_not_null"
    )

    _version_uniq = models.Constraint(
        "UNIQUE (partner_id, company_id, year, version)",
        "There is already such a version of this customer's certificate.",
    )

    @api.depends("year", "version")
    def _compute_display_name(self):
        for certificate in self:
            certificate.display_name = self.env._(
                "Tax certificate %(year)s, version %(version)s",
                year=certificate.year,
                version=certificate.version,
            )

    def _set_state(self, state, **values):
        self.write(dict(values, state=state))

    # Making

    @api.model
    def _queue(self, partners, company, year):
        """The certificates of these customers, which wait to be made from now on."""
        waiting = self.search(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", company.id),
                ("year", "=", year),
                ("version", "=", 0),
            ]
        )
        waiting._set_state("to_make")
        return waiting + self.create(
            [
                {"partner_id": partner.id, "company_id": company.id, "year": year}
                for partner in partners - waiting.partner_id
            ]
        )

    def _leave_to_cron(self, user):
        self.queued_uid = user
        self.env.ref("l10n_fr_urssaf_sap.ir_cron_certificates").sudo()._trigger()

    def _open(self, domain=None):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "l10n_fr_urssaf_sap.action_certificates"
        )
        action["domain"] = domain or [("id", "in", self.ids)]
        if len(self) == 1 and not domain:
            action |= {"res_id": self.id, "views": [(False, "form")]}
        return action

    def _make(self):
        """Make those that wait. Where nothing differs from the version before, or there is
        nothing to certify, there is no new one."""
        waiting = self.try_lock_for_update().filtered(lambda each: not each.version)
        new = self.browse()
        for (company, year), some in waiting.grouped(
            lambda each: (each.company_id, each.year)
        ).items():
            found = year_figures(company, year, some.partner_id)
            for certificate in some:
                if certificate._set_figures(found.get(certificate.partner_id)):
                    certificate._set_document()
                    new |= certificate
        (waiting - new).unlink()

    def _versions(self):
        return self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("year", "=", self.year),
                ("version", ">", 0),
            ],
            order="version desc",
        )

    def _set_figures(self, figures):
        """Whether there is something new to certify."""
        before = self._versions()
        if not (before or figures and figures.counted):
            return False
        figures = figures or YearFigures()
        content = content_of(self.company_id, self.partner_id, figures)
        latest = before[:1]
        if latest.content == content:
            latest.queued_uid = self.queued_uid
            return False
        lines = differences(latest.content, content) if latest else []
        before._set_state("replaced")
        self._set_state("to_send", version=latest.version + 1)
        # Odoo and PostgreSQL log the values of a query that fails: what may fail, a version
        # that is there already, does so before anything personal is written.
        self.flush_recordset()
        self.write(
            {
                "content": content,
                "differences": "\n".join(lines),
                "made_on": fields.Date.context_today(self),
                "amount_total": figures.total,
                "amount_advanced": figures.advanced,
                "amount_aid": figures.cesu + figures.aids,
                "amount_paid": figures.paid,
            }
        )
        return True

    def _set_document(self):
        self.attachment_id = self.env["ir.attachment"].create(
            {
                "name": self._file_name(),
                "raw": self._pdf(),
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _pdf(self):
        self.ensure_one()
        # One at a time: not every wkhtmltopdf can print several documents.
        report = self.env["ir.actions.report"].with_context(lang=french_of(self.env))
        streams = report._render_qweb_pdf_prepare_streams(_REPORT, {}, self.ids)
        return streams[self.id]["stream"].getvalue()

    def _file_name(self):
        return f"attestation-fiscale-{self.year}-v{self.version}.pdf"

    def _replaced_line(self):
        """For the document: which version this one takes the place of."""
        before = self._versions().filtered(lambda each: each.version < self.version)
        if not before:
            return ""
        return (
            f"Annule et remplace la version {before[0].version}"
            f" du {day_text(before[0].made_on)}."
        )

    def _made_text(self):
        return day_text(self.made_on)

    def _merge_into_one(self):
        """Their customers become one, of whom there may be each version once: every
        document is kept, under a number of its own, and the next one replaces them all."""
        self.filtered(lambda each: not each.version).unlink()
        for same in (
            self.exists().grouped(lambda each: (each.company_id, each.year)).values()
        ):
            if len(same.partner_id) < 2:
                continue
            # From the last one on: no number is there twice meanwhile.
            for version, certificate in reversed([*enumerate(same.sorted("id"), 1)]):
                certificate.version = version
                certificate.flush_recordset()
            same._set_state("replaced")

    def _give_up(self):
        for certificate in self.try_lock_for_update():
            if not certificate.version:
                certificate._set_state("error")

    # Buttons

    def action_open_document(self):
        """Open the PDF.

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
        }

    def action_send(self):
        """Send those that are to be sent by e-mail. A dialog lists the customers who have
        no address.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none of them is to be sent
        """
        waiting = self._waiting()
        unreachable = waiting.filtered(lambda each: not each.partner_id.email)
        template = self.env.ref(_TEMPLATE).sudo()
        for certificate in waiting - unreachable:
            document = {"attachment_ids": [(4, certificate.attachment_id.id)]}
            template.send_mail(certificate.id, email_values=document)
        (waiting - unreachable)._set_sent()
        text = self.env._("Email is missing: please send the certificate by post.")
        obstacles = {
            partner: [Obstacle("email", "missing", text, partner)]
            for partner in unreachable.partner_id
        }
        summary = self.env["l10n_fr_sap.summary"]
        return summary._after(unreachable.partner_id, obstacles)

    def action_mark_sent(self):
        """Note that those that are to be sent went by another way, as by post.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none of them is to be sent
        """
        self._waiting()._set_sent()
        return True

    def _waiting(self):
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        waiting = self.sudo().filtered(lambda each: each.state == "to_send")
        if self and not waiting:
            raise UserError(self.env._("None of these certificates is to be sent."))
        return waiting

    def _set_sent(self):
        self._set_state("sent", sent_on=fields.Date.context_today(self))

    # Scheduled action

    @api.model
    def _cron_make(self):
        """Make the certificates that wait; tell somebody before 31 March who has none."""
        make_certificates(self.search([("state", "=", "to_make")], order="id"))
        self._tell_made()
        providers = [("l10n_fr_sap_nova_number", "!=", False)]
        for company in self.env["res.company"].search(providers):
            # A branch's customers are its parent's, as far as the Urssaf goes.
            if company._l10n_fr_sap_registered_company() == company:
                in_own_transaction(company, remind)

    @api.model
    def _tell_made(self):
        """One message to each user none of whose certificates wait any more."""
        asked = self.search([("queued_uid", "!=", False)])
        for (user, company, year), mine in asked.grouped(
            lambda each: (each.queued_uid, each.company_id, each.year)
        ).items():
            if "to_make" not in mine.mapped("state"):
                in_own_transaction(
                    mine.with_context(lang=user.lang),
                    lambda some, who=(user, company, year): some._tell_user(*who),
                )

    def _tell_user(self, user, company, year):
        self.queued_uid = False
        self.flush_recordset()
        to_fix = self.filtered(lambda each: each.state == "error")
        sentence = self.env._(
            "%(company)s: tax certificates of %(year)s made: %(done)s, to fix: %(left)s.",
            company=company.name,
            year=year,
            done=len(self - to_fix),
            left=len(to_fix),
        )
        tell_user(user, self.env._("Tax certificates"), sentence, to_fix)
