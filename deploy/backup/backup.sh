#!/bin/sh
# One file with everything that is worth keeping: backup.sh POSTGRES_ADDRESS FILE
# The address is that of PostgreSQL itself (postgres://…), not of PgBouncer.
set -eu
address=$1 file=$2
umask 077
# A dump is taken as of one moment, while bookings go on; it is whole or not there.
pg_dump --format=custom --no-owner --no-privileges --file="$file.part" "$address"
pg_restore --list "$file.part" >/dev/null
mv "$file.part" "$file"
