#!/bin/sh
# Makes the folder that is the root of every image before the program is in it: `system-files.sh ARCHITECTURE FOLDER`, on
# Debian, as root. ARCHITECTURE is amd64 or arm64, that of this machine or the other one: packages are unpacked, and
# nothing of them is run.
set -eu
arch=$1
root=$2
case $arch in
  amd64) triplet=x86_64-linux-gnu loader=/lib64/ld-linux-x86-64.so.2 ;;
  arm64) triplet=aarch64-linux-gnu loader=/lib/ld-linux-aarch64.so.1 ;;
  *)
    echo "system-files.sh: there is no image for the architecture $arch; there is one for amd64, arm64" >&2
    exit 1
    ;;
esac

work=$(mktemp -d)
cd "$work"
dpkg --add-architecture "$arch"
apt-get update -qq
apt-get download -qq "libc6:$arch" "libgcc-s1:$arch" "libstdc++6:$arch" "busybox:$arch" \
  "netcat-traditional:$arch" ca-certificates netbase
# The libraries' licences lie in a package whose name has the compiler's version.
dpkg-deb -x libgcc-s1_*.deb libgcc-s1
apt-get download -qq "$(readlink libgcc-s1/usr/share/doc/libgcc-s1):$arch"
# Its list of commands is the same for every architecture, but only this machine's can be asked for it.
apt-get install -qq --no-install-recommends busybox >/dev/null

# As Debian has it: programs and libraries lie below /usr, and the old places lead there.
mkdir -p "$root/usr/bin" "$root/usr/lib/$triplet" "$root/etc/ssl/certs" "$root/var/lib/dpkg/status.d" "$root/var/log" \
  "$root/home" "$root/root" "$root/run"
for old in bin lib; do ln -s "usr/$old" "$root/$old"; done
ln -s bin "$root/usr/sbin"
ln -s usr/bin "$root/sbin"
ln -s ../run "$root/var/run"
chmod 700 "$root/root"
mkdir -m 1777 "$root/tmp" "$root/var/tmp"

for package in *.deb; do
  name=${package%%_*}
  dpkg-deb -x "$package" "$name"
  # Where scanners look for packages of images that have no dpkg.
  dpkg-deb -f "$package" >"$root/var/lib/dpkg/status.d/$name"
  mkdir -p "$root/usr/share/doc/$name"
done
for name in *-base ca-certificates busybox libc6 netbase netcat-traditional; do
  cp "$name/usr/share/doc/$name/copyright" "$root/usr/share/doc/$name/"
done

# What Node, its native parts and busybox are linked with. Names are looked up by libc itself.
libraries=$root/usr/lib/$triplet
for library in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 libresolv.so.2 librt.so.1; do
  cp "libc6/lib/$triplet/$library" "$libraries/"
done
cp "libgcc-s1/lib/$triplet/libgcc_s.so.1" "$libraries/"
cp -L "libstdc++6/usr/lib/$triplet/libstdc++.so.6" "$libraries/"
cp -L "libc6/lib/$triplet/${loader##*/}" "$libraries/"
[ -e "$root${loader%/*}" ] || mkdir "$root${loader%/*}"
ln -s "/usr/lib/$triplet/${loader##*/}" "$root$loader"

# Not the static one: its shell runs its own commands before those of PATH, and our wget and this nc, which knows -z, never.
cp busybox/bin/busybox "$root/usr/bin/"
cp netcat-traditional/bin/nc.traditional "$root/usr/bin/nc"
for command in $(busybox --list); do
  # wget has a script of ours before it.
  [ "$command" = wget ] || [ -e "$root/usr/bin/$command" ] || ln -s busybox "$root/usr/bin/$command"
done

cat ca-certificates/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
cp netbase/etc/services netbase/etc/protocols "$root/etc/"
cp /usr/lib/os-release "$root/usr/lib/"
ln -s ../usr/lib/os-release "$root/etc/os-release"
echo "hosts: files dns" >"$root/etc/nsswitch.conf"
cat >"$root/etc/passwd" <<'USERS'
root:x:0:0:root:/root:/bin/sh
grafana:x:472:0:grafana:/usr/share/grafana:/bin/sh
nobody:x:65534:65534:nobody:/home:/bin/false
USERS
cat >"$root/etc/group" <<'GROUPS'
root:x:0:
grafana:x:472:
nobody:x:65534:
GROUPS
# The same files make the same layer, which whoever has it need not download again.
find "$root" -exec touch -h -d @0 {} +
rm -r "$work"
