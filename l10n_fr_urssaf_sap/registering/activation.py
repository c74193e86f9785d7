# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What helps a customer who has not got the Urssaf's activation e-mail."""

from odoo.tools import plaintext2html

from ..texts.french import french_of

SITE = "www.particulier.urssaf.fr"


def lost_email_help(partner):
    """What the customer can do, and the provider where the address was wrong."""
    return partner.env._(
        "If the activation e-mail is lost or has expired, the customer asks for a new one"
        " on %(site)s (“Recevoir un nouveau mail d'activation”), with the address that"
        " they were registered with: %(email)s. If that address was wrong, correct it here"
        " and send the Urssaf the message below, through the messaging of your Urssaf"
        " account.",
        site=SITE,
        email=partner.email or "-",
    )


def wrong_address_message(partner, company, urssaf_id=""):
    """A message to the Urssaf, in French where the database knows it.

    :param urssaf_id: left out where more people read it
    """
    if french := french_of(partner.env):
        partner = partner.with_context(lang=french)
    env = partner.env
    lines = [
        env._("Avance immédiate: the activation e-mail did not arrive"),
        "",
        env._("Hello,"),
        env._(
            "We have registered this customer through the API “tiers de prestation”, and"
            " the e-mail for the activation did not arrive: the address was wrong. Could"
            " you please enter the right one and send the e-mail again?"
        ),
        "",
        env._("Customer: %s", partner.name),
        *([env._("idClient: %s", urssaf_id)] if urssaf_id else []),
        env._("Right e-mail address: %s", partner.email or ""),
        env._("Organization: %s", company.name),
        env._("NOVA number: %s", company.l10n_fr_sap_nova_number or ""),
        "",
        env._("Thank you in advance."),
    ]
    return "\n".join(lines)


def reminder_note(partner, company, activity_type):
    """The note of the activity to remind this customer: what helps, too."""
    note = partner.env.ref(activity_type).default_note or ""
    message = wrong_address_message(partner, company)
    return note + plaintext2html(f"{lost_email_help(partner)}\n\n{message}")
