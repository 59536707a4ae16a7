# Creates the users of the services, and one that compiles the program.
for account in @ACCOUNTS@; do
  if ! getent passwd "$account" >/dev/null; then
    getent group "$account" >/dev/null || groupadd --system "$account"
    useradd --system --gid "$account" --home-dir /var/lib/narthex --no-create-home --shell /usr/sbin/nologin \
      --comment Narthex "$account"
  fi
done
