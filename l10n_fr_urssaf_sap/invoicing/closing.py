# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a user is told once the queued work that they asked for is done."""

from markupsafe import Markup

_LISTED = 20  # those to fix that the message names


def tell_user(user, subject, sentence, to_fix):
    """A message to ``user``, and a notification where they are in Odoo just now.

    :param to_fix: the records that they have to open, each named with a link
    """
    env = to_fix.env
    user.sudo()._bus_send(
        "simple_notification",
        {"type": "warning" if to_fix else "success", "message": sentence},
    )
    links = Markup("").join(
        Markup('<li><a href="/odoo/%s/%s">%s</a></li>')
        % (record._name, record.id, record.display_name)
        for record in to_fix[:_LISTED]
    )
    if more := to_fix[_LISTED:]:
        links += Markup("<li>%s</li>") % env._("and %s more", len(more))
    env["mail.thread"].message_notify(
        partner_ids=user.partner_id.ids,
        subject=subject,
        body=Markup("<p>%s</p><ul>%s</ul>") % (sentence, links),
    )
