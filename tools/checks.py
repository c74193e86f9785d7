# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make lint` runs: the hooks of .pre-commit-config.yaml, without pre-commit.

pre-commit clones each hook's repository and builds it an environment of its own, which
takes a network. Here the same program comes from the runtime's Python (prettier from
its npm packages), where bootstrap.sh has put it. The configuration stays the only list:
this reads which hooks there are, their arguments, files and versions, and another
version in the runtime than in the configuration is a failure too.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import yaml

# Not of `stack`, which may be another user's than the files that `make format` writes.
ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / ".pre-commit-config.yaml"
BIN = Path(sys.executable).parent
PRETTIER = BIN.parent / "prettier/node_modules"
PYTHON = r"\.py$"

# A hook's id: the package of its program, the program, and the files that the hook's
# own repository chooses.
PROGRAMS = {
    "oca-checks-odoo-module": (
        "oca-odoo-pre-commit-hooks",
        "oca-checks-odoo-module",
        "/__manifest__.py$",
    ),
    "oca-checks-po": ("oca-odoo-pre-commit-hooks", "oca-checks-po", r"\.pot?$"),
    "trailing-whitespace": ("pre-commit-hooks", "trailing-whitespace-fixer", ""),
    "end-of-file-fixer": ("pre-commit-hooks", "end-of-file-fixer", ""),
    "debug-statements": ("pre-commit-hooks", "debug-statement-hook", PYTHON),
    "check-case-conflict": ("pre-commit-hooks", "check-case-conflict", ""),
    "check-docstring-first": ("pre-commit-hooks", "check-docstring-first", PYTHON),
    "check-executables-have-shebangs": (
        "pre-commit-hooks",
        "check-executables-have-shebangs",
        "",
    ),
    "check-merge-conflict": ("pre-commit-hooks", "check-merge-conflict", ""),
    "check-symlinks": ("pre-commit-hooks", "check-symlinks", ""),
    "check-xml": ("pre-commit-hooks", "check-xml", r"\.xml$"),
    "mixed-line-ending": ("pre-commit-hooks", "mixed-line-ending", ""),
    "ruff-check": ("ruff", "ruff check", PYTHON),
    "ruff-format": ("ruff", "ruff format --check", PYTHON),
    "pylint_odoo": ("pylint-odoo", "pylint", PYTHON),
    "vermin": ("vermin", None, PYTHON),
    "mypy": ("mypy", None, ""),
    "import-linter": ("import-linter", None, ""),
    "prettier": ("prettier", "prettier --list-different --ignore-unknown", ""),
}

# Those that mend what they find.
FIXERS = ("trailing-whitespace", "end-of-file-fixer", "mixed-line-ending")


def hooks():
    """The configuration's hooks, each with the `rev` of its repository."""
    for repository in configuration()["repos"]:
        for hook in repository["hooks"]:
            yield {"rev": repository.get("rev"), **hook}


def configuration():
    return yaml.safe_load(CONFIGURATION.read_text())


def tracked_files():
    """The text files that git knows, without those that no hook is to see."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    excluded = re.compile(configuration()["exclude"])
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        path = ROOT / name
        if excluded.search(name) or not path.is_file():
            continue
        with open(path, "rb") as file:
            if b"\0" not in file.read(1024):
                yield name


def copy_files(files, folder):
    """For the FIXERS: `make lint` tells, and `make format` mends."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in files:
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)


def command(hook, files):
    """The hook's command line: the program, its arguments and the files that are its."""
    _package, program, own_files = PROGRAMS[hook["id"]]
    words = (program or hook["entry"]).split() + hook.get("args", [])
    if hook.get("pass_filenames") is False:
        return words
    wanted, unwanted = hook.get("files", ""), hook.get("exclude", "$^")
    words += [
        name
        for name in files
        if re.search(own_files, name)
        and re.search(wanted, name)
        and not re.search(unwanted, name)
        and (hook["id"] != "check-executables-have-shebangs" or executable(name))
    ]
    return words


def executable(name):
    return os.access(ROOT / name, os.X_OK)


def environment():
    """Where the programs and prettier's plugin are found."""
    path = os.pathsep.join(
        [str(BIN), str(PRETTIER / ".bin"), os.environ.get("PATH", os.defpath)]
    )
    return {**os.environ, "PATH": path, "NODE_PATH": str(PRETTIER)}


def other_versions():
    """The programs whose version here is not the configuration's, each as a text."""
    for hook in hooks():
        pinned = dict(
            re.split("==|(?<=.)@", text)
            for text in hook.get("additional_dependencies", [])
        )
        if hook["rev"]:
            pinned = {PROGRAMS[hook["id"]][0]: hook["rev"].removeprefix("v")}
        for package, wanted in pinned.items():
            installed = installed_version(package)
            if installed != wanted:
                yield f"{package}: {wanted} in {CONFIGURATION.name}, {installed} here"


def installed_version(package):
    if "prettier" not in package:
        return metadata.version(package)
    try:
        return json.loads((PRETTIER / package / "package.json").read_text())["version"]
    except OSError:  # npm's registry could not be reached when the runtime was made
        return "none"


def main():
    """`make format`: brings into form what has a form."""
    files = list(tracked_files())
    by_id = {hook["id"]: hook for hook in hooks()}
    commands = [["ruff", "check", "--fix", "--select=I"], ["ruff", "format"]]
    commands += [[*command(by_id["prettier"], files), "--write"]]
    for words in commands:
        subprocess.run(words, cwd=ROOT, env=environment(), check=True)
    for fixer in FIXERS:  # which fail when they have mended
        words = command(by_id[fixer], files)
        subprocess.run(words, cwd=ROOT, env=environment(), check=False)


if __name__ == "__main__":
    main()
