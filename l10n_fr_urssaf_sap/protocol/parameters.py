# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The system parameters: what each may say, and what holds where it says nothing that makes
sense."""

import logging
import re
from datetime import timedelta

from ..urssaf.api.client import checked_host
from ..urssaf.api.concurrency import IN_FLIGHT
from ..urssaf.api.errors import Misconfigured
from ..urssaf.api.transport import CALL_DEADLINE

_logger = logging.getLogger(__name__)

_PREFIX = "l10n_fr_urssaf_sap."
_HOSTS = ("url_test", "url_production")
# The least, the most, and what holds by default.
NUMBERS = {
    # A lease is longer than any call that left before its process died can be under way.
    # A shorter one is for tests: it costs calls, and a number is taken once all the same.
    "lease_seconds": (0, 86400, 5 * CALL_DEADLINE),
    "calls_in_flight": (1, 16, IN_FLIGHT),
    "exchange_days": (1, 3650, 60),
}
_PLAIN_HTTP = re.compile("^http:", re.IGNORECASE)
_warned = set()


def lease(env):
    """How long a request without an answer is left alone after it was marked."""
    return timedelta(seconds=_number(env, "lease_seconds"))


def calls_in_flight(env):
    """How many calls are made at the same time where many are needed."""
    return _number(env, "calls_in_flight")


def exchange_days(env):
    """For how many days exchanges are kept."""
    return _number(env, "exchange_days")


def refusal(env, key, value):
    """Why a system parameter may not have this value, "" where it may."""
    name = (key or "").removeprefix(_PREFIX)
    if not value or name == key:
        return ""
    if name in NUMBERS and _sensible(name, value) is None:
        least, most, _default = NUMBERS[name]
        return env._(
            "%(key)s must be a whole number from %(least)s to %(most)s.",
            key=key,
            least=least,
            most=most,
        )
    if name in _HOSTS and not _is_host(value):
        return env._(
            "%s must be an address that begins with https:// (http:// for this very"
            " machine only).",
            key,
        )
    return ""


def _number(env, name):
    text = env["ir.config_parameter"].sudo().get_param(_PREFIX + name)
    default = NUMBERS[name][2]
    if not text:
        return default
    number = _sensible(name, text)
    if number is not None:
        return number
    # It was there before it could be refused. Once is enough: this is read for each call.
    known = (env.cr.dbname, name, text)
    if known not in _warned:
        _warned.add(known)
        _logger.warning("%s%s makes no sense: %s holds", _PREFIX, name, default)
    return default


def _sensible(name, text):
    least, most, _default = NUMBERS[name]
    text = str(text).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        return None
    return int(text) if least <= int(text) <= most else None


def _is_host(value):
    # Plain http to another machine is refused when it is used, by whoever wants to.
    try:
        return bool(checked_host(_PLAIN_HTTP.sub("https:", value)))
    except Misconfigured:
        return False
