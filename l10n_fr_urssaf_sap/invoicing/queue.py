# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoices that the scheduled action is to send. Nothing is called and nothing committed
here: Odoo's own transaction may go on."""

import psycopg2

from odoo.tools import plaintext2html

from ..texts.log import get_logger
from ..texts.messages import BUSY
from ..texts.obstacle import public_texts_of

_logger = get_logger(__name__)


def queue_or_tell(move, tell_obstacles=True):
    """Queue this invoice, or say in its chatter why not. Whatever happens here must not
    keep back what Odoo is doing: confirming the invoice, or sending its e-mail.

    :param tell_obstacles: False where nobody expects this very invoice to be sent
    :return: whether it was queued
    """
    savepoint = move.env.cr.savepoint()
    try:
        with savepoint:
            if move._l10n_fr_sap_live_request():
                return False
            text = public_texts_of(move._l10n_fr_sap_obstacles().get(move, ()))
            if text and not tell_obstacles:
                return False
            if not text and move.try_lock_for_update(allow_referencing=True):
                move._l10n_fr_sap_queue()
                return True
    except psycopg2.Error as error:
        # Somebody else was at the same rows at the same time.
        _logger.info("Urssaf, %s: %s", move, type(error).__name__)
        text = ""
    except Exception:
        _logger.exception("Urssaf, %s: not queued, Odoo goes on", move)
        text = ""
    lines = [move.env._("Not sent to the Urssaf:"), text or move.env._(BUSY)]
    move.message_post(body=plaintext2html("\n".join(lines)))
    return False
