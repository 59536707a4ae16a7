#!/bin/sh
# Runs the installed version: `activate.sh [SECONDS]`. Running processes load files lazily, so each version runs from a
# folder of its own. The package manager replaces /usr/lib/narthex/files; this script links its files into a new folder of
# /usr/lib/narthex/versions, points `current` to it, restarts running services and removes folders that no process uses.
# SECONDS limits the time for compiling the program.
set -eu

home=/usr/lib/narthex
units='@UNITS@'
# A run that was killed may have left these.
rm -rf "$home/current.new" "$home"/compile.*
install -d -m 0755 "$home/versions"
next=$(mktemp -d "$home/versions/@VERSION@.XXXXXX")
chmod 0755 "$next"
# Hard links need no space. Some file systems do not have them.
cp -al "$home/files/." "$next" 2>/dev/null || cp -a --remove-destination "$home/files/." "$next"
ln -sfn "versions/${next##*/}" "$home/current.new"
mv -fT "$home/current.new" "$home/current"

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  systemctl try-restart $units || true
fi

for version in "$home"/versions/*; do
  [ "$version" != "$next" ] || continue
  ls -l /proc/[0-9]*/exe 2>/dev/null | grep -qF "$version/" || rm -rf "$version"
done

# Compiles the program with V8 for this machine. A failure only makes the first start slower. The user narthex compiles in a
# copy; root takes over regular files of it, as new files that narthex cannot change.
command -v setpriv >/dev/null || exit 0
work=$(mktemp -d "$home/compile.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"
cp -al "$next/lib/narthex" "$work/bundle" 2>/dev/null || cp -a --remove-destination "$next/lib/narthex/." "$work/bundle"
mkdir "$work/tmp"
chown narthex:narthex "$work/bundle/code-cache" "$work/tmp"
(umask 022 && cd / && TMPDIR="$work/tmp" HOME="$work/tmp" setpriv --reuid=narthex --regid=narthex --clear-groups --no-new-privs \
  timeout "${1:-60}" "$next/lib/node" "$next/lib/code-cache-fill/fill-code-caches.mjs" "$work/bundle") >/dev/null 2>&1 || true
cp -RP "$work/bundle/code-cache/." "$next/lib/narthex/code-cache" || true
find "$next/lib/narthex/code-cache" -mindepth 1 ! -type f -delete || true
chown -R root:root "$next/lib/narthex/code-cache"
chmod -R u=rwX,go=rX "$next/lib/narthex/code-cache"
