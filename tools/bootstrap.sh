#!/usr/bin/env bash
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
#
# Gives a bare Debian (12 or newer) what the demo and the tests need: a real
# Odoo 19, PostgreSQL, Chromium and a Python with Odoo's libraries. All but the
# system packages goes into a cache folder; the system's own Odoo, apt sources
# and databases are left alone. For root, all of it runs as a system user of its
# own, which this adds.
#
#   tools/bootstrap.sh                       prepare
#   tools/bootstrap.sh tools/cli.py demo   prepare, then run this with the
#                                            cache's Python
#   tools/bootstrap.sh --stop                stop what runs from the cache
#   tools/bootstrap.sh --clean               the same, then remove the cache
#
# Settings, all optional, from the environment:
#   L10N_FR_URSSAF_SAP_CACHE  the cache folder
#   ODOO_HOME                 an Odoo 19 you have: a git checkout, or the folder
#                             that contains the `odoo` package
#   PYTHON                    the Python (3.10 to 3.13) to use
set -euo pipefail

ODOO_VERSION=19.0.0+dfsg-1
# Debian replaces Odoo's bundled web libraries and fonts by links to these.
ASSET_PACKAGES=(
    libjs-jquery libjs-jquery-form libjs-underscore fonts-roboto-unhinted
    fonts-montserrat fonts-inconsolata fonts-ocr-b fonts-glyphicons-halflings
)
# Newer ones no longer have the 4.7 file names that the links want.
BOOKWORM_PACKAGES=(fonts-font-awesome)
# Named by a link, but in no Debian package; only the point of sale wants it.
HARMLESS_LINK=point_of_sale/static/src/fonts/Inconsolata.otf

# As in stack/user.py.
RUN_USER=l10n_fr_urssaf_sap
TOOLS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/wkhtmltopdf.sh
source "$TOOLS/wkhtmltopdf.sh"

say() { echo "l10n_fr_urssaf_sap: $*" >&2; }
die() { say "$*"; exit 1; }

# timed TEXT COMMAND…: one line when it begins, one when it is done.
timed() {
    local text=$1 start=$SECONDS
    shift
    say "$text …"
    "$@"
    say "$text: done in $((SECONDS - start)) s"
}

choose_cache() {
    local default=${XDG_CACHE_HOME:-$HOME/.cache}/l10n_fr_urssaf_sap
    # No other user can enter /root.
    [[ $EUID -eq 0 ]] && default=/var/cache/l10n_fr_urssaf_sap
    CACHE=${L10N_FR_URSSAF_SAP_CACHE:-$default}
    [[ $CACHE == /* ]] || die "the cache folder must be an absolute path: $CACHE"
    local socket=$CACHE/pg/.s.PGSQL.5432
    [[ ${#socket} -le 107 ]] ||
        die "the path of the cache folder is too long for PostgreSQL's socket;" \
            "set L10N_FR_URSSAF_SAP_CACHE to a shorter one than $CACHE"
    # The mode, whatever root's umask: the other user has to pass.
    { [[ -d $CACHE ]] || mkdir -p -m 755 "$CACHE"; } 2>/dev/null &&
        mkdir -p -m 700 "$CACHE/log" 2>/dev/null ||
        die "cannot create the cache folder $CACHE; set L10N_FR_URSSAF_SAP_CACHE"
    export L10N_FR_URSSAF_SAP_CACHE=$CACHE
}

# ---- system packages -------------------------------------------------------

# Only root can; where even he cannot, everything runs as root, which is said then.
add_user() {
    [[ $EUID -ne 0 ]] || getent passwd "$RUN_USER" >/dev/null ||
        useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "$RUN_USER" || true
}

# as_user COMMAND…: as the user that all of it is going to run as.
as_user() {
    local user
    [[ $EUID -eq 0 ]] || { "$@"; return; }
    for user in "$RUN_USER" postgres; do
        getent passwd "$user" >/dev/null || continue
        setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
        return
    done
    "$@" # the package of PostgreSQL will bring one
}

check_user() {
    as_user test -x "$CACHE" ||
        die "nobody but root can enter $CACHE, and PostgreSQL refuses to run as root;" \
            "set L10N_FR_URSSAF_SAP_CACHE to a folder that others can reach"
}

find_initdb() {
    local found
    found=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1) ||
        found=$(command -v initdb) || return 1
    [[ -x $found ]]
}

# Prints the first Python in the range that Odoo 19 and the libraries accept; one
# in root's own folders only where there is no other.
find_python() {
    local candidate as
    local in_range='import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'
    local names=(python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.10)
    for as in as_user command; do
        for candidate in ${PYTHON:-"${names[@]}"}; do
            candidate=$(command -v "$candidate") || continue
            # Our own, on the PATH of who works with it, cannot make itself anew.
            [[ $candidate != "$CACHE"/* ]] || continue
            "$as" "$candidate" -c "$in_range" 2>/dev/null || continue
            echo "$candidate"
            return
        done
    done
    return 1
}

# Prints the venv package that this Python lacks, if any.
missing_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

# Whether apt has this package. (`apt-cache show` also succeeds for a name that
# others merely refer to.)
packaged() {
    [[ -n $(apt-cache madison "$1" 2>/dev/null) ]]
}

missing_packages() {
    local python
    find_initdb || echo postgresql
    command -v chromium >/dev/null || echo chromium
    # Where apt's lists are empty, what it has is known after the update.
    have_wkhtmltopdf || { packaged apt && ! packaged wkhtmltopdf; } ||
        echo wkhtmltopdf
    if python=$(find_python); then
        missing_venv "$python"
    elif [[ -z ${PYTHON:-} ]]; then
        echo python3 python3-venv
    fi
}

# Sets AS_ROOT, the prefix of a command that needs root.
become_root() {
    AS_ROOT=()
    [[ $EUID -eq 0 ]] && return
    AS_ROOT=(sudo)
    if command -v sudo >/dev/null; then
        sudo -n true 2>/dev/null && return
        [[ -t 0 ]] && sudo -v && return
    fi
    die "system packages are missing; as root run:" \
        "apt-get install --no-install-recommends $*"
}

install_packages() {
    local log=$CACHE/log/system.log
    local apt=("${AS_ROOT[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -y -o DPkg::Lock::Timeout=300)
    # A source of somebody else's may fail to update: installing will tell.
    "${apt[@]}" update >"$log" 2>&1 || true
    local packages=() package
    for package; do
        # Debian 13 no longer has it: prepare_system then takes bookworm's.
        [[ $package != wkhtmltopdf ]] || packaged wkhtmltopdf || continue
        packages+=("$package")
    done
    [[ ${#packages[@]} -eq 0 ]] && return
    "${apt[@]}" install --no-install-recommends "${packages[@]}" >>"$log" 2>&1 ||
        die "apt-get could not install ${packages[*]}; see $log"
}

# What `missing_packages` printed, and wkhtmltopdf where apt has none.
prepare_system() {
    [[ $# -eq 0 ]] || timed "installing $*" install_packages "$@"
    have_wkhtmltopdf || timed "fetching wkhtmltopdf" fetch_wkhtmltopdf
}

# ---- Debian packages unpacked beside the system's --------------------------

# Prints the address of the Debian archive that this machine uses.
debian_archive() {
    local names='(bookworm|trixie|forky|duke|sid|oldstable|stable|testing|unstable)'
    # shellcheck disable=SC2016 # apt expands these, not the shell
    local format='$(REPO_URI) $(RELEASE) $(COMPONENT)' found= try
    for try in 1 2 3 4 5; do # in vain while some other apt-get is updating
        found=$(apt-get indextargets --no-release-info --format "$format" \
            'Created-By: Packages' 2>/dev/null | grep -E " $names main\$") && break
        sleep $((try / 2))
    done
    [[ -n $found ]] || return 1
    # Other vendors name their releases like Debian's, not their folders.
    { grep -E '/debian/? ' <<<"$found" || echo "$found"; } | head -n 1 | cut -d ' ' -f 1
}

# private_apt DIR RELEASE…: an apt of our own there, which leaves the system's
# alone. The packages that it downloads go into DIR/debs.
private_apt() {
    local dir=$1 keyring options=target=Packages
    shift
    for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [[ -e $keyring ]] && options="target=Packages signed-by=$keyring"
    done
    rm -rf "$dir"
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/debs"
    : >"$dir/status" # a version that the system has is not to be preferred
    printf "deb [$options] $ARCHIVE %s main\n" "$@" >"$dir/sources.list"
    cat >"$dir/apt.conf" <<EOF
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferencesparts "-";
Dir::Etc::preferences "-";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
EOF
    cd "$dir/debs"
    export APT_CONFIG=$dir/apt.conf
}

# unpack_debs LOG DIR FOLDER [TAR OPTIONS]: the packages of DIR into a new folder.
unpack_debs() {
    local log=$1 dir=$2 folder=$3 deb
    shift 3
    rm -rf "$folder"
    mkdir "$folder"
    for deb in "$dir"/debs/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" 2>>"$log" |
            tar -x -C "$folder" --no-same-owner "$@" 2>>"$log" ||
            die "cannot unpack $(basename "$deb"); see $log"
    done
}

# ---- Odoo ------------------------------------------------------------------

# Prints the folder on Python's path, given what the user calls his Odoo.
resolve_odoo_home() {
    local folder
    for folder in "$1" "$1/usr/lib/python3/dist-packages" "$(dirname "$1")"; do
        [[ -f $folder/odoo/release.py ]] || continue
        grep -Eq '^version_info = \(19, 0,' "$folder/odoo/release.py" ||
            die "ODOO_HOME=$1 is not an Odoo 19.0"
        (cd "$folder" && pwd)
        return
    done
    die "ODOO_HOME=$1 holds no Odoo: a git checkout or the folder of the" \
        "odoo package is expected"
}

download_odoo() {
    local log=$CACHE/log/odoo-download.log odoo=odoo-19=$ODOO_VERSION
    private_apt "$CACHE/apt" sid bookworm
    apt-get update --error-on=any >"$log" 2>&1 ||
        die "cannot read the Debian archive's lists (no network?); see $log"
    if ! apt-cache show "$odoo" >/dev/null 2>&1; then
        odoo=odoo-19/sid
        say "the archive no longer has odoo-19 $ODOO_VERSION: taking what it has"
    fi
    apt-get download "$odoo" "${ASSET_PACKAGES[@]/%//sid}" \
        "${BOOKWORM_PACKAGES[@]/%//bookworm}" >>"$log" 2>&1 ||
        die "cannot download Odoo's packages; see $log"
}

# Renaming comes last: an unpacked Odoo is either whole or not there.
unpack_odoo() {
    local new=$CACHE/odoo.new dangling
    # Two thirds of Odoo are translations: French is enough here.
    unpack_debs "$CACHE/log/odoo-unpack.log" "$CACHE/apt" "$new" \
        --exclude='*/i18n/[!f]*.po' --exclude='*/i18n/f[!r]*.po'
    dangling=$(find "$new" -xtype l ! -path "*/$HARMLESS_LINK" -printf '%P ')
    [[ -z $dangling ]] || say "Odoo's web client may miss files: $dangling"
    echo "$ODOO_STAMP" >"$new/.stamp"
    rm -rf "$CACHE/odoo"
    mv "$new" "$CACHE/odoo"
    rm -rf "$CACHE/apt"
}

fetch_odoo() {
    timed "downloading Odoo $ODOO_VERSION" download_odoo
    timed "unpacking Odoo" unpack_odoo
}

# ---- Python ----------------------------------------------------------------

make_venv() {
    local log=$CACHE/log/pip.log venv=$CACHE/venv
    local pip=("$venv/bin/python" -m pip install --quiet --no-input
        --disable-pip-version-check --constraint "$TOOLS/constraints.txt")
    rm -rf "$venv"
    "$1" -m venv "$venv" >"$log" 2>&1 ||
        die "$1 cannot make a virtual environment; see $log"
    "${pip[@]}" --requirement "$TOOLS/requirements.txt" >>"$log" 2>&1 ||
        die "pip could not install Odoo's libraries (no network?); see $log"
    "${pip[@]}" --no-deps --requirement "$TOOLS/oca.txt" >>"$log" 2>&1 ||
        die "pip could not install the OCA's addons; see $log"
    install_prettier
    echo "$2" >"$venv/.stamp"
}

# prettier is on npm alone, whose registry need not answer: only `make lint` and
# `make format` want it.
install_prettier() {
    local folder=$CACHE/venv/prettier
    [[ ! -d $folder/node_modules/prettier ]] || return 0
    mkdir -p "$folder"
    cp "$TOOLS"/prettier/*.json "$folder"
    "$CACHE/venv/bin/npm" ci --prefix "$folder" --no-audit --no-fund \
        >>"$CACHE/log/pip.log" 2>&1 || true
}

prepare_python() {
    local python stamp
    python=$(find_python) ||
        die "${PYTHON:-python3} is no Python from 3.10 to 3.13; set PYTHON to one"
    stamp=$("$python" -VV; realpath "$python";
        cat "$TOOLS"/{requirements,constraints,oca}.txt "$TOOLS"/prettier/*.json | sha256sum)
    [[ -x $CACHE/venv/bin/python && $stamp == "$(cat "$CACHE/venv/.stamp" 2>/dev/null)" ]] ||
        timed "installing Python libraries" make_venv "$python" "$stamp"
}

# Lets the venv import Odoo, and the stack know where it is.
link_odoo() {
    local pth
    pth=$(compgen -G "$CACHE/venv/lib/python3.*/site-packages")/odoo19.pth
    [[ $ODOO_PATH == "$(cat "$pth" 2>/dev/null)" ]] || echo "$ODOO_PATH" >"$pth"
    [[ $ODOO_PATH == "$(cat "$CACHE/odoo.path" 2>/dev/null)" ]] ||
        echo "$ODOO_PATH" >"$CACHE/odoo.path"
}

# ---- all of it -------------------------------------------------------------

# Sets ODOO_PATH, FETCH_ODOO where it has to be fetched, and ARCHIVE, from where:
# empty if it is not needed or if apt's sources name none.
plan() {
    FETCH_ODOO=
    ARCHIVE=
    ODOO_STAMP="$ODOO_VERSION ${ASSET_PACKAGES[*]} ${BOOKWORM_PACKAGES[*]}"
    ODOO_PATH=$CACHE/odoo/usr/lib/python3/dist-packages
    if [[ -n ${ODOO_HOME:-} ]]; then
        ODOO_PATH=$(resolve_odoo_home "${ODOO_HOME%/}")
    elif [[ $ODOO_STAMP != "$(cat "$CACHE/odoo/.stamp" 2>/dev/null)" ]]; then
        FETCH_ODOO=yes
    fi
    [[ -n $FETCH_ODOO ]] || ! have_wkhtmltopdf || return 0
    if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
        ARCHIVE=$(debian_archive) || ARCHIVE=
    fi
    [[ -z $FETCH_ODOO || -n $ARCHIVE ]] ||
        die "apt names no Debian archive here; install Odoo 19 yourself and set" \
            "ODOO_HOME"
}

prepare() {
    local packages jobs=() job failed=
    [[ $EUID -ne 0 ]] || umask 022 # for another user to read
    add_user
    check_user # before the downloads
    plan       # asks apt, which does not answer while it updates
    mapfile -t packages < <(missing_packages | tr ' ' '\n')
    if [[ ${#packages[@]} -gt 0 ]]; then
        command -v apt-get >/dev/null ||
            die "there is no apt-get here; install ${packages[*]} yourself"
        become_root "${packages[@]}"
    fi
    prepare_system "${packages[@]}" &
    jobs+=($!)
    # Without its venv module, or at all, Python has to come first.
    [[ ${packages[*]} != *python* ]] || wait "${jobs[0]}" || exit 1
    if [[ -n $FETCH_ODOO ]]; then
        fetch_odoo &
        jobs+=($!)
    fi
    prepare_python &
    jobs+=($!)
    for job in "${jobs[@]}"; do wait "$job" || failed=yes; done
    [[ -z $failed ]] || exit 1
    case $* in # where npm's registry did not answer when the others were installed
    tools/run_tests.py | *--long | *lint | *checks.py) install_prettier ;;
    esac
    link_odoo
}

stop() {
    [[ ! -x $CACHE/venv/bin/python || ! -d $CACHE/pg ]] ||
        "$CACHE/venv/bin/python" "$TOOLS/cli.py" stop
}

# By name: somebody may have pointed the variable at a folder of his own.
clean() {
    stop
    say "removing $CACHE"
    (cd "$CACHE" && rm -rf apt apt-wkhtmltopdf data home log odoo odoo.new odoo.path pg \
        run test venv wkhtmltopdf wkhtmltopdf.new .lock .user.lock \
        demo.json demo-simulator.sqlite* odoo.conf) # the last ones are from before
    rmdir "$CACHE" 2>/dev/null || say "left alone in there: $(ls -A "$CACHE")"
}

choose_cache
case ${1:-} in --stop | --clean) "${1#--}"; exit ;; esac
exec 9>"$CACHE/.lock"
flock -n 9 || { say "waiting for another bootstrap in $CACHE"; flock 9; }
prepare "$@"
exec 9>&- # what follows may leave servers running: they must not keep the lock
if [[ $# -gt 0 ]]; then
    exec "$CACHE/venv/bin/python" "$@"
fi
say "ready in $CACHE"
