# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Copies the README's pictures from what the browser test kept."""

import os
import shutil
from pathlib import Path

# Not `stack`, which may be another user's than the files that are written here.
ROOT = Path(__file__).resolve().parents[1]
TAKEN = Path(os.environ["L10N_FR_URSSAF_SAP_CACHE"]) / "test/screenshots"

PICTURES = {
    "12-what-is-still-missing": "missing",
    "02-registered": "registered",
    "03-the-stand-in": "stand-in",
    "06-paid": "paid",
    "20-paid-in-the-books": "in-the-books",
    "25-received": "transfer",
    "30-first-steps": "first-steps",
    "50-morning": "morning",
    "59-nova": "nova",
    "62-certificate": "certificate",
}


def main():
    folder = ROOT / "docs"
    folder.mkdir(exist_ok=True)
    for taken, name in PICTURES.items():
        shutil.copyfile(TAKEN / f"{taken}.png", folder / f"{name}.png")


if __name__ == "__main__":
    main()
