# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tax certificates made by the scheduled action, some at a time: each lot is committed."""

from .transactions import one_by_one_on_failure

# Their figures are read together; each PDF takes half a second or more.
_TOGETHER = 5


def make_certificates(waiting):
    """Make these certificates while the scheduled action has time left."""
    progress = waiting.env["ir.cron"]
    time_left = progress._commit_progress(remaining=len(waiting))
    for start in range(0, len(waiting), _TOGETHER):
        if not time_left:
            return
        some = waiting[start : start + _TOGETHER]
        one_by_one_on_failure(some, type(some)._make, type(some)._give_up)
        time_left = progress._commit_progress(len(some))
