# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The PDF of an invoice that is there already. Odoo makes it once and sends it again as it
is: it may ask for money that the Urssaf collects by now, or tell a customer who is to pay
that the Urssaf does it."""

from .collecting import counting_state

# Of a PDF of a private customer's invoice; it says what stands there of who is to be paid.
_MARK = "Urssaf: "


def mark_of(move):
    """The mark of a PDF that is made now; None of one that is nothing to the Urssaf.

    :rtype: str | None
    """
    if not move.l10n_fr_sap_particulier:
        return None
    if not move.l10n_fr_sap_collected:
        return f"{_MARK}not collected"
    ordinary = move._l10n_fr_sap_words() and "collected"
    return f"{_MARK}{ordinary or counting_state(move)}"


def renew_documents(moves):
    """Make the PDFs anew that would tell their customers otherwise than the e-mail and the
    portal whom to pay. Where nothing is due any more, all stays as it was sent."""
    for move in moves.filtered(_is_outdated):
        _renew(move)


def _is_outdated(move):
    # What costs nothing comes first: most invoices are nothing to the Urssaf.
    if not move.l10n_fr_sap_particulier or move.state != "posted":
        return False
    if move.currency_id.is_zero(move.amount_residual):
        return False
    # One that was not marked is of before, or came from elsewhere.
    mark = move.invoice_pdf_report_id.sudo().description or ""
    return mark.startswith(_MARK) and mark != mark_of(move)


def _renew(move):
    sends = move.env["account.move.send"]
    if sends._get_invoice_extra_attachments(move) != move.invoice_pdf_report_id:
        return  # the PDF and an electronic invoice belong together
    move._detach_attachments()
    move.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
    data = {move: {"pdf_report": sends._get_default_pdf_report_id(move)}}
    sends._prepare_invoice_pdf_report(data)
    sends._link_invoice_documents(data)
