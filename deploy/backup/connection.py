"""Prints, for a shell to evaluate, the address in a file without its password, and the password as PGPASSWORD.

Arguments of a process can be read by everybody on its machine; its environment by its own user.
"""

import shlex
import sys
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

with open(sys.argv[1], encoding="utf-8") as file:
    parts = urlsplit(file.read().strip())
if parts.scheme not in ("postgres", "postgresql"):
    sys.exit(f"{sys.argv[1]}: no address of PostgreSQL (postgres://…)")
who, at, server = parts.netloc.rpartition("@")
user, _, password = who.partition(":")
query = parse_qsl(parts.query, keep_blank_values=True)
passwords = [value for name, value in query if name == "password"]
others = urlencode([(name, value) for name, value in query if name != "password"])
print("address=" + shlex.quote(parts._replace(netloc=user + at + server, query=others).geturl()))
if password or passwords:
    print("export PGPASSWORD=" + shlex.quote(passwords[-1] if passwords else unquote(password)))
