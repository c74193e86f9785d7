# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is typed and pasted in forms near the right one is cleaned, not refused."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.documents.address import Address
from urssaf.documents.particulier import (
    BankAccount,
    clean_particulier_id,
    fold_name,
    normalize_mobile,
)
from urssaf.documents.payment_request import is_nova_number
from urssaf.documents.problem import Problem, Rule
from urssaf.documents.typed import (
    clean_bic,
    clean_code,
    clean_email,
    clean_iban,
    clean_zip,
    fold_first_names,
)
from urssaf.proposals.bank import bic_of
from urssaf.text import fold, tidy

from . import contract
from .samples import ID_CLIENT, TODAY, particulier

APOSTROPHES = "'’‘‛ʼʻʹˈ´`′‵＇\x92"
HYPHENS = "-‐‑‒–—―−⁃﹣－\x96"
SPACES = " \u00a0\u202f\u2009\u2007\u3000\t\n"
UNSEEN = "\u200b\u200e\u2060\ufeff\u00ad\u202a"
EMAIL, IBAN = "jeanne.durand@contact.fr", "FR7630006000011234567890189"


def sent(**changes):
    """The body of what M010 would take."""
    found = particulier(**changes)
    assert found.problems(TODAY) == []
    assert contract.violations(json.dumps(found.body()), contract.PARTICULIER) == []
    return found.body()


# Names


@pytest.mark.parametrize("sign", APOSTROPHES, ids=ascii)
def test_every_apostrophe_of_a_word_processor_is_the_plain_one(sign):
    body = sent(birth_name=f"D{sign}Ornano", first_names=f"Derc{sign}hen")
    assert (body["nomNaissance"], body["prenoms"]) == ("D'Ornano", "Derc'hen")


@pytest.mark.parametrize("sign", HYPHENS, ids=ascii)
def test_every_dash_of_a_word_processor_is_the_plain_one(sign):
    body = sent(usage_name=f"Martin{sign}Petit", first_names=f"Anne{sign}Marie")
    assert (body["nomUsage"], body["prenoms"]) == ("Martin-Petit", "Anne-Marie")


@pytest.mark.parametrize("space", [*SPACES, "  ", " \u00a0"], ids=ascii)
def test_every_space_is_a_plain_one(space):
    body = sent(
        birth_name=f"{space}de{space}La Tour{space}", first_names=f"Zoe{space}Eve"
    )
    assert (body["nomNaissance"], body["prenoms"]) == ("de La Tour", "Zoe Eve")


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_what_nobody_sees_is_not_sent(unseen):
    body = sent(
        birth_name=f"{unseen}Du{unseen}rand",
        email=f"{EMAIL}{unseen}",
        mobile=f"{unseen}06 12 34 56 78{unseen}",
        iban=f"{unseen}{IBAN[:4]}{unseen}{IBAN[4:]}",
        zip=f"690{unseen}01",
        holder=f"{unseen}Mme Durand",
    )
    assert body["nomNaissance"] == "Durand"
    assert body["adresseMail"] == EMAIL
    assert body["numeroTelephonePortable"] == "0612345678"
    assert body["coordonneeBancaire"]["iban"] == IBAN
    assert body["coordonneeBancaire"]["titulaire"] == "Mme Durand"
    assert body["adressePostale"]["codePostal"] == "69001"


@pytest.mark.parametrize(
    "typed, names",
    [
        ("Jeanne, Zoé, Marie", "Jeanne Zoe Marie"),
        ("Jeanne,Zoé", "Jeanne Zoe"),
        ("Anne - Marie", "Anne-Marie"),
        ("Anne -Marie", "Anne-Marie"),
        ("Anne – Marie Zoé", "Anne-Marie Zoe"),
        ("Jeanne,", "Jeanne"),
        ("Jeanne ; Zoé;", "Jeanne Zoe"),
    ],
)
def test_first_names_are_read_as_cards_and_people_write_them(typed, names):
    assert sent(first_names=typed)["prenoms"] == names


# E-mail


@pytest.mark.parametrize(
    "typed",
    [
        f" {EMAIL} ",
        f"{EMAIL}\n",
        f"{EMAIL}.",
        f"{EMAIL};",
        f"{EMAIL},",
        f"<{EMAIL}>",
        f"Jeanne Durand <{EMAIL}>",
        f'"Durand, Jeanne" <{EMAIL}>',
        f"'Jeanne Durand' <{EMAIL}>;",
        f"Jeanne Durand [mailto:{EMAIL}]",
        f"{EMAIL}<mailto:{EMAIL}>",
        f"mailto:{EMAIL}",
        f"MAILTO:{EMAIL}",
        f"mailto:{EMAIL}?subject=Devis",
        f"mailto:{EMAIL.replace('@', '%40')}",
        f"[{EMAIL}](mailto:{EMAIL})",
        f'<a href="mailto:{EMAIL}">Jeanne</a>',
        f"E-mail : {EMAIL}",
        f"email:{EMAIL}",
        f"Mél. : {EMAIL}",
        f"Courriel\u00a0: {EMAIL}",
        f"Adresse e-mail : {EMAIL}",
        f"http://{EMAIL}",
        f"https://{EMAIL}/",
        EMAIL.replace("@", " @ "),
        EMAIL.replace("@", "@\u00a0"),
        f"« {EMAIL} »",
        f"({EMAIL})",
        f"Jeanne Durand ({EMAIL})",
        f"{EMAIL} (perso)",
        f"{EMAIL}?subject=Devis",
        f"mailto://{EMAIL}",
        f"Email {EMAIL}",
        f"mail = {EMAIL}",
        EMAIL.replace("@", "＠"),
    ],
)
def test_an_email_that_was_pasted_is_taken_out(typed):
    assert sent(email=typed)["adresseMail"] == EMAIL


@pytest.mark.parametrize(
    "typed",
    [
        # Each would be somebody else's address, or a guess.
        "jeanne durand@contact.fr",
        "jeanne+durand@contact.fr",
        "jeanne'durand@contact.fr",
        "jeanne’durand@contact.fr",
        ".jeanne@contact.fr",
        "jéanne@contact.fr",
        "a@contact.fr, b@contact.fr",
        "a@contact.fr / b@contact.fr",
        "A <a@contact.fr>, B <b@contact.fr>",
        "mailto:a@contact.fr,b@contact.fr",
        "mailto:a@contact.fr mailto:b@contact.fr",
        "jeanne durand <jeanne durand@contact.fr>",
        "Mel durand@contact.fr",
        "Jeanne (a@contact.fr), Paul (b@contact.fr)",
        "jeanne@contact",
        "jeanne(at)contact.fr",
    ],
)
def test_no_address_is_made_up(typed):
    assert particulier(email=typed).problems(TODAY) == [
        Problem("email", Rule.MALFORMED)
    ]


# Mobile


@pytest.mark.parametrize(
    "typed",
    [
        "+33 (0)6 12 34 56 78",
        "+33 (0) 6 12 34 56 78",
        "+33(0)612345678",
        "(+33) 6 12 34 56 78",
        "00 33 6 12 34 56 78",
        "00.33.6.12.34.56.78",
        "00 33 (0)6 12 34 56 78",
        "33 6 12 34 56 78",
        "06.12.34.56.78",
        "06–12–34–56–78",
        "06\u00a012\u200734\u202f56 78",
        "(06) 12 34 56 78",
        "tel:+33612345678",
        "tél. : 06 12 34 56 78",
        "Port. 06 12 34 56 78",
        "Mobile : +33 6 12 34 56 78",
        "Téléphone 0612345678",
        "Tél. portable : 06 12 34 56 78",
        "N° 06 12 34 56 78",
        "06_12_34_56_78",
        "06,12,34,56,78",
        "06·12·34·56·78",
    ],
)
def test_a_mobile_is_read_however_it_is_written(typed):
    assert sent(mobile=typed)["numeroTelephonePortable"] == "0612345678"


@pytest.mark.parametrize("typed", ["portable", "tel: néant", "06 12 34 56 78 (Paul)"])
def test_what_is_no_mobile_is_still_refused(typed):
    assert normalize_mobile(typed) == ""


# Account


@pytest.mark.parametrize(
    "typed",
    [
        IBAN.lower(),
        f"IBAN: {IBAN}",
        f"IBAN : {IBAN}",
        f"IBAN {IBAN}",
        f"iban{IBAN.lower()}",
        f"IBAN N° {IBAN}",
        f"Code IBAN : {IBAN}",
        f"Numéro IBAN : {IBAN}",
        "FR76.3000.6000.0112.3456.7890.189",
        "FR76–3000–6000–0112–3456–7890–189",
        "FR76\u00a03000\u202f6000 0112 3456 7890 189.",
        "FR 76 30006 00001 12345678901 89",
        "(FR76 3000 6000 0112 3456 7890 189)",
        "FR76/3000/6000/0112/3456/7890/189",
        f"IBAN = {IBAN}",
        f"IBAN (FR) : {IBAN}",
        f"RIB : {IBAN}",
        f"N° de compte bancaire : {IBAN}",
        f"« {IBAN} »",
        "FR 76|30006|00001|12345678901|89",
        f"{IBAN} BIC: BNPAFRPP",
        f"{IBAN} BNPAFRPPXXX",
        # As Odoo hands it over, which takes out the signs and not the word.
        f"IBAN{IBAN}",
    ],
)
def test_an_iban_is_read_however_it_is_written(typed):
    assert sent(iban=typed)["coordonneeBancaire"]["iban"] == IBAN
    assert bic_of(typed) == bic_of(IBAN) != ""


@pytest.mark.parametrize(
    "typed",
    [
        *("BIC: BNPAFRPP", "BIC/SWIFT : BNPAFRPP", "Code BIC : bnpa fr pp"),
        *("BNPA-FR-PP", "BIC BNPAFRPP", "BIC=BNPAFRPP", "BIC (SWIFT) : BNPAFRPP"),
        *("Code SWIFT BNPAFRPP.", "« BNPAFRPP »"),
    ],
)
def test_a_bic_likewise(typed):
    assert sent(bic=typed)["coordonneeBancaire"]["bic"] == "BNPAFRPP"


# Codes


def test_another_countrys_iban_is_not_taken_for_a_label():
    german = "DE89370400440532013000"
    for typed in (german, f"IBAN {german}", f"Compte : {german}"):
        assert clean_iban(typed) == german
    assert clean_bic("BICXFRPPXXX") == "BICXFRPPXXX"


@pytest.mark.parametrize(
    "typed",
    [
        *("69 001", "69\u00a0001", "F-69001", "FR 69001", "69001."),
        *("CP 69001", "69001 Lyon", "69001 LYON CEDEX 01"),
    ],
)
def test_a_postal_code_is_sent_as_its_five_digits(typed):
    assert sent(zip=typed)["adressePostale"]["codePostal"] == "69001"


def test_an_address_is_sent_in_plain_signs_with_its_accents():
    address = sent(street_name=" de l’Évêché –  Nord", complement="Bât.\u00a0A\n")
    assert address["adressePostale"]["libelleVoie"] == "de l'Évêché - Nord"
    assert address["adressePostale"]["complement"] == "Bât. A"


@pytest.mark.parametrize(
    "typed", ["SAP 123 456 782", "sap123456782", "SAP\u00a0123.456.782 "]
)
def test_a_nova_number_is_read_with_its_spaces(typed):
    assert is_nova_number(clean_code(typed))


@pytest.mark.parametrize(
    "typed",
    [
        f" {ID_CLIENT}\n",
        ID_CLIENT.upper(),
        ID_CLIENT.replace("-", "–"),
        f"{{{ID_CLIENT}}}",
        f'"idClient": "{ID_CLIENT}"',
        f"https://example.com/clients/{ID_CLIENT}/",
    ],
)
def test_an_id_is_taken_out_of_what_was_copied_with_it(typed):
    assert clean_particulier_id(typed) == ID_CLIENT


# Whatever is typed

CLEANINGS = (
    *(tidy, fold, fold_name, fold_first_names, normalize_mobile, clean_email),
    *(clean_iban, clean_bic, clean_zip, clean_code, clean_particulier_id),
)
PIECES = st.sampled_from(
    [
        *APOSTROPHES,
        *HYPHENS,
        *SPACES,
        *UNSEEN,
        *(
            "mailto:",
            "MAILTO:",
            "%40",
            "%3C",
            "%6dailto:",
            "<",
            ">",
            "[",
            "]",
            "?",
            "&",
        ),
        *("E-mail : ", "mail:", "http://", "tel:", "Tél. ", "IBAN", "iban: ", "n°"),
        *(
            "Code ",
            "BIC: ",
            "/",
            ".",
            ",",
            ";",
            ":",
            '"',
            "(",
            ")",
            "(0)",
            "00 33 ",
            "+33",
        ),
        *(
            "F-",
            "FR",
            "@",
            "é",
            "e\u0301",
            "œ",
            "Jeanne",
            "de",
            "a@contact.fr",
            "06",
            "7612",
        ),
    ]
)
MESSY = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)


@given(MESSY | st.text(max_size=300), st.sampled_from(CLEANINGS))
def test_cleaning_twice_is_cleaning_once(typed, clean):
    once = clean(typed)
    assert clean(once) == once


RIGHT = {
    "birth_name": contract.NAME,
    "usage_name": contract.NAME,
    "first_names": contract.FIRST_NAMES,
    "email": contract.EMAIL,
    "mobile": contract.MOBILE,
    "zip": "[0-9]{5}",
    "bic": contract.BIC.replace("a-z", ""),
}
#: How each is found in what is sent; the tax office wants no accents.
FORMS = {name: lambda value: value for name in RIGHT} | {
    "birth_name": fold,
    "usage_name": fold,
    "first_names": fold,
    "mobile": lambda value: "0" + value[-9:],
}


@given(st.data(), st.sampled_from(sorted(RIGHT)))
def test_what_is_right_is_never_changed(data, name):
    pattern = re.compile(RIGHT[name], re.ASCII)
    value = data.draw(st.from_regex(pattern, fullmatch=True).filter(_is_short))
    found = particulier(**{name: value})
    if name == "usage_name" and not found.body().get("nomUsage"):
        return  # it is the birth name
    cleaned = found.cleaned()
    parts = vars(cleaned) | vars(cleaned.address) | vars(cleaned.bank_account)
    assert parts[name] == FORMS[name](value)
    assert cleaned.cleaned() == cleaned


def _is_short(value):
    return len(value) <= 80


@given(st.text("0123456789", min_size=23, max_size=23), st.data())
def test_a_right_iban_is_never_changed_and_a_messy_one_is_read(account, data):
    iban = f"FR{98 - int(account + '152700') % 97:02}{account}"
    assert clean_iban(iban) == iban
    assert particulier(iban=iban).problems(TODAY) == []
    marks = st.sampled_from([*SPACES, *HYPHENS, *UNSEEN, "", "", "."])
    messy = "".join(char + data.draw(marks) for char in iban)
    assert clean_iban(f"IBAN {messy.lower()}") == iban


def test_the_parts_of_a_particulier_clean_themselves():
    address = Address(zip="69 001", commune_code="69381", commune_name="Lyon 1er")
    assert address.body()["codePostal"] == "69001"
    account = BankAccount(f"IBAN {IBAN}", "BIC: BNPAFRPP", "Mme\u00a0Durand")
    assert account.problems() == []
    assert account.body() == {
        "bic": "BNPAFRPP",
        "iban": IBAN,
        "titulaire": "Mme Durand",
    }
