#!/bin/bash
# Creates the database at the first start, as the variables say, and then executes the server.
set -e
: "${POSTGRES_PASSWORD:?is needed}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # Not quoted, so that the value is split into words.
  initdb $POSTGRES_INITDB_ARGS --auth=scram-sha-256 --username="$POSTGRES_USER" --pwfile=<(echo "$POSTGRES_PASSWORD") >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  pg_ctl start --wait --silent --options="-c listen_addresses=''" >/dev/null
  PGPASSWORD=$POSTGRES_PASSWORD createdb --username="$POSTGRES_USER" --maintenance-db=postgres "$POSTGRES_DB"
  pg_ctl stop --wait --silent --mode=fast
fi
exec "$@" -c listen_addresses='*'
