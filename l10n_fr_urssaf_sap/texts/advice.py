# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What to do about the Urssaf's error codes, for the people in the office."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

_BLOCKED = _lt(
    "The Urssaf has blocked this customer's account, most often after a refused debit: it"
    " frees the account by itself, within some weeks, and until then nothing can be"
    " registered or sent. The Urssaf takes back from you what it could not debit; the"
    " customer pays that part to you directly. Refresh the registration from time to"
    " time, and try again once the account is free."
)
_MANDATE_EXPIRED = _lt(
    "The customer's direct debit mandate has expired: the Urssaf can no longer debit"
    " their account. Ask the customer to renew it in their online account at the"
    " Urssaf. Then refresh the registration and send again what was refused."
)
_BIRTH_COMMUNE = _lt(
    "For a birth in France, the Urssaf asks for the commune. Choose the Birth Commune in"
    " the list, with the INSEE code in force on the day of birth, and register again."
)
_BIRTH_DEPARTMENT = _lt(
    "The department of birth comes from the INSEE code of the Birth Commune, which is"
    " missing or wrong. Choose the Birth Commune in the list, with the code in force on"
    " the day of birth, and register again."
)
_ACTIVITY = _lt(
    "The Urssaf objects to an activity code, which is never sent from here. Please pass"
    " this message on to whoever looks after your Odoo."
)
_SEARCH = _lt(
    "The Urssaf could not answer a search for payment requests; your invoices are not"
    " at fault. Refresh the status again later. If the error persists, please pass this"
    " message on to whoever looks after your Odoo."
)

_LEFT_TO_YOU = _lt(
    "The Urssaf leaves to you what it could not debit, and takes it back from you where it"
    " has already transferred it. The customer pays that part to you directly; compare"
    " what is due on the invoice with the Urssaf's messages first."
)

# By the codes of M010, M020, M050 and M070; also those that the checks before sending
# should make impossible, for the Urssaf's rules may change. And by the states of a payment
# request that needs somebody.
ADVICE = {
    # Registering: the civil status
    "ERR_DGFIP_R2P_INCONNU": _lt(
        "The tax office does not recognize this person. Take their tax notice (avis"
        " d'impôt) and compare Birth Name, Married Name and all First Names, in the"
        " order of the notice; Birth Name is the name at birth, even when another is"
        " used. Check Birth Date and Birth Commune: its INSEE code is the one in force"
        " on the day of birth, which a merger may have changed since. Correct what"
        " differs and register again. If nothing differs, press “Try a Variant”: each"
        " click registers once more with one thing changed, and what works is kept."
    ),
    "ERR_DGFIP_IMPOTPART_INCONNU": _lt(
        "The tax office knows no income tax return of this person, and the avance"
        " immédiate needs one. Ask the customer whether they have already filed one in"
        " France in their own name. If so, check the civil status against their tax"
        " notice (avis d'impôt) and register again; if not, invoice them without the"
        " avance immédiate."
    ),
    "ERR_ECV_PARTICULIERS_EXISTENT": _lt(
        "Several people share this civil status and the Urssaf cannot tell them apart."
        " Enter all First Names as on the tax notice (avis d'impôt), check Birth Date"
        " and Birth Commune, and register again. If the error persists, contact the"
        " Urssaf."
    ),
    "ERR_DATE_NAISSANCE_FUTUR": _lt(
        "The Birth Date is in the future. Correct it and register again."
    ),
    "ERR_LIEU_NAISSANCE_OBLIGATOIRE": _BIRTH_COMMUNE,
    "ERR_LIEU_NAISSANCE_COMN": _BIRTH_COMMUNE,
    "ERREUR_LIEU_NAISSANCE_DEPT": _BIRTH_DEPARTMENT,
    "ERREUR_LIEU_NAISSANCE_DEPT_FORMAT": _BIRTH_DEPARTMENT,
    "ERREUR_LIEU_NAISSANCE_PAYS": _lt(
        "A birth abroad goes without a commune or a department. Check the Birth Country"
        " and, for a birth in France, the Birth Commune; then register again."
    ),
    "ERREUR_LIEU_NAISSANCE_OBLIGATOIRE": _lt(
        "The place of birth is missing. Fill in the Birth Country and, for a birth in"
        " France, the Birth Commune; then register again."
    ),
    "ERREUR_LIEU_NAISSANCE_INVALIDE": _lt(
        "The place of birth has characters that the Urssaf does not accept. Choose the"
        " Birth Commune in the list and register again."
    ),
    # Registering: contact, address and account
    "ERREUR_REFERENCE_PARTICULIER_EXISTANTE_TYPE": _lt(
        "Somebody else is registered with the same Email and Mobile, often the other"
        " half of a couple. Ask the customer for an Email or a Mobile of their own,"
        " change it and register again."
    ),
    "ERR_CONTACT": _lt(
        "A contact detail is missing or not valid; or Email or Mobile differ from those"
        " of the account that the customer already has at the Urssaf, through another"
        " provider. Ask the customer which ones they see there (on"
        " www.particulier.urssaf.fr) and enter the same. Otherwise check Mobile (a French"
        " number in 06 or 07), Email (neither accents nor a plus sign), Street Type,"
        " Street Name, postal code and Commune of Residence. Then register again."
    ),
    "ERR_CONTACT_ADRESSE_TYPE_VOIE": _lt(
        "The Urssaf does not know this type of street. Choose the Street Type in the"
        " list; if none fits, clear Street Type and Street Name and enter the address"
        " in Locality. Then register again."
    ),
    "ERR_CONTACT_ADRESSE_TYPEVOIE": _lt(
        "A Street Name needs a Street Type. Choose it in the list and register again."
    ),
    "ERR_CONTACT_ADRESSE_LETTRE_VOIE": _lt(
        "The Urssaf does not know the letter after the street number. Choose bis, ter,"
        " quater or quinquies as the Street Letter, or none, and register again."
    ),
    "ERR_CONTACT_ADRESSE_LIBELLEVOIE": _lt(
        "A Street Type needs a Street Name. Fill it in and register again."
    ),
    "ERR_CONTACT_ADRESSE_INFORMATION_SUPPLEMENTAIRE": _lt(
        "The address has neither a street nor a locality. Fill in Street Type and Street"
        " Name, or Locality, or the second address line; then register again."
    ),
    "ERR_CONTACT_ADRESSE_COMMUNE": _lt(
        "The Urssaf does not know the commune of the address. Choose the Commune of"
        " Residence as it is today (in Paris, Lyon and Marseille, the arrondissement),"
        " check the postal code and register again."
    ),
    "ERR_COORDONNEES_BANCAIRES": _lt(
        "The IBAN or the BIC is not valid. Compare the Debited Account and the BIC of"
        " its bank with the customer's bank details (RIB), and register again."
    ),
    "ERR_APPEL_BACB": _lt(
        "The bank account could not be verified. Compare IBAN, BIC and account holder of"
        " the Debited Account with the customer's bank details (RIB). If they are right,"
        " register again later, or ask the customer for another account."
    ),
    # Registering: the link with the Urssaf
    "ERR_COMPTE_BLOQUE": _BLOCKED,
    "ERR_LIEN_TIERS_PRESTATION_PARTICULIER_EXISTE": _lt(
        "The customer is already linked to your organization, for instance through"
        " other software. Press “Find by Email”. If that finds nothing, enter the Urssaf"
        " ID that this software shows and refresh the registration; if you cannot find"
        " it, ask the Urssaf for it."
    ),
    "ERR_LIEN_TIERS_PRESTATION_PARTICULIER": _lt(
        "The Urssaf could not link the customer to your organization. Register again"
        " later; if the error persists, contact the Urssaf."
    ),
    # A registration's state
    "APPAREILLAGE_NF": _lt(
        "The customer did not finish the activation in time. Explain it to them, then"
        " register again: the Urssaf sends them a new e-mail."
    ),
    "PARTICULIER_BLOQUE": _BLOCKED,
    "MANDAT_ECHU": _MANDATE_EXPIRED,
    "ERR_RECHERCHE_PARTICULIER": _lt(
        "The Urssaf does not know this Urssaf ID, or the customer has ended the link"
        " with your organization. Ask the customer; if they still want the avance"
        " immédiate, register again."
    ),
    # Payment requests: the period
    "ERR_DATE_FUTUR": _lt(
        "Services can be sent once they are done: Services From and Services To must"
        " not be in the future. Correct them, or wait for the last day; then send"
        " again."
    ),
    "ERR_DATE_PAIEMENT_AVANT_EXP": _lt(
        "The services are older than the avance immédiate itself (2022). Check Services"
        " From and Services To and send again; services as old as that are paid without"
        " it."
    ),
    "ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE": _lt(
        "A payment request covers one calendar month. Check Services From and Services"
        " To and send again; for services over two months, make one invoice per month."
    ),
    "ERR_DATE_FIN_AVANT_DATE_DEB": _lt(
        "Services To is earlier than Services From. Correct them and send again."
    ),
    "ERR_LIEN_PARTICULIER_PRESTATAIRE": _lt(
        "The customer has not activated the avance immédiate yet, or the services begin"
        " before they did. Refresh the registration and compare Services From with"
        " Activated On. Services from before that day are paid without the avance"
        " immédiate; those of that very day may be refused as well, and the day after"
        " is safe. The dates of the invoice and of a deposit count too."
    ),
    # Payment requests: the amounts
    "ERR_MONTANT_ACOMPTE": _lt(
        "The deposit exceeds half of the invoice. Check the payments already recorded on"
        " the invoice. If the customer did pay more than half of it, it cannot go to the"
        " Urssaf."
    ),
    "ERR_ACOMPTE_BLOQUE": _lt(
        "The Urssaf does not allow your organization to declare deposits: since 2026 it"
        " wants a financial guarantee from the first euro for that. Ask the Urssaf what is"
        " missing, and switch off “Deposits May Be Declared” in the Invoicing settings"
        " (Financial Guarantee) until then: what was paid ahead is named before it leaves."
    ),
    "ERR_TOTAL_PRESTATIONS": _lt(
        "The service lines do not add up to the total of the invoice. Check that every"
        " line is a service with its Nature of Home Service, and include discounts and"
        " rounding in the prices; then send again."
    ),
    "ERR_FORMAT_VALEUR": _lt(
        "An amount or a quantity has more than two decimals. Round quantities and prices"
        " on the invoice's lines to two and send again."
    ),
    "ERR_MNT_PREST_HT_TVA": _lt(
        "On a line, the net amount plus VAT is not the gross amount. Check the taxes of"
        " each line and send again."
    ),
    "ERR_MNT_PREST_TTC": _lt(
        "On a line, the quantity times the unit price including VAT is not the gross"
        " amount. Check quantity, price and discount of each line, and send again."
    ),
    "ERR_VALEUR_NEGATIVE": _lt(
        "An amount or a quantity is negative. Include discounts in the prices instead"
        " of giving them a line of their own, and send again."
    ),
    # Payment requests: the services
    "ERR_CODE_NATURE": _lt(
        "The Urssaf does not know the nature of one of the services. Check the Nature of"
        " Home Service on the invoice's lines and on their products, and send again."
    ),
    "ERR_CODE_ACTIVITE": _ACTIVITY,
    "ERR_CODE_ACTIVITE_NATURE": _ACTIVITY,
    # Payment requests: the customer
    "ERR_PARTICULIER_INCONNU": _lt(
        "The Urssaf does not recognize the customer: the Urssaf ID is unknown, or the"
        " Birth Date is not the one that it knows. Correct the Birth Date, refresh the"
        " registration and send again."
    ),
    "ERR_CMPT_BLOQUE": _BLOCKED,
    "ERR_MANDAT_ECHU": _MANDATE_EXPIRED,
    # Payment requests: your organisation
    "ERR_PRESTATAIRE_EMETTEUR_INCONNU": _lt(
        "The Urssaf does not know your organization as a provider. Check environment,"
        " Client ID and Client Secret in the settings. If they are right, contact the"
        " Urssaf: your accreditation may not be complete."
    ),
    "ERR_PRESTATAIRE_FACTURATION_INCONNU": _lt(
        "The Urssaf does not know the provider that issues the invoice. Check the NOVA"
        " number in the settings; if it is right, contact the Urssaf."
    ),
    "ERR_FORMAT_NUMINTERVENANT": _lt(
        "The NOVA number is malformed: it is SAP followed by 9 digits, or SIR followed"
        " by the 14 digits of a SIRET, without spaces. Correct it in the settings and"
        " send again."
    ),
    "ERR_NUMINTERVENANT_MANQUANT": _lt(
        "The NOVA number is missing in the settings. Fill it in and send again."
    ),
    "ERR_NUMINTERVENANT_BLOQUE": _lt(
        "The Urssaf does not let this SIRET use the avance immédiate. Check the NOVA"
        " number in the settings; if it is right, ask the Urssaf why."
    ),
    "ERREUR_GARANTIE_FINANCIERE_NON_CONFORME": _lt(
        "The Urssaf has no valid financial guarantee for your organization, or one that is"
        " too low. Send it an up-to-date certificate and, once it has been recorded, send"
        " the payment requests again. Enter amount and end in the Invoicing settings"
        " (Financial Guarantee): you are reminded before it ends."
    ),
    # Payment requests: sending
    "ERR_FACTURE_DOUBLON": _lt(
        "The Urssaf already has a payment request under this number, and a number serves"
        " only once. Look for it in the payment requests and on the Urssaf's site"
        " first, so that the customer is not debited twice. If it is this invoice, there"
        " is nothing more to send; if it is another one, this invoice needs another"
        " number."
    ),
    "ERR_NBRE_PREST_MAX": _lt(
        "Too many payment requests were sent at once; your invoices are not at fault."
        " Send again. If the error persists, please pass this message on to whoever"
        " looks after your Odoo."
    ),
    # Following payment requests
    "ERR_CRITERE_RECHERCHE_VIDE": _SEARCH,
    "ERR_NBRE_MAX_RESULTAT": _SEARCH,
    "ERR_RECHERCHE_VIDE": _lt(
        "The Urssaf finds no such payment request. If it has just been sent, refresh the"
        " status again in a few minutes. Otherwise check the environment in the"
        " settings: the test platform does not know what is in production."
    ),
    # Anywhere
    "ERREUR_VALIDATION": _lt(
        "The Urssaf finds something missing or malformed. Correct the field that its"
        " message names and try again. If nothing looks wrong, please pass this message"
        " on to whoever looks after your Odoo."
    ),
    "ERREUR_TECHNIQUE": _lt(
        "Something failed at the Urssaf itself; your data are not at fault. Try again"
        " in a few hours; if the error persists, contact the Urssaf."
    ),
    # A payment request's state
    "refused": _lt(
        "Next: settle it with the customer, correct the invoice (Reset to Draft) and send"
        " it again to the Urssaf; or make a credit note if nothing is due."
    ),
    "debit_refused": _lt(
        "The Urssaf's debit has failed. Wait for what the Urssaf makes of it, and do not"
        " ask the customer to pay meanwhile. Their account may be blocked for some weeks."
    ),
    "recovered": _LEFT_TO_YOU,
    "provider_unpaid": _LEFT_TO_YOU,
    "provider_settled": _LEFT_TO_YOU,
    "cancelled": _lt(
        "Correct the invoice and send it again, or cancel it. What the Urssaf has already"
        " transferred goes back to it."
    ),
    "cancelled_unpaid": _lt(
        "The customer has not paid the Urssaf: the whole invoice is to be paid to you"
        " directly. What the Urssaf has already transferred goes back to it."
    ),
    "cancelled_recovered": _lt(
        "You have told the Urssaf that the customer paid you directly: register that"
        " payment. What the Urssaf has already transferred goes back to it."
    ),
    "cancelled_other": _lt(
        "Read the Urssaf's messages for the reason. The invoice can be sent again, or is"
        " to be paid to you directly."
    ),
    "deleted": _lt(
        "The payment request is over. The invoice can be sent again, or is to be paid to"
        " you directly."
    ),
    "unknown": _lt(
        "Ask the Urssaf what this status means. If the payment request is over without"
        " money, an accountant can declare it over."
    ),
}


_ENTER_ID = _lt(
    "Enter the Urssaf ID that your other software shows; if you cannot find it, ask the"
    " Urssaf for it."
)


def enter_id_advice(env):
    """Where the id of a customer comes from when no search has found it."""
    return env._(_ENTER_ID)


def advice(env, code):
    """What to do about the Urssaf's ``code``, or a payment request's state, in the user's
    language; "" where nothing is known of it."""
    return env._(ADVICE[code]) if code in ADVICE else ""


def describe_advice(env, codes):
    """The same for several codes, one a line."""
    texts = dict.fromkeys(advice(env, code) for code in codes)
    return "\n".join(text for text in texts if text)
