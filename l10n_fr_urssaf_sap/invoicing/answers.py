# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf said of a payment request, as values to write: what it may repeat of the
customer and the services is hidden."""

import json

from odoo import fields
from odoo.tools import groupby

from ..texts.messages import describe_api_errors
from ..urssaf.api.codes import STATUS_BY_CODE
from ..urssaf.api.errors import is_code
from ..urssaf.api.masking import mask
from ..urssaf.documents import named_fields
from .waiting import AWAITING


def describe_refusal(request, errors):
    """Why the Urssaf refused it at once (ApiErrors of the library), and which fields it
    named, as they are kept."""
    text = describe_api_errors(request.env, errors, _known_of(request))
    return text, named_fields.write(named_fields.of_request(errors))


def values_of(request, info):
    """What M070 says of it (a RequestInfo), but for its state."""
    # What is not in the Urssaf's lists may be anything.
    status, code = STATUS_BY_CODE.get(info.code), info.rejection_code
    label = status.label if status else mask(info.label, _known_of(request))
    return {
        "urssaf_code": info.code,
        "urssaf_label": label,
        "rejection_code": code and (code if is_code(code) else "?"),
        "rejection_comment": info.rejection_comment,
        "transfer_amount": info.transfer_amount or 0,
        "transfer_date": info.transfer_date,
        "error": False,
        "error_codes": False,
        "error_fields": False,
    }


def grouped_by_answer(infos):
    """``[(requests, state, values), …]`` of the answers, ``{request: RequestInfo}``: many
    are told the same."""

    now = fields.Datetime.now()

    def told(request):
        state = _state_of(request, infos[request])
        values = values_of(request, infos[request])
        if state == "refused" != request.state:
            # The Urssaf does not say when. Most are asked about every hour.
            values["refused_at"] = now
        if state == AWAITING != request.state and not request.notified_at:
            values["notified_at"] = now
        return state, tuple(values.items())

    return [
        (some, state, dict(values)) for (state, values), some in groupby(infos, told)
    ]


def _state_of(request, info):
    # A person has declared it over: so it is, until the Urssaf says something else.
    over = request.state == "deleted" and info.key == "unknown"
    same = info.code == (request.urssaf_code or "")
    return request.state if over and same else info.key


def _known_of(request):
    sent = json.loads(request.sudo().sent_body or "null")
    lines = request.move_id.invoice_line_ids.mapped("name")
    return [*request.partner_id._l10n_fr_sap_known(), *lines, sent]
