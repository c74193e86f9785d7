# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Copies the README's pictures from what the browser test kept."""

import shutil

import stack

PICTURES = {
    "12-what-is-still-missing": "missing",
    "02-registered": "registered",
    "03-the-stand-in": "stand-in",
    "06-paid": "paid",
}


def main():
    folder = stack.ROOT / "docs"
    folder.mkdir(exist_ok=True)
    for taken, name in PICTURES.items():
        source = stack.CACHE / "test/screenshots" / f"{taken}.png"
        shutil.copyfile(source, folder / f"{name}.png")


if __name__ == "__main__":
    main()
