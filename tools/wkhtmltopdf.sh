# shellcheck shell=bash disable=SC2154 # what is not set here, bootstrap.sh sets
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
#
# The part of bootstrap.sh that is about wkhtmltopdf.

# What makes the PDFs, and the libraries that it loads, for systems newer than
# Debian 12, which have it no longer. The C and C++ libraries are the system's.
WKHTMLTOPDF_PACKAGES=(
    wkhtmltopdf libblkid1 libbrotli1 libbsd0 libbz2-1.0 libcom-err2
    libdouble-conversion3 libdw1 libelf1 libexpat1 libffi8 libfontconfig1
    libfreetype6 libgl1 libglib2.0-0 libglvnd0 libglx0 libgraphite2-3
    libgssapi-krb5-2 libgstreamer-plugins-base1.0-0 libgstreamer1.0-0
    libharfbuzz0b libhyphen0 libicu72 libjpeg62-turbo libk5crypto3 libkeyutils1
    libkrb5-3 libkrb5support0 liblzma5 libmd0 libmd4c0 libmount1 liborc-0.4-0
    libpcre2-16-0 libpcre2-8-0 libpng16-16 libqt5core5a libqt5gui5 libqt5network5
    libqt5positioning5 libqt5printsupport5 libqt5qml5 libqt5qmlmodels5
    libqt5quick5 libqt5sensors5 libqt5svg5 libqt5webchannel5 libqt5webkit5
    libqt5widgets5 libselinux1 libsqlite3-0 libunwind8 libwebp7 libwoff1 libx11-6
    libxau6 libxcb1 libxdmcp6 libxml2 libxslt1.1 libzstd1 zlib1g
)

have_wkhtmltopdf() {
    command -v wkhtmltopdf >/dev/null ||
        [[ ${WKHTMLTOPDF_PACKAGES[*]} == "$(cat "$CACHE/wkhtmltopdf/.stamp" 2>/dev/null)" ]]
}

fetch_wkhtmltopdf() {
    local log=$CACHE/log/wkhtmltopdf.log dir=$CACHE/apt-wkhtmltopdf
    local new=$CACHE/wkhtmltopdf.new
    [[ -n $ARCHIVE ]] || die "apt has no wkhtmltopdf here; install one yourself"
    private_apt "$dir" bookworm
    apt-get update --error-on=any >"$log" 2>&1 &&
        apt-get download "${WKHTMLTOPDF_PACKAGES[@]}" >>"$log" 2>&1 ||
        die "cannot download wkhtmltopdf (no network?); see $log"
    unpack_debs "$log" "$dir" "$new" --exclude=./usr/share/doc
    wrap_wkhtmltopdf "$new"
    # It runs in here, unless a library of the system's is missing or too old.
    "$new/bin/wkhtmltopdf" --version >>"$log" 2>&1 ||
        die "the wkhtmltopdf of Debian 12 does not run here; see $log"
    echo "${WKHTMLTOPDF_PACKAGES[*]}" >"$new/.stamp"
    rm -rf "$CACHE/wkhtmltopdf" "$dir"
    mv "$new" "$CACHE/wkhtmltopdf"
}

# The folder `bin` is the bin_path of the stack's odoo.conf.
wrap_wkhtmltopdf() {
    local lib name
    lib=$(dirname "$(compgen -G "$1/usr/lib/*/libQt5Core.so.5")")
    lib=${lib#"$1"}
    mkdir "$1/bin"
    for name in wkhtmltopdf wkhtmltoimage; do
        cat >"$1/bin/$name" <<EOF
#!/bin/sh
root=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
export LD_LIBRARY_PATH="\$root$lib:\$root/lib/$(basename "$lib")"
export QT_PLUGIN_PATH="\$root$lib/qt5/plugins" QT_QPA_PLATFORM=offscreen
exec "\$root/usr/bin/$name" "\$@"
EOF
        chmod 755 "$1/bin/$name"
    done
}
