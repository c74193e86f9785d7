# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An invented particulier, request and Urssaf, of which a test changes one thing."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from urssaf.api.access_token import TokenStore
from urssaf.documents.address import Address
from urssaf.documents.particulier import BankAccount, BirthPlace, Particulier
from urssaf.documents.payment_request import PaymentRequest, Service
from urssaf.documents.services import Charge
from urssaf.documents.services import services as services_of

TODAY = date(2026, 3, 20)
ACTIVE_SINCE = date(2026, 1, 15)

HOST = "https://urssaf.example"
TOKEN_URL = f"{HOST}/api/oauth/v1/token"
API = f"{HOST}/atp/v1/tiersPrestations"
ID, SECRET, TOKEN = "the-client-id", "the-client-secret", "the-access-token"
ID_CLIENT = "af0be430-908a-11eb-a8b3-0242ac130003"

ADDRESS = Address(
    zip="69001",
    commune_code="69381",
    commune_name="Lyon 1er Arrondissement",
    street_number="8",
    street_letter="B",
    street_type="R",
    street_name="du Soleil",
    complement="Bâtiment A",
    locality="Le Beyssat",
)
BIRTH_PLACE = BirthPlace("99100", "69123", "Lyon")
BANK_ACCOUNT = BankAccount(
    "FR76 3000 6000 0112 3456 7890 189", "BNPAFRPP", "Mme Jeanne Dùrandeau"
)
PARTICULIER = Particulier(
    civility="2",
    birth_name="Dùrandeau",
    usage_name="Martinet",
    first_names="Jeanne-Zoé",
    birth_date=date(1980, 3, 29),
    birth_place=BIRTH_PLACE,
    mobile="06 05 04 03 02",
    email="jeanne@contact.example",
    address=ADDRESS,
    bank_account=BANK_ACCOUNT,
)
# None of these may appear in a log, an exception or a repr.
PRIVATE = (
    SECRET,
    TOKEN,
    *("Dùrandeau", "Durandeau", "Martinet", "Jeanne", "Lyon", "69123", "69381"),
    *("1980-03-29", "29/03/1980", "datetime.date(1980", "06 05 04 03 02"),
    *("605040302", "jeanne@", "du Soleil", "Beyssat", "Bâtiment A"),
    *("3000 6000", "FR7630006000011234567890189", "BNPAFRPP"),
)


class GivenToken(TokenStore):
    """It has a token already, so that the operation itself is the first call."""

    def get(self, key, fetch):
        return TOKEN


def private_parts(text: str) -> list[str]:
    return [secret for secret in PRIVATE if secret in text]


def particulier(**changes) -> Particulier:
    """The sample with other values, whichever of its parts they belong to."""
    return _with(PARTICULIER, changes)


def service(gross="120.00", net="100.00", **changes) -> Service:
    """The service that an invoice of one line becomes."""
    given = {"nature": "60", "hours": Decimal(4)} | changes
    gross, net = Decimal(gross), Decimal(net)
    (one,) = services_of([Charge(gross=gross, net=net, **given)], gross, net)
    return one


def payment_request(number="F-2026-001", services=None, **changes) -> PaymentRequest:
    """A request of 120 €. Its totals are those of its services, unless they are given."""
    services = (service(),) if services is None else tuple(services)
    sample = PaymentRequest(
        nova_number="SAP123456789",
        particulier_id=ID_CLIENT,
        birth_date=date(1980, 3, 29),
        number=number,
        invoice_date=date(2026, 3, 5),
        date_from=date(2026, 2, 1),
        date_to=date(2026, 2, 28),
        gross=sum((one.gross for one in services), Decimal(0)),
        net=sum((one.net for one in services), Decimal(0)),
        services=services,
    )
    return replace(sample, **changes)


def _with(value, changes):
    own = {piece.name for piece in fields(value)}
    unknown = changes.keys() - own
    for name in ("address", "bank_account", "birth_place"):
        if name in own:
            part = getattr(value, name)
            mine = unknown & {piece.name for piece in fields(part)}
            if mine:
                own_changes = {key: changes[key] for key in mine}
                changes = changes | {name: replace(part, **own_changes)}
                unknown -= mine
    assert not unknown, unknown
    return replace(value, **{key: changes[key] for key in changes.keys() & own})


@dataclass(frozen=True, eq=False, repr=False)
class Operation:
    """One of the Urssaf's operations: how to call it, and a good answer."""

    name: str
    method: str
    path: str
    call: Callable
    good: object

    @property
    def url(self):
        return API + self.path

    def __repr__(self):
        return self.name


M010 = Operation(
    "M010",
    "POST",
    "/particulier",
    lambda urssaf: urssaf.register(PARTICULIER),
    {"idClient": ID_CLIENT},
)
M020 = Operation(
    "M020",
    "GET",
    "/particulier",
    lambda urssaf: urssaf.registration(ID_CLIENT),
    {"idClient": ID_CLIENT, "statut": {"etat": "KO", "code": "APPAREILLAGE_EC"}},
)
M050 = Operation(
    "M050",
    "POST",
    "/demandePaiement",
    lambda urssaf: urssaf.send([payment_request()]),
    [
        {
            "idClient": ID_CLIENT,
            "numFactureTiers": "F-2026-001",
            "idDemandePaiement": "D-1",
            "statut": "10",
            "errors": [],
        }
    ],
)
M070 = Operation(
    "M070",
    "POST",
    "/demandePaiement/rechercher",
    lambda urssaf: urssaf.search_by_number(["F-2026-001"]),
    {"infoDemandePaiements": []},
)
WRITES, READS = (M010, M050), (M020, M070)
OPERATIONS = (*WRITES, *READS)
NOTHING = {"code": "ERR_RECHERCHE_VIDE", "message": "aucun résultat"}


def sent(web) -> bytes:
    """The body of the last call."""
    return web.calls[-1].request.body
