"""A site of w.c.s. in memory: definitions, people, records, secrets, and the way to the agendas."""

from __future__ import annotations

import datetime
import itertools
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from workflows.languages import Language
from workflows.reader import Field, Form, Library, Workflow

from .clock import Clock
from .formdata import Formdata
from .http import Answer, Client
from .options import options_of
from .people import Person, Session
from .scope import Request, Scope
from .signature import Nonces
from .trace import Trace
from .values import Index, indexed

#: Letters of tracking codes: none that is taken for another.
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


class Urls(NamedTuple):
    """Addresses of a record, each with its final slash."""

    front: str
    backoffice: str
    api: str


@dataclass(frozen=True)
class Settings:
    """Where things are. `url` is the site's own address, `agendas_url` the adapter's, both with a final slash.

    `secrets` (host without port → key) sign what is sent, `known` (orig → key) check what comes in; those of `known`
    that are API users have their roles in `api_users`. `variables` are site variables besides `agendas_url`, `orig` is
    what the site calls itself in signatures, its host by default. A `confined` site calls the adapter and itself, and
    nobody else.
    """

    url: str
    agendas_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    api_users: Mapping[str, frozenset[str]] = field(default_factory=dict)
    orig: str = ""
    time_zone: str = "Europe/Paris"
    language: Language = "fr"
    first_number: int = 1
    confined: bool = False


class Site:
    """Everything the stand-in knows. Records live in memory; `trace` holds calls and notices."""

    def __init__(self, library: Library, settings: Settings, *, clock: Clock | None = None) -> None:
        self.library = library
        self.settings = settings
        self.language = settings.language
        self.time_zone = settings.time_zone
        self.clock = clock or Clock()
        self.trace = Trace()
        self.client = Client(
            settings.orig or urlsplit(settings.url).hostname or "",
            settings.secrets,
            self.clock,
            self.trace,
            only=tuple(filter(None, (settings.url, settings.agendas_url))) if settings.confined else (),
        )
        self.nonces = Nonces()
        self.people: dict[str, Person] = {}
        self.records: dict[tuple[str, int], Formdata] = {}
        self.variables: dict[str, Any] = {
            "agendas_url": settings.agendas_url,
            # The name that older sites gave to the same address.
            "chrono_url": settings.agendas_url,
            "eservices_url": settings.url,
            **settings.variables,
        }
        #: Form → roles that may submit it, besides those written in its definition.
        self.given_roles: dict[str, set[str]] = {}
        #: Forms that an administrator has enabled since their import.
        self.enabled: set[str] = set()
        self._indexes: dict[Form, Index] = {}
        self._cache: dict[str, tuple[datetime.datetime, Answer]] = {}
        self._options: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(settings.first_number)
        self.state = threading.RLock()

    # -- words

    def say(self, english: str, french: str) -> str:
        """The text in the language of the site."""
        return french if self.language == "fr" else english

    # -- definitions

    def form(self, slug: str) -> Form | None:
        """The form of a slug."""
        found = self.library.find("formdef", slug)
        return found if isinstance(found, Form) else None

    def is_disabled(self, form: Form) -> bool:
        """Whether nobody may fill the form in."""
        return form.text("disabled") == "true" and form.slug not in self.enabled

    def workflow(self, form: Form) -> Workflow | None:
        """The workflow of a form, when it was given."""
        return self.library.workflow_of(form)

    def options(self, form: Form) -> dict[str, Any]:
        """Values of the workflow's variables for a form; may be changed by `set_option`."""
        if form.slug not in self._options:
            self._options[form.slug] = options_of(form)
        return self._options[form.slug]

    def set_option(self, form: Form, variable: Field, item_id: str | list[str], text: str, structured: Any) -> None:
        """Choose the value of a variable as an administrator does in the settings of the form."""
        chosen = {"": item_id, "_display": text, "_structured": structured}
        self.options(form).update({f"{variable.varname}{suffix}": value for suffix, value in chosen.items()})

    def index(self, form: Form) -> Index:
        """The fields of a form and the backoffice fields of its workflow, by varname."""
        if form not in self._indexes:
            workflow = self.workflow(form)
            backoffice = workflow.backoffice_fields if workflow else None
            self._indexes[form] = indexed([*form.fields, *(backoffice.fields if backoffice else [])])
        return self._indexes[form]

    def block_fields(self, slug: str) -> list[Field]:
        """The fields of a block, none when it was not given."""
        found = self.library.block(slug)
        return found.fields if found is not None else []

    def digest(self, record: Formdata) -> str:
        """The text that stands for a record, of the template that its form has for it."""
        templates = record.form.children("digest_templates")
        source = next((element.text or "" for element in templates if element.get("key") == "default"), "")
        return (self.scope(record).text(source, record.form) or "") if source else ""

    # -- people

    def add(self, person: Person) -> Person:
        """Make a user known."""
        self.people[person.name_id] = person
        return person

    def api_user(self, orig: str) -> Person | None:
        """The API user that signs as `orig`, when it has a role; a mere shared secret is none (§1.1)."""
        roles = self.settings.api_users.get(orig, frozenset())
        return Person(0, "", orig, "", frozenset(roles)) if orig and roles else None

    def person(self, *, name_id: str = "", email: str = "") -> Person | None:
        """A user by uuid, else by e-mail address (§1.1)."""
        if name_id:
            return self.people.get(name_id)
        return next((person for person in self.people.values() if email and person.email == email), None)

    # -- records

    def new_record(self, form: Form, **values: Any) -> Formdata:
        """A new draft, with the next number."""
        with self.state:
            number = next(self._numbers)
            record = Formdata(form, number, self.clock.now(), **values)
            if form.text("enable_tracking_codes") == "true":
                record.tracking_code = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
            self.records[form.slug, number] = record
        return record

    def record(self, slug: str, number: int) -> Formdata | None:
        """A record or draft that was not removed."""
        found = self.records.get((slug, number))
        return None if found is None or found.removed else found

    def urls(self, record: Formdata) -> Urls:
        """The addresses of a record (§1.4)."""
        place = f"{record.form.slug}/{record.id}/"
        base = self.settings.url
        return Urls(f"{base}{place}", f"{base}backoffice/management/{place}", f"{base}api/forms/{place}")

    # -- answers kept for longer than a request (§4.3, §6.5)

    def cached(self, url: str) -> Answer | None:
        """The answer that is kept for an address."""
        found = self._cache.get(url)
        return found[1] if found and found[0] > self.clock.now() else None

    def keep(self, url: str, answer: Answer, seconds: str) -> None:
        """Keep an answer so long; digits, anything else keeps nothing."""
        if seconds.isdecimal() and int(seconds):
            self._cache[url] = self.clock.now() + datetime.timedelta(seconds=int(seconds)), answer

    def scope(self, record: Formdata, session: Session | None = None, request: Request | None = None) -> Scope:
        """Variables of a record, in a new request unless one is given."""
        return Scope(self, request or Request(session or Session()), record)
