#!/bin/sh
# Into an empty database: restore.sh FILE_WITH_THE_ADDRESS FILE
# Stop web, worker and scheduler first; docs/admins/backup.md tells what to do afterwards.
set -eu
connection=$(python3 "$(dirname "$0")/connection.py" "$1")
eval "$connection"
file=$2
tables=$(psql --no-psqlrc --tuples-only --no-align --command "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'" "$address")
if [ "$tables" != 0 ]; then
    echo "This database is not empty ($tables tables): create a new one." >&2
    exit 1
fi
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$address" "$file"
# Tables of the server are not ours to analyze: that is no news.
PGOPTIONS="-c client_min_messages=error" psql --no-psqlrc --quiet --command ANALYZE "$address"
