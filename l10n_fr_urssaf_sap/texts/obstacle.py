# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Why something cannot be done with a record, for a person to fix."""

from dataclasses import dataclass

from odoo import models


@dataclass(frozen=True)
class Obstacle:
    """``text`` is one line in the user's language. ``record`` is what a person opens to
    fix it and ``field`` the name of its field, "" where no single field is at fault.
    ``rule`` names the rule that is broken: two obstacles of the same field and rule are
    of one kind. ``public`` is the text for what more people read, where ``text`` tells of
    a person."""

    field: str
    rule: str
    text: str
    record: models.BaseModel
    public: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        return self.field, self.rule


def refusals(record, text, field="error"):
    """The obstacles of a record that the Urssaf has refused, one for each line of
    ``text``."""
    return [Obstacle(field, "refused", line, record) for line in text.splitlines()]


def texts_of(obstacles):
    """The lines of these obstacles, as one text."""
    return "\n".join(obstacle.text for obstacle in obstacles)


def public_texts_of(obstacles):
    """The same with nobody's name in them."""
    return "\n".join(obstacle.public or obstacle.text for obstacle in obstacles)
