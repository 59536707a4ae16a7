# Refuses accounts of persons with the names of the services' users.
for account in @ACCOUNTS@; do
  uid=$(getent passwd "$account" | cut -d: -f3)
  if [ "${uid:-0}" -ge 1000 ]; then
    echo "narthex: $account (uid $uid) is the account of a person; the services need this name: rename the account with usermod --login" >&2
    exit 1
  fi
done
