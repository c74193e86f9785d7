# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The library's findings in the user's language."""

import re

from markupsafe import Markup

from odoo.tools import LazyTranslate

from ..urssaf.api.errors import Misconfigured, Refused, Unavailable, Unsure, is_code
from ..urssaf.api.masking import mask
from ..urssaf.documents.problem import Rule
from .advice import describe_advice

_lt = LazyTranslate(__name__)

RULES = {
    Rule.MISSING: _lt("is missing"),
    Rule.MALFORMED: _lt("is not valid"),
    Rule.TOO_LONG: _lt("is too long"),
    Rule.FUTURE: _lt("is in the future"),
    Rule.TODAY: _lt("is today"),
    Rule.LONG_AGO: _lt("is earlier than 1900"),
    Rule.ONLY_IN_FRANCE: _lt(
        "is only for a birth in France: please clear it, or correct the country"
    ),
    Rule.NOT_FRENCH_MOBILE: _lt("is not a French mobile number (06… or 07…)"),
    Rule.NEEDS_ARRONDISSEMENT: _lt("must be an arrondissement, not the whole city"),
    Rule.NEEDS_STREET_NAME: _lt("is needed with a street type or number"),
    Rule.NEEDS_STREET_TYPE: _lt("is needed with a street name"),
    Rule.NEEDS_STREET_OR_LOCALITY: _lt(
        "is missing (a locality or a second address line would also do)"
    ),
    Rule.TOO_EARLY: _lt("is earlier than the avance immédiate itself (2022)"),
    Rule.BEFORE_ACTIVATION: _lt("is earlier than the customer's activation"),
    Rule.ON_ACTIVATION: _lt("is the day of the customer's activation"),
    Rule.ENDS_BEFORE_START: _lt("is earlier than the start of the period"),
    Rule.TWO_MONTHS: _lt("is not in the same month as the start of the period"),
    Rule.NO_SERVICES: _lt("has no service line"),
    Rule.NEGATIVE: _lt("is negative"),
    Rule.NOT_POSITIVE: _lt("must be greater than zero"),
    Rule.LINES_DIFFER: _lt("is not the sum of the lines to the cent"),
    Rule.OUTSIDE_PERIOD: _lt("is not within the period of the services"),
    Rule.OTHER_MONTH: _lt("is in another month than the services it is taken off"),
    Rule.ABOVE_HALF: _lt("is more than half of the invoice"),
    Rule.NAMED: _lt("is refused by the Urssaf"),
}

# Why a customer refuses a request, or why it was cancelled (M070's `infoRejet.code`).
REJECTIONS = {
    "REGUL_MNT_FACT": _lt("Wrong amount or price"),
    "REGUL_NB_QTE_FACT": _lt("Wrong number of hours or quantity"),
    "REGUL_PRESTA_FACT": _lt("Wrong service invoiced"),
    "REGUL_AUTRE": _lt("Adjustment requested"),
    "CONTEST_ERR_FACT": _lt("The invoice is wrong"),
    "CONTEST_FACT_REGLEE": _lt("Already paid directly"),
    "CONTEST_AUTRE": _lt("Disputed"),
    "ANNUL_DBL": _lt("Duplicate request"),
    "ANNUL_ERR_MNT": _lt("Wrong amount"),
    "ANNUL_ERR_TECH": _lt("Technical error"),
    "ANNUL_AUTRE": _lt("Cancelled"),
    "PREST_ABS": _lt("Service not carried out"),
}

UNEXPECTED = _lt(
    "Unexpected error: please tell whoever looks after your Odoo (the details are in the"
    " server's log)."
)
BUSY = _lt("Somebody else is working on it; please try again in a moment")

# How ``describe_api_errors`` tells a code, in English and in French.
_WITH_CODE = re.compile(r"(?P<text>.*) \(code (?P<code>[^()]*)\)")
_ERRORS = {
    Unavailable: _lt(
        "The Urssaf cannot be reached at the moment. Nothing was changed; please try"
        " again later."
    ),
    Unsure: _lt(
        "The Urssaf gave no usable answer: what was asked may or may not have been done."
    ),
    Misconfigured: _lt(
        "The Urssaf denies access to this company. Please check the credentials and the"
        " environment in the settings."
    ),
}


def describe_error(env, error):
    """What a person reads of any of the library's errors: a sentence, the Urssaf's codes
    and what to do. Its own sentences may repeat what was sent, and errors are logged."""
    sentence = "" if isinstance(error, Refused) else env._(_sentence(error))
    codes = codes_of(error.errors)
    told = describe_codes(env, " ".join(codes))
    lines = (sentence, told, describe_advice(env, codes))
    return "\n".join(filter(None, lines))


def _sentence(error):
    return next(text for kind, text in _ERRORS.items() if isinstance(error, kind))


def describe_api_errors(env, errors, sent):
    """The Urssaf's own errors, one a line, for those who may see the customer's data.

    :param sent: what the Urssaf knows of the customer, which is hidden: see ``mask``
    """
    return "\n".join(
        env._("%(text)s (code %(code)s)", text=mask(error.text, sent), code=code)
        if error.text
        else code
        for error in errors
        for code in codes_of([error])
    )


def refusal_markup(error, advice):
    """A refusal as it is shown: the cause in bold, what to do about it, and at the end the
    codes, for whoever is asked for help.

    :param error: as ``describe_api_errors`` tells it
    """
    causes, codes = [], []
    for line in (error or "").splitlines():
        told = _WITH_CODE.fullmatch(line)
        if told:
            causes.append(told["text"])
        elif not is_code(line):
            causes.append(line)
        codes.append(told["code"] if told else line if is_code(line) else "")
    parts = (
        ("<strong>%s</strong>", causes),
        ("%s", (advice or "").splitlines()),
        ('<small class="text-muted">%s</small>', [", ".join(filter(None, codes))]),
    )
    return Markup("").join(
        Markup("<div>%s</div>") % Markup(form) % line
        for form, lines in parts
        for line in lines
        if line
    )


def codes_of(errors):
    """The codes of these errors, in order; "?" for what does not look like a code, for it
    may be anything that was sent."""
    codes = (error.code if is_code(error.code) else "?" for error in errors)
    return list(dict.fromkeys(codes))


def describe_codes(env, codes):
    """The Urssaf's codes as they are kept, one after the other; "" without any."""
    return env._("The Urssaf's answer: %s", codes) if codes else ""


def describe_problem(env, label, problem):
    """One line: the field to fix and what is wrong with it."""
    return env._(
        "%(field)s %(problem)s", field=label, problem=env._(RULES[problem.rule])
    )


def describe_rejection(env, code):
    """Why the customer refused, in words; "" where the Urssaf gave no reason."""
    return env._(REJECTIONS[code]) if code in REJECTIONS else code or ""


def describe_exclusion(partner):
    """Why a customer cannot use the avance immédiate at all."""
    name = "l10n_fr_sap_exclusion"
    labels = dict(partner._fields[name]._description_selection(partner.env))
    return partner.env._(
        "Not entitled to the avance immédiate for now (%s): please invoice without it",
        labels[partner[name]],
    )


def state_label(record):
    """The state in words, in the user's language."""
    return dict(record._fields["state"]._description_selection(record.env))[
        record.state
    ]


def describe_refreshed(before):
    """What a refresh has brought, ``(text, kind)`` for a toast.

    :param before: ``{record: state}`` of what was asked about
    """
    records = list(before)
    changed = [each for each in records if each.state != before[each]]
    env, kind = records[0].env, "success" if changed else "info"
    if len(records) > 1:
        text = env._(
            "Asked about: %(asked)s. With a new status: %(changed)s.",
            asked=len(records),
            changed=len(changed),
        )
    elif changed:
        text = env._("New status: %s", state_label(records[0]))
        if records[0]._levels.get(records[0].state) in ("warning", "danger"):
            kind = "warning"
    else:
        text = env._("No news from the Urssaf: %s", state_label(records[0]))
    return text, kind


def field_label(record, name):
    return record._fields[name].get_description(record.env, ["string"])["string"]
