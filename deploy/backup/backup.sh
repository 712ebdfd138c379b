#!/bin/sh
# One file with everything that is worth keeping: backup.sh FILE_WITH_THE_ADDRESS FILE
# The address is that of PostgreSQL itself (postgres://…), not of PgBouncer. It is read from its file, as the adapter
# does, so that no list of processes shows the password.
set -eu
connection=$(python3 "$(dirname "$0")/connection.py" "$1")
eval "$connection"
file=$2
umask 077
# A dump is taken as of one moment, while bookings go on; it is whole or not there.
pg_dump --format=custom --no-owner --no-privileges --file="$file.part" --dbname="$address"
pg_restore --list "$file.part" >/dev/null
mv "$file.part" "$file"
