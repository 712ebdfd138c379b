#!/usr/bin/env bash
# Servers and programs that the tests use: those that are missing are named, and installed where this is allowed.
# SYSTEM_DEPS=no installs nothing. POSTGRES_VERSION=14 asks for that version of PostgreSQL, and for no other.
set -euo pipefail
export PATH=$PATH:/usr/sbin
missing=()
if [ -n "${POSTGRES_VERSION:-}" ]; then
    [ -x "/usr/lib/postgresql/$POSTGRES_VERSION/bin/initdb" ] || missing+=("postgresql-$POSTGRES_VERSION")
else
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
fi
command -v redis-server >/dev/null || missing+=(redis-server)
command -v chromium >/dev/null || missing+=(chromium)
command -v msgfmt >/dev/null || missing+=(gettext)
command -v nginx >/dev/null || missing+=(nginx-light)
command -v pgbouncer >/dev/null || missing+=(pgbouncer)
command -v git >/dev/null || missing+=(git)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "${SYSTEM_DEPS:-}" != no ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing system packages with apt-get (SYSTEM_DEPS=no prevents it): ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    printf '\n*** MISSING: %s\n*** Nothing was installed. The tests that need them will be SKIPPED.\n\n' "${missing[*]}" >&2
fi
