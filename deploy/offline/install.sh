#!/bin/sh
# Installs rightsizer from this folder, without a network; run again with a newer folder, it upgrades.
# Options, as of `rightsizer service install`: ./install.sh --enable --now
# Another place than /opt/rightsizer: PREFIX=/srv/rightsizer ./install.sh
set -eu
umask 022 # what root keeps to itself the service could not read
cd "$(dirname "$0")"
. ./bundle.env
prefix=${PREFIX:-/opt/rightsizer}

refuse() {
    echo "install.sh: $*" >&2
    exit 1
}

for word in "$@"; do
    case $word in --enable | --now) ;; *) refuse "there is no option $word: --enable, --now" ;; esac
done
[ "$(id -u)" = 0 ] || refuse "run it as root: it writes $prefix and /etc"
[ "$(uname -m)" = "$MACHINE" ] || refuse "this bundle is for $MACHINE, this machine is $(uname -m)"
command -v "python$PYTHON" >/dev/null || refuse "this bundle is for Python $PYTHON, and there is no python$PYTHON here"
[ ! -e /usr/lib/systemd/system/rightsizer.service ] || refuse "a package brought rightsizer: upgrade it with dpkg -i"
sha256sum --check --quiet SHA256SUMS || refuse "the bundle is damaged: copy it again"

active=no
if systemctl is-active --quiet rightsizer.service 2>/dev/null; then active=yes; fi

# While $prefix.before is there, what lies in $prefix is unfinished.
put_back() {
    if [ -e "$prefix.before" ]; then
        rm -rf "$prefix"
        mv "$prefix.before" "$prefix"
    elif [ $fresh = yes ]; then
        rm -rf "$prefix"
    fi
}
# What was there comes back if anything fails: the program, which writes its own unit again, and the daemon.
back() {
    trap '' INT TERM HUP
    put_back
    if [ -x "$prefix/bin/rightsizer" ]; then "$prefix/bin/rightsizer" service install >/dev/null || true; fi
    if [ $active = yes ]; then systemctl start rightsizer.service || true; fi
    echo "install.sh: no program was installed, the one that was there stays; files in /etc, once written, stay too" >&2
}
fresh=no
put_back # a run that was killed
[ -e "$prefix" ] || fresh=yes
trap back EXIT
trap 'exit 1' INT TERM HUP # without it dash would end at once
if [ $active = yes ]; then systemctl stop rightsizer.service; fi
if [ -e "$prefix" ]; then mv "$prefix" "$prefix.before"; fi

# pip comes along: Debian's python3-venv is not needed.
"python$PYTHON" -m venv --without-pip "$prefix"
PIP_CONFIG_FILE=/dev/null PYTHONPATH=$(echo wheels/pip-*.whl) "$prefix/bin/python" -m pip install \
    --quiet --disable-pip-version-check --no-cache-dir --root-user-action ignore \
    --no-index --find-links wheels "rightsizer==$VERSION"
"$prefix/bin/rightsizer" --version
"$prefix/bin/rightsizer" service install

# From here on the new program stays: once started it upgrades the register, which the old one then refuses.
stays() {
    [ $? = 0 ] || echo "install.sh: the new program is in $prefix and stays, but the service is not started: see" \
        "journalctl -u rightsizer, then systemctl start rightsizer" >&2
}
trap stays EXIT
rm -rf "$prefix.old"
if [ -e "$prefix.before" ]; then mv "$prefix.before" "$prefix.old"; fi
rm -rf "$prefix.old"
ln -sfn "$prefix/bin/rightsizer" /usr/local/bin/rightsizer
if [ $# != 0 ]; then "$prefix/bin/rightsizer" service install "$@"; fi
if [ $active = yes ]; then systemctl start rightsizer.service; fi
