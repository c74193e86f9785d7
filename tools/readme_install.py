# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The README's own lines that install the addon, run in a Python that has Odoo and what
Odoo needs, but nothing that only the addon needs."""

import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import stack

HEADING = "## Install it in your Odoo 19"
# What Odoo does not need (the manifest's `external_dependencies`).
OURS = ("phonenumbers", "schwifty")
IMPORT = f"""
import odoo.addons.l10n_fr_cog
from odoo.addons.{stack.ADDON}.urssaf.proposals.bank import bic_of

assert bic_of("FR7630006000011234567890189") == "AGRIFRPP", bic_of("FR76")
import odoo.addons.{stack.ADDON}
"""


def install_lines():
    """The README's commands under that heading: the indented lines."""
    readme = (stack.ROOT / "README.md").read_text()
    section = readme.partition(HEADING)[2].partition("\n## ")[0]
    lines = re.findall(r"^    (pip .*)$", section, re.MULTILINE)
    if not lines:
        raise stack.StackError(f"the README has no line with pip under {HEADING!r}")
    return lines


def as_the_readme_says(_database):
    """Its lines, as they stand there, in a fresh environment; then the addon's import."""
    folder = stack.CACHE / "test/readme"
    shutil.rmtree(folder, ignore_errors=True)
    clone, venv = folder / "clone", folder / "venv"
    copy_repository(clone)
    run([sys.executable, "-m", "venv", venv])
    show_odoo(folder / "odoo", venv)
    for line in install_lines():
        run(["bash", "-c", line], clone, venv)
    run([venv / "bin/python", "-c", IMPORT])
    shutil.rmtree(folder)


def copy_repository(folder):
    """What a clone has: building a wheel leaves files behind, old ones among them."""
    for addon in stack.ROOT.glob(f"{stack.ADDON}*"):
        shutil.copytree(
            addon,
            folder / addon.name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for name in ("setup.py", "README.md", "LICENSE"):
        shutil.copy(stack.ROOT / name, folder)


def show_odoo(folder, venv):
    """Lets the environment import Odoo and what the runtime has, without OURS and what
    these alone require: a folder of links, named by a .pth file."""
    folder.mkdir()
    runtime = Path(metadata.distribution("pip").locate_file(""))
    hidden = {"odoo"}.union(*map(entries, only_for(OURS)))
    for path in runtime.iterdir():
        addon = path.name.startswith("odoo_addon")
        if path.name not in hidden and path.suffix != ".pth" and not addon:
            (folder / path.name).symlink_to(path)
    [packages] = (venv / "lib").glob("python3.*/site-packages")
    odoo = (stack.CACHE / "odoo.path").read_text().strip()
    (packages / "odoo19.pth").write_text(f"{folder}\n{odoo}\n")


def only_for(names):
    """These distributions, and what is installed for them and for no other."""
    requirements = {
        normal(distribution.name): {
            normal(re.match(r"[\w.-]+", text)[0])
            for text in distribution.requires or []
            if "extra ==" not in text
        }
        for distribution in metadata.distributions()
    }
    found = set(names)
    while True:
        others = requirements.keys() - found
        wanted = set().union(*(requirements[name] for name in others))
        news = (
            set().union(*(requirements[name] for name in found)) & requirements.keys()
        )
        news -= wanted | found
        if not news:
            return found
        found |= news


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(distribution):
    """The names that a distribution has put into site-packages."""
    return {path.parts[0] for path in metadata.files(distribution)} - {".."}


def run(command, folder=None, venv=None):
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH"
    }
    # The versions that the runtime has tried: tomorrow's release breaks nothing today.
    environment["PIP_CONSTRAINT"] = str(stack.ROOT / "tools/constraints.txt")
    if venv:
        environment["PATH"] = f"{venv}/bin{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n  ".join(done.stdout.splitlines()[-8:])
        raise stack.StackError(f"{command[-1].strip()}:\n  {last}")
