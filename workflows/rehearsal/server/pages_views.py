"""Pages of the stand-in: log-in, forms page by page, records with their history, calls."""

from __future__ import annotations

import json
import secrets
from typing import Any

from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from workflows.reader import Form, FormAction

from ..drafts import may_submit
from ..filling import SUMMARY, Filling, PageView, Vanished
from ..formdata import Formdata
from ..people import Person, Session
from ..running import Offer, copy_to_edit, form_view, keep_edit, messages, offers, pass_time, start, take
from ..site import Site
from ..values import NOTHING
from .given import given, keep_typed
from .rendering import Renderer

COOKIE = "standin-session"
RULES = Map(
    [
        Rule("/", endpoint="home"),
        Rule("/login/", endpoint="login"),
        Rule("/logout/", endpoint="logout", methods=["POST"]),
        Rule("/calls/", endpoint="calls"),
        Rule("/time/", endpoint="time", methods=["POST"]),
        Rule("/backoffice/", endpoint="home"),
        Rule("/backoffice/submission/", endpoint="home"),
        Rule("/backoffice/submission/<slug>/", endpoint="new_for_citizen"),
        Rule("/backoffice/submission/<slug>/<int:number>/", endpoint="fill_as_agent"),
        Rule("/backoffice/management/<slug>/<int:number>/", endpoint="record_of_agent"),
        Rule("/<slug>/", endpoint="new"),
        Rule("/<slug>/<int:number>/", endpoint="record_of_citizen"),
        Rule("/<slug>/<int:number>/fill/", endpoint="fill"),
        Rule("/<slug>/<int:number>/edit/<key>/", endpoint="edit"),
    ]
)


class Pages:
    """Answers what is not below `/api/`."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.render = Renderer(site)
        self.sessions: dict[str, Session] = {}
        self.edits: dict[tuple[int, str], Formdata] = {}

    def answer(self, request: Request) -> Response:
        """One page. Raises `HTTPException`."""
        cookie = request.cookies.get(COOKIE, "")
        if cookie not in self.sessions:
            cookie = secrets.token_hex(16)
            self.sessions[cookie] = Session()
        try:
            endpoint, values = RULES.bind_to_environ(request.environ).match()
        except RequestRedirect as moved:
            return redirect(moved.new_url)
        view = getattr(self, f"_{endpoint}")
        response: Response = view(request, self.sessions[cookie], **values)
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax")
        return response

    def not_found(self, request: Request) -> Response:
        """The page for what is not there."""
        session = self.sessions.get(request.cookies.get(COOKIE, ""), Session())
        return self.render("not_found.html", session, status=404)

    # -- home, log-in

    def _home(self, request: Request, session: Session) -> Response:
        records = [record for record in self.site.records.values() if not record.removed]
        return self.render(
            "home.html",
            session,
            forms=[
                {
                    "form": form,
                    "submits": may_submit(self.site, form, session.user),
                    "disabled": self.site.is_disabled(form),
                }
                for form in self.site.library.of(Form)
            ],
            records=[self._line(record) for record in reversed(records) if not record.draft],
            drafts=[self._line(record) for record in reversed(records) if record.draft and record.backoffice],
        )

    def _line(self, record: Formdata) -> dict[str, Any]:
        return {"record": record, "status": self._status(record), "urls": self.site.urls(record)}

    def _status(self, record: Formdata) -> str:
        workflow = self.site.workflow(record.form)
        status = workflow.status(record.status) if workflow and record.status else None
        return status.name if status else ""

    def _login(self, request: Request, session: Session) -> Response:
        back = _local(request.values.get("next", "/"))
        if request.method == "POST":
            session.log_in(self.site.people.get(request.form.get("person", "")))
            return redirect(back)
        return self.render("login.html", session, people=list(self.site.people.values()), next=back)

    def _logout(self, request: Request, session: Session) -> Response:
        session.log_in(None)
        return redirect("/")

    def _calls(self, request: Request, session: Session) -> Response:
        return self.render(
            "calls.html", session, calls=list(reversed(self.site.trace.calls)), notices=self.site.trace.notices
        )

    def _time(self, request: Request, session: Session) -> Response:
        seconds = request.form.get("seconds", "")
        if seconds.isdigit():
            self.site.clock.move(min(int(seconds), 400 * 86400))
            for record in list(self.site.records.values()):
                with self.site.state:
                    pass_time(self.site, record)
        return redirect(_local(request.form.get("next", "/")))

    # -- filling

    def _form(self, slug: str) -> Form:
        form = self.site.form(slug)
        if form is None:
            raise NotFound
        return form

    def _draft(self, slug: str, number: int) -> Formdata:
        record = self.site.record(slug, number)
        if record is None:
            raise NotFound
        return record

    def _agent_refused(self, request: Request, session: Session, form: Form) -> Response | None:
        """The way to the log-in, or the refusal, of somebody who may not submit the form (§2.2)."""
        if session.user is None:
            return redirect(f"/login/?next={request.path}")
        if not may_submit(self.site, form, session.user):
            return self.render("refused.html", session, status=403)
        return None

    def _new(self, request: Request, session: Session, slug: str) -> Response:
        record = self.site.new_record(self._form(slug))
        return redirect(f"/{slug}/{record.id}/fill/")

    def _new_for_citizen(self, request: Request, session: Session, slug: str) -> Response:
        form = self._form(slug)
        refused = self._agent_refused(request, session, form)
        if refused is not None:
            return refused
        # Parameters of the address that make a draft (§2.5).
        context, user = self._named_in_address(request)
        record = self.site.new_record(form, backoffice=True, agent=session.user, user=user, context=context)
        return redirect(f"/backoffice/submission/{slug}/{record.id}/")

    def _named_in_address(self, request: Request) -> tuple[dict[str, Any], Person | None]:
        """The context that an address makes, and the citizen that it names (§2.5)."""
        names = {"ReturnURL": "return_url", "cancelurl": "cancel_url"}
        context: dict[str, Any] = {key: request.args[name] for name, key in names.items() if name in request.args}
        locked = {}
        channel = request.args.get("channel", "")
        if channel:
            locked["channel"] = channel
        if channel == "phone" and "caller" in request.args:
            context["caller"] = request.args["caller"]
        user = self.site.person(name_id=request.args.get("NameID", ""))
        if user is not None:
            locked["user_id"] = str(user.id)
        if locked:
            context["submission-locked"] = locked
        return context, user

    def _fill_as_agent(self, request: Request, session: Session, slug: str, number: int) -> Response:
        record = self._draft(slug, number)
        refused = self._agent_refused(request, session, record.form)
        if refused is not None:
            return refused
        if not record.draft:
            return self.render("submitted.html", session, urls=self.site.urls(record))
        if request.method == "POST" and "cancel" in request.form:
            # Only the draft is deleted: the adapter learns of it by the address it gave (§2.4).
            record.removed = True
            way = record.context.get("cancel_url") or record.context.get("return_url") or "/"
            return redirect(str(way))
        return self._filled(request, session, record)

    def _fill(self, request: Request, session: Session, slug: str, number: int) -> Response:
        record = self._draft(slug, number)
        if not record.draft:
            return redirect(self.site.urls(record).front)
        if request.method == "POST" and "cancel" in request.form:
            record.removed = True
            return redirect("/")
        return self._filled(request, session, record)

    def _filled(self, request: Request, session: Session, record: Formdata) -> Response:
        filling = Filling(self.site, record, session, request.args)
        view: PageView | None = None
        more = request.form.get("add_row", "")
        if request.method == "POST" and "back" not in request.form and not more:
            on_summary = record.page == SUMMARY
            view = None if on_summary else filling.submit(given(request, record.form.fields))
            if view is None and (on_summary or (record.page == SUMMARY and not filling.has_summary)):
                return self._finish(filling, session, record)
        if view is None:
            view = self._shown_again(filling, request)
        return self.render("fill.html", session, record=record, view=view, form=record.form)

    def _shown_again(self, filling: Filling, request: Request) -> PageView:
        """The page; with a further row of a block, and what was typed so far, when one was asked for."""
        more = request.form.get("add_row", "")
        if not more:
            return filling.show(back=request.method == "POST" and "back" in request.form)
        typed = given(request, filling.record.form.fields)
        view = filling.show(rows={name: len(rows) + (name == more) for name, rows in typed.items() if _is_rows(rows)})
        keep_typed(view.widgets, typed)
        return view

    def _finish(self, filling: Filling, session: Session, record: Formdata) -> Response:
        urls = self.site.urls(record)
        way = urls.backoffice if record.backoffice else urls.front
        with self.site.state:
            if not record.draft:
                return redirect(way)
            try:
                filling.finish()
            except Vanished as vanished:
                view = filling.show()
                view.errors.append(self.render.words["vanished"])
                return self.render("fill.html", session, record=record, view=view, form=record.form, gone=vanished)
        running = start(self.site, record, session)
        return redirect(running.url or way)

    # -- editing

    def _edit_url(self, record: Formdata, offer: Offer) -> str:
        return f"/{record.form.slug}/{record.id}/edit/{offer.key}/"

    def _edit(self, request: Request, session: Session, slug: str, number: int, key: str) -> Response:
        """The pages of a record once more, on a copy that replaces its answers at the end."""
        record, way = self._draft(slug, number), f"/backoffice/management/{slug}/{number}/"
        found = (
            (acting, offer)
            for acting in (session, Session(record.user))
            for offer in offers(self.site, record, acting)
            if offer.kind == "edit" and offer.key == key
        )
        acting, offer = next(found, (session, None))
        if offer is None:
            raise Forbidden("This action is not available any more.")
        back_to = way if session.user and session.user.roles else self.site.urls(record).front
        edited = self.edits.setdefault((number, key), copy_to_edit(record))
        if request.method == "POST" and "cancel" in request.form:
            del self.edits[number, key]
            return redirect(back_to)
        filling, refused = Filling(self.site, edited, acting), None
        if request.method == "POST" and not {"back", "add_row"} & set(request.form):
            refused = filling.submit(given(request, record.form.fields))
            if refused is None and edited.page == SUMMARY:
                with self.site.state:
                    running = keep_edit(self.site, record, edited, acting, offer)
                del self.edits[number, key]
                return redirect(running.url or back_to)
        view = refused or self._shown_again(filling, request)
        return self.render("fill.html", session, record=edited, view=view, form=record.form)

    # -- records

    def _record_of_agent(self, request: Request, session: Session, slug: str, number: int) -> Response:
        record = self._draft(slug, number)
        if record.draft:
            return redirect(f"/backoffice/submission/{slug}/{number}/")
        if session.user is None:
            return redirect(f"/login/?next={request.path}")
        if not session.user.roles:
            return self.render("refused.html", session, status=403)
        return self._record(request, session, record, agent=True)

    def _record_of_citizen(self, request: Request, session: Session, slug: str, number: int) -> Response:
        record = self._draft(slug, number)
        if record.draft:
            return redirect(f"/{slug}/{number}/fill/")
        return self._record(request, session, record, agent=False)

    def _record(self, request: Request, session: Session, record: Formdata, *, agent: bool) -> Response:
        # What a citizen may do is asked for whoever sent the form: the stand-in has no tracking code to type.
        acting = session if agent else Session(record.user)
        available = offers(self.site, record, acting)
        refused: dict[str, PageView] = {}
        if request.method == "POST":
            offer = next((one for one in available if one.key == request.form.get("offer")), None)
            if offer is None:
                raise Forbidden("This action is not available any more.")
            if offer.kind == "edit":
                return redirect(self._edit_url(record, offer))
            with self.site.state:
                running, view = take(self.site, record, acting, offer, _answers_to(request, offer))
            if view is None:
                return redirect(running.url or request.path)
            available = offers(self.site, record, acting)
            # What stopped a button is shown at the form beside it.
            refused[next((one.key for one in available if one.kind == "form"), offer.key)] = view
        urls = self.site.urls(record)
        return self.render(
            "record.html",
            session,
            record=record,
            agent=agent,
            status_name=self._status(record),
            answers=_answers(record, self.site),
            offers=[self._shown(offer, refused, record, acting) for offer in available],
            urls=urls,
            messages=messages(self.site, record, acting),
            context=json.dumps(record.context, indent=2, ensure_ascii=False),
        )

    def _shown(self, offer: Offer, refused: dict[str, PageView], record: Formdata, session: Session) -> dict[str, Any]:
        view = refused.get(offer.key)
        if view is None and isinstance(offer.action, FormAction):
            view = form_view(self.site, record, session, offer.action)
        return {"offer": offer, "view": view}


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _answers_to(request: Request, offer: Offer) -> dict[str, Any]:
    """What was given to an offer: to the form of an action, or a comment."""
    action = offer.action
    fields = action.form.fields if isinstance(action, FormAction) and action.form else []
    return {**given(request, fields), "comment": request.form.get("comment", "")}


def _answers(record: Formdata, site: Site) -> list[tuple[str, Any]]:
    workflow = site.workflow(record.form)
    backoffice = workflow.backoffice_fields.fields if workflow and workflow.backoffice_fields else []
    found = []
    for field in [*record.form.fields, *backoffice]:
        stored = record.data.get(field.id, NOTHING)
        if field.type != "computed" and stored.raw not in (None, ""):
            found.append((field.label, stored.display or stored.raw))
    return found


def _local(way: str) -> str:
    """A path of this site, the home page for anything else."""
    return way if way.startswith("/") and not way.startswith("//") and "\\" not in way else "/"
