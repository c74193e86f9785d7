# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Loggers of code that handles what is personal."""

import logging
import traceback


def get_logger(name):
    """The logger of this name. Of an exception it shows what it is and where it was
    raised, but not its own text: PostgreSQL, Odoo and other addons repeat in it whatever
    was being written."""
    logger = logging.getLogger(name)
    if _without_texts not in logger.filters:
        logger.addFilter(_without_texts)
    return logger


def _without_texts(record):
    if record.exc_info and record.exc_info[1]:
        record.exc_text = "\n".join(_frames(record.exc_info[1]))
        record.exc_info = None
    return True


def _frames(error):
    seen = set()
    while error and error not in seen:
        seen.add(error)
        yield type(error).__qualname__
        yield from map(str.rstrip, traceback.format_tb(error.__traceback__))
        error = error.__cause__ or error.__context__
