"""``manage.py doctor``: what it sees, how bad it finds it, and what it says to monitoring."""

from __future__ import annotations

import datetime
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from adapter.agendas.models import Callback, CallbackState, Reminder
from adapter.agendas.services import BookingDetails, BookingRequest, FillslotRequest, HoldRequest, cancel, confirm, hold
from adapter.agendas.services import fillslot as fill
from adapter.clock import now, real_now
from adapter.ops.doctor import Level, examine
from adapter.wcs import client
from adapter.wcs.models import Caller
from tasks.models import TaskRun
from tasks.recording import scheduler_started
from tasks.schedule import DAY, PERIODS
from tests.agendas.builders import ALICE, make_agenda
from tests.support.redis import RedisMissing, redis_server
from tests.support.servers import free_port
from tests.support.signed import ORIG, known_services
from tests.support.wcs_double import DOWN, SLOW, FakeForm, WcsDouble, refused

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
MINUTE, HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)


@pytest.fixture
def wcs(settings, tmp_path, monkeypatch) -> Iterator[WcsDouble]:
    """Everything is in order: settings for production, tasks that run, a w.c.s. that answers."""
    # Set by the tests with a browser.
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    settings.SECRET_KEY = "k" * 60 + "0123456789"
    settings.BASE_URL = "https://agendas.test/"
    settings.CELERY_HOME = tmp_path
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.REDIS_URL = None
    for name in PERIODS:
        ran(name, MINUTE)
    Caller.objects.create(orig=ORIG, accepted_at=real_now())
    with WcsDouble() as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double


def ran(name: str, ago: datetime.timedelta, **values: Any) -> None:
    moment = now() - ago
    defaults = {"last_run_at": moment, "last_success_at": moment, "runs": 10_000, **values}
    TaskRun.objects.update_or_create(name=name, defaults=defaults)


def found(code: str) -> list[tuple[Level, str]]:
    return [(line.level, line.text) for line in examine(now=now()) if line.code == code]


def one(code: str) -> tuple[Level, str]:
    [line] = found(code)
    return line


def bad() -> set[str]:
    return {line.code for line in examine(now=now()) if line.level is not Level.OK}


def run(*arguments: str) -> tuple[int, str]:
    output = io.StringIO()
    try:
        call_command("doctor", *arguments, stdout=output)
    except CommandError as error:
        return error.returncode, output.getvalue()
    return 0, output.getvalue()


def test_when_all_is_well_it_says_so_and_exits_with_0(wcs) -> None:
    code, _text = run()
    assert bad() == set()
    assert code == 0
    code, text = run("--json")
    document = json.loads(text)
    assert (code, document["status"]) == (0, "ok")
    codes = {line["code"] for line in document["checks"]}
    assert {"settings", "database", "migrations", "broker", "schedule", "outbox", "overlaps", "wcs:test:clock"} <= codes


def test_exit_codes_are_those_of_monitoring(wcs) -> None:
    ran("release_expired_locks", 5 * MINUTE)
    assert run()[0] == 1
    ran("release_expired_locks", HOUR)
    code, text = run("--json")
    assert (code, json.loads(text)["status"]) == (2, "critical")


def test_unsafe_settings_are_critical(wcs, settings) -> None:
    settings.SECRET_KEY = "short"
    assert [level for level, text in found("settings") if text.startswith("adapter.E001: ")] == [Level.CRITICAL]


def test_a_database_that_is_away_is_said_once_for_each_look_and_hides_nothing(wcs, monkeypatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", away)
    lines = {line.code: line for line in examine(now=now())}
    assert lines["database"].level is lines["outbox"].level is Level.CRITICAL
    assert lines["settings"].level is lines["broker"].level is Level.OK
    assert run()[0] == 2


def test_missing_migrations_are_critical(wcs) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")
    assert one("migrations")[0] is Level.CRITICAL


def test_redis_is_asked_and_missed(wcs, settings) -> None:
    try:
        server = redis_server()
    except RedisMissing as missing:
        pytest.skip(str(missing))
    settings.CELERY_BROKER_URL = server.start()
    try:
        level, text = one("broker")
        assert (level, re.findall(r"\d+", text)) == (Level.OK, ["0"])
    finally:
        server.stop()
    assert one("broker")[0] is Level.WARNING


def test_a_cache_that_is_away_is_a_warning(wcs, settings) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    settings.REDIS_URL = url
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}
    assert one("cache")[0] is Level.WARNING


def test_a_schedule_that_stands_still_is_seen(wcs) -> None:
    ran("deliver_callbacks", 4 * MINUTE + MINUTE)
    assert one("schedule:deliver_callbacks")[0] is Level.WARNING
    ran("deliver_callbacks", 2 * HOUR)
    assert one("schedule:deliver_callbacks")[0] is Level.CRITICAL
    ran("deliver_callbacks", MINUTE)
    ran("prune", 40 * HOUR)
    assert one("schedule:prune")[0] is Level.WARNING
    TaskRun.objects.all().delete()
    tables_made(HOUR)
    assert one("schedule") == (Level.CRITICAL, "No task has ever run.")


def tables_made(ago: datetime.timedelta) -> None:
    MigrationRecorder(connection).migration_qs.filter(app="tasks").update(applied=now() - ago)


def test_right_after_an_installation_or_a_start_the_schedule_is_given_its_time(wcs) -> None:
    TaskRun.objects.all().delete()
    tables_made(MINUTE / 2)
    assert one("schedule") == (Level.WARNING, "No task has run yet; the tables were made 30 seconds ago.")
    # On a database of before.
    tables_made(HOUR)
    ran(TaskRun.SCHEDULER, MINUTE / 2, last_success_at=None)
    assert one("schedule") == (Level.WARNING, "No task has run yet; the scheduler started 30 seconds ago.")
    ran(TaskRun.SCHEDULER, HOUR, last_success_at=None)
    assert one("schedule")[0] is Level.CRITICAL


def test_after_a_long_stop_tasks_are_not_blamed_for_it_at_once(wcs) -> None:
    for name in PERIODS:
        ran(name, 10 * HOUR * 24)
    assert one("schedule:deliver_callbacks")[0] is Level.CRITICAL
    ran(TaskRun.SCHEDULER, MINUTE, last_success_at=None)
    level, text = one("schedule:deliver_callbacks")
    assert (level, text) == (
        Level.WARNING,
        "deliver_callbacks has not run since the scheduler started 60 seconds ago.",
    )
    assert one("schedule:prune")[0] is Level.WARNING
    ran(TaskRun.SCHEDULER, 5 * MINUTE, last_success_at=None)
    assert one("schedule:deliver_callbacks")[0] is Level.CRITICAL
    assert one("schedule:prune")[0] is Level.WARNING


def test_a_scheduler_that_dies_again_and_again_began_once() -> None:
    scheduler_started()
    first = TaskRun.objects.get(name=TaskRun.SCHEDULER)
    scheduler_started()
    again = TaskRun.objects.get(name=TaskRun.SCHEDULER)
    assert (again.last_run_at, again.runs) == (first.last_run_at, 1)
    ran("prune", -MINUTE)
    scheduler_started()
    assert TaskRun.objects.get(name=TaskRun.SCHEDULER).runs == 2


def test_a_demo_needs_no_tls_on_its_own_machine_and_on_no_other(wcs, settings) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000/"
    assert without_tls() is Level.CRITICAL
    settings.DEMO = True
    assert without_tls() is Level.OK
    settings.BASE_URL = "http://agendas.example.org/"
    assert without_tls() is Level.CRITICAL


def without_tls() -> Level:
    [level] = [level for level, text in found("settings") if "adapter.E002" in text]
    return level


def test_a_task_that_runs_and_fails_is_seen(wcs) -> None:
    ran("reconcile", MINUTE, last_success_at=now() - 4 * datetime.timedelta(seconds=DAY), last_error="OperationalError")
    level, text = one("schedule:reconcile")
    assert (level, "4 days" in text) == (Level.CRITICAL, True)
    ran("reconcile", MINUTE, last_success_at=None, last_error="NotConfigured")
    assert one("schedule:reconcile")[0] is not Level.OK


def test_a_new_site_is_not_blamed_for_nights_that_have_not_come(wcs) -> None:
    TaskRun.objects.filter(name__in=[name for name, period in PERIODS.items() if period == DAY]).delete()
    TaskRun.objects.update(runs=3)
    assert bad() == set()
    TaskRun.objects.update(runs=60 * 24 * 3)
    assert {"schedule:prune", "schedule:reconcile"} <= bad()


def test_locks_that_wait_to_be_marked_are_seen(wcs) -> None:
    make_agenda(weekdays=range(7))
    slot = f"passeport:{now().date() + datetime.timedelta(days=8)}-0900"
    hold(HoldRequest("mairie", (slot,), "K"), now=now() - HOUR, actor=ALICE)
    assert one("locks")[0] is Level.WARNING
    details = BookingDetails(backoffice_url="https://d.test/1/")
    request = FillslotRequest(BookingRequest("mairie", (slot,), "half", details=details))
    fill(request, now=now() - HOUR, actor=ALICE)
    assert any("manage.py reconcile" in line.remedy for line in examine(now=now()) if line.code == "locks")


def test_an_outbox_that_does_not_empty_is_seen(wcs) -> None:
    make_agenda(weekdays=range(7))
    slot = f"passeport:{now().date() + datetime.timedelta(days=8)}-0900"
    details = BookingDetails(cancel_callback_url=f"{wcs.url}api/forms/rdv/1/hooks/x/")
    booking = confirm(BookingRequest("mairie", (slot,), details=details), now=now(), actor=ALICE).booking
    cancel(booking.pk, now=now(), actor=ALICE, call_back=True)
    level, text = one("outbox")
    assert (level, re.findall(r"\d+", text)) == (Level.OK, ["1"])
    Callback.objects.update(created_at=now() - HOUR)
    assert one("outbox")[0] is Level.WARNING
    Callback.objects.update(created_at=now() - 30 * HOUR)
    assert one("outbox")[0] is Level.CRITICAL
    Callback.objects.update(state=CallbackState.FAILED)
    level, text = one("outbox")
    assert (level, "1" in re.findall(r"\d+", text)) == (Level.WARNING, True)


def test_reminders_that_go_nowhere_are_seen(wcs, settings) -> None:
    make_agenda(weekdays=range(7), reminder_hours=24)
    assert one("reminders")[0] is Level.WARNING
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert one("reminders")[0] is Level.OK
    slot = f"passeport:{now().date() + datetime.timedelta(days=8)}-0900"
    booking = confirm(BookingRequest("mairie", (slot,)), now=now(), actor=ALICE).booking
    Reminder.objects.create(booking=booking, state="failed", next_attempt_at=now(), last_error="TimeoutError")
    assert one("reminders")[0] is Level.WARNING


def test_a_double_booking_is_critical(wcs, monkeypatch) -> None:
    from adapter.agendas.queries.overlaps import Overlap
    from adapter.ops.doctor import work

    ran("watch_overlaps", MINUTE, last_result=2)
    assert one("overlaps")[0] is Level.CRITICAL
    # That the query finds one is tested with the query: a database with its guard holds none.
    double = Overlap(12, "mairie", "guichet-1", now())
    monkeypatch.setattr(work, "overlaps", lambda **_: [double])
    level, text = one("overlaps")
    assert (level, "12" in re.findall(r"\d+", text)) == (Level.CRITICAL, True)


def test_clocks_are_compared(wcs, monkeypatch) -> None:
    assert one("wcs:test:clock")[0] is Level.OK
    said = {}
    for seconds, level in ((-15, Level.WARNING), (15, Level.WARNING), (-27, Level.CRITICAL)):
        moment = datetime.timedelta(seconds=seconds)
        monkeypatch.setattr(client, "real_now", lambda moment=moment: real_now() + moment)
        assert one("wcs:test:clock")[0] is level
        said[seconds] = one("wcs:test:clock")[1]
    # Ahead and behind are told apart.
    assert said[-15] != said[15]
    # So far apart that signatures are refused.
    monkeypatch.setattr(client, "real_now", lambda: real_now() - MINUTE)
    assert one("wcs:test:clock")[0] is Level.CRITICAL
    assert one("wcs:test:signature-sent")[0] is not Level.OK


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (refused("Invalid signature."), Level.CRITICAL),
        (refused("Paramètre «\N{NO-BREAK SPACE}orig\N{NO-BREAK SPACE}» invalide."), Level.CRITICAL),
        (refused("Invalid timestamp field; timestamp is too far in the past."), Level.CRITICAL),
        (DOWN, Level.WARNING),
        ((503, "<h1>Maintenance</h1>"), Level.WARNING),
    ],
)
def test_what_wcs_says_of_our_signature_is_told(wcs, answer, level) -> None:
    wcs.answers = [answer]
    assert one("wcs:test:signature-sent")[0] is level


def test_a_wcs_that_says_nothing_is_not_waited_for_long(wcs, monkeypatch) -> None:
    from adapter.wcs import probing

    monkeypatch.setattr(probing, "TIMEOUT", 0.2)
    wcs.answers = [SLOW]
    assert one("wcs:test:signature-sent")[0] is Level.WARNING


def test_what_we_say_of_its_signature_is_told(wcs) -> None:
    code = "wcs:test:signature-received"
    Caller.objects.update(refused_at=real_now() + MINUTE, refusal="Invalid signature.")
    assert one(code)[0] is Level.WARNING
    Caller.objects.update(accepted_at=None)
    level, text = one(code)
    assert (level, "Invalid signature." in text) == (Level.CRITICAL, True)
    Caller.objects.all().delete()
    assert one(code) == (Level.WARNING, "It has never called us with a signature.")


def test_forms_in_which_agents_book_are_looked_at(wcs) -> None:
    make_agenda(backoffice_booking_enabled=True, form_slug="rendez-vous", slot_field="creneau")
    code = "wcs:test:form:rendez-vous"
    assert "no form" in one(code)[1]
    form = FakeForm()
    wcs.forms.append(form)
    assert one(code)[0] is Level.OK
    form.functions["Responsables"] = ""
    assert "Responsables" in one(code)[1]
    form.disabled = True
    assert (one(code)[0], "disabled" in one(code)[1]) == (Level.WARNING, True)


@pytest.mark.parametrize("account", ["", "lecteur@example.org"])
def test_what_a_comparison_needs_is_tried(wcs, settings, account) -> None:
    make_agenda(backoffice_booking_enabled=True, form_slug="rendez-vous", slot_field="creneau")
    wcs.forms.append(FakeForm())
    wcs.add_record("rendez-vous", 1)
    settings.RECONCILE_AS = account
    code = "wcs:test:records:rendez-vous"
    assert one(code)[0] is Level.OK
    usual = wcs._usual
    for sentence in ("Valeur inconnue pour « email ».", "Rôles insuffisants."):
        wcs._usual = lambda call, said=sentence: refused(said) if "/api/forms/" in call.path else usual(call)
        level, text = one(code)
        assert (level, account in text) == (Level.WARNING, True)


def test_a_missing_worker_of_rehearsals_is_seen(wcs) -> None:
    ran("forget_rehearsals", 2 * HOUR)
    [(level, text)] = found("schedule:forget_rehearsals")
    assert level is not Level.OK and "2" in text
    [line] = [line for line in examine(now=now()) if line.code == "schedule:forget_rehearsals"]
    assert "booking-adapter-rehearsals" in line.remedy
