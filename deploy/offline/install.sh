#!/bin/sh
# Installs rightsizer from this folder, without a network; run again with a newer folder, it upgrades.
# Options go to `rightsizer service install`: ./install.sh --enable --now
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

[ "$(id -u)" = 0 ] || refuse "run it as root: it writes $prefix and /etc"
[ "$(uname -m)" = "$MACHINE" ] || refuse "this bundle is for $MACHINE, this machine is $(uname -m)"
command -v "python$PYTHON" >/dev/null || refuse "this bundle is for Python $PYTHON, and there is no python$PYTHON here"
[ ! -e /usr/lib/systemd/system/rightsizer.service ] || refuse "a package brought rightsizer: upgrade it with dpkg -i"
sha256sum --check --quiet SHA256SUMS || refuse "the bundle is damaged: copy it again"

active=no
if systemctl is-active --quiet rightsizer.service 2>/dev/null; then
    active=yes
    systemctl stop rightsizer.service
fi

# What was there comes back if anything fails.
back() {
    rm -rf "$prefix"
    if [ -e "$prefix.before" ]; then mv "$prefix.before" "$prefix"; fi
    if [ $active = yes ]; then systemctl start rightsizer.service; fi
    echo "install.sh: nothing was installed, what was there stays" >&2
}
rm -rf "$prefix.before"
if [ -e "$prefix" ]; then mv "$prefix" "$prefix.before"; fi
trap back EXIT

# pip comes along: Debian's python3-venv is not needed.
"python$PYTHON" -m venv --without-pip "$prefix"
PIP_CONFIG_FILE=/dev/null PYTHONPATH=$(echo wheels/pip-*.whl) "$prefix/bin/python" -m pip install \
    --quiet --disable-pip-version-check --no-cache-dir --root-user-action ignore \
    --no-index --find-links wheels "rightsizer==$VERSION"
"$prefix/bin/rightsizer" --version
"$prefix/bin/rightsizer" service install "$@"

trap - EXIT
rm -rf "$prefix.before"
ln -sfn "$prefix/bin/rightsizer" /usr/local/bin/rightsizer
if [ $active = yes ]; then systemctl restart rightsizer.service; fi
