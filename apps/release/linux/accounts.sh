# Creates the users of the services, and one that compiles the program. Refuses an account of a person.
for account in @ACCOUNTS@; do
  if entry=$(getent passwd "$account"); then
    uid=$(echo "$entry" | cut -d: -f3)
    if [ "$uid" -ge 1000 ]; then
      echo "narthex: $account (uid $uid) is the account of a person; the services need this name: rename the account with usermod --login" >&2
      exit 1
    fi
  else
    getent group "$account" >/dev/null || groupadd --system "$account"
    useradd --system --gid "$account" --home-dir /var/lib/narthex --no-create-home --shell /usr/sbin/nologin \
      --comment Narthex "$account"
  fi
done
