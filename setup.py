# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The addon as a wheel, laid out and named as OCA's are: `pip install` puts it into
`odoo/addons`. (Plain setuptools: setuptools-odoo does not know Odoo 19.)"""

import ast
from pathlib import Path

from setuptools import find_packages, setup

ADDON = "l10n_fr_urssaf_sap"
ROOT = Path(__file__).parent
MANIFEST = ast.literal_eval((ROOT / ADDON / "__manifest__.py").read_text())
# The addon, and those between it and others, which Odoo installs by itself.
ADDONS = sorted(path.parent.name for path in ROOT.glob(f"{ADDON}*/__manifest__.py"))
# The others belong to Odoo itself.
OCA_ADDONS = ["l10n_fr_cog"]


def packages_of(addon):
    name = f"odoo.addons.{addon}"
    return [name, *(f"{name}.{inner}" for inner in find_packages(str(ROOT / addon)))]


def data_files(addon):
    """What is in no package, relative to the addon; migrations are scripts, not modules."""
    for path in sorted((ROOT / addon).rglob("*")):
        file = path.relative_to(ROOT / addon)
        module = path.suffix in (".py", ".pyc") and file.parts[0] != "migrations"
        if path.is_file() and not module and "__pycache__" not in file.parts:
            yield str(file)


setup(
    name=f"odoo-addon-{ADDON}",
    version=MANIFEST["version"],
    description=MANIFEST["summary"],
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author=MANIFEST["author"],
    license=MANIFEST["license"],
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
    python_requires=">=3.10",
    install_requires=[
        "odoo==19.0.*",
        *(f"odoo-addon-{name}==19.0.*" for name in OCA_ADDONS),
        *MANIFEST["external_dependencies"]["python"],
    ],
    packages=[package for addon in ADDONS for package in packages_of(addon)],
    package_dir={f"odoo.addons.{addon}": addon for addon in ADDONS},
    package_data={f"odoo.addons.{addon}": list(data_files(addon)) for addon in ADDONS},
)
