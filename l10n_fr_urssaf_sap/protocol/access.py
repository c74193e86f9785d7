# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A company's access to the Urssaf: its client secret, sealed in the database and opened
for the calls alone.

These are plain functions and no methods on purpose: what somebody writes into an e-mail
template or a server action reaches whatever hangs on a record, private methods too, and no
function of a module.
"""

import base64
import hashlib
import os
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from odoo.exceptions import UserError
from odoo.tools import config

from ..texts.messages import describe_error
from ..urssaf.api.client import UrssafClient
from ..urssaf.api.errors import UrssafError

# Whoever has several servers for one database gives all of them the same key.
_OPTION, _VARIABLE = "l10n_fr_urssaf_sap_key", "L10N_FR_URSSAF_SAP_KEY"
_KEY_FILE = "l10n_fr_urssaf_sap.key"


@contextmanager
def connect(company, calls=None, client=UrssafClient):
    """The Urssaf as the company known to it may use it.

    :param calls: a list that takes what is said, for whoever saves it themselves
        (``l10n_fr_sap.exchange``); else it is saved at the end
    :param client: what makes the calls, of the same arguments
    :raise UserError: when production was switched on in another database, or the
        credentials are missing
    :raise UrssafError: when the host is not allowed
    """
    registered = company._l10n_fr_sap_registered_company()
    registered._l10n_fr_sap_check_not_a_copy()
    said = [] if calls is None else calls
    with client(
        registered._l10n_fr_sap_host(), *_credentials(registered), on_call=said.append
    ) as urssaf:
        try:
            yield urssaf
        finally:
            if calls is None:
                company.env["l10n_fr_sap.exchange"]._save(registered, said)


@contextmanager
def connect_for_button(company):
    """The same, where whatever goes wrong becomes one sentence.

    :raise UserError: for every UrssafError
    """
    try:
        with connect(company) as urssaf:
            yield urssaf
    except UrssafError as error:
        raise UserError(describe_error(company.env, error)) from None


def _credentials(registered):
    env, sealed = registered.env, registered.l10n_fr_sap_stored_secret
    if not registered.l10n_fr_sap_client_id or not sealed:
        raise UserError(
            env._(
                "%s has no Urssaf credentials yet: fill in the Client ID and the"
                " Client Secret in the Invoicing settings.",
                registered.name,
            )
        )
    secret = _unseal(sealed)
    if not secret:
        raise UserError(
            env._(
                "The Client Secret of %s was stored by another server, and this one has"
                " not got the key: please type it again in the Invoicing settings.",
                registered.name,
            )
        )
    return registered.l10n_fr_sap_client_id, secret


def seal(secret):
    """A client secret as it may be stored."""
    return Fernet(_key()).encrypt(secret.encode()).decode()


def is_readable(sealed):
    """Whether this server has the key to what is stored."""
    return bool(sealed and _unseal(sealed))


def _unseal(sealed):
    """The client secret; empty where it was sealed with another key."""
    try:
        return Fernet(_key()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _key():
    """The server's key, in the form that Fernet wants."""
    text = config.get(_OPTION) or os.environ.get(_VARIABLE) or _kept_key()
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())


def _kept_key():
    """The key in Odoo's data folder, for that folder's owner alone. It is not part of a
    backup of the database, nor of the filestore."""
    path = Path(config["data_dir"]) / _KEY_FILE
    with suppress(FileNotFoundError):
        return path.read_text()
    new = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(Fernet.generate_key().decode())
        file.flush()
        os.fsync(handle)
    try:
        # Several workers may be here at once: only one of their keys gets the name.
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()
    return path.read_text()
