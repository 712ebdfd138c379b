"""A site with django-appointment, run by the Python of its own environment. As a program: makes tables and data, and
prints the part of the address that names staff member and service.

``PEER_DATABASE`` is a ``postgres://`` address, ``PEER_DAYS`` the days ahead that are open, 9 to 12 and 14 to 17,
``PEER_BOOKINGS`` appointments of 20 minutes: at most nine in ten places of those days, the others on later days.
"""

from __future__ import annotations

import datetime
import logging
import os
import random
from urllib.parse import urlsplit

import django
from django.conf import settings

address = urlsplit(os.environ["PEER_DATABASE"])
settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="Europe/Paris",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": address.path.strip("/"),
            "USER": address.username,
            "HOST": address.hostname,
            "PORT": address.port,
            # As ours: a connection is kept.
            "CONN_MAX_AGE": 60,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "phonenumber_field",
        "appointment",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_DJANGO_Q_FOR_EMAILS=False,
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    APPOINTMENT_WEBSITE_NAME="bench",
)
django.setup()
logging.disable(logging.CRITICAL)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("appointment/", include("appointment.urls"))]
application = get_wsgi_application()

MINUTES = 20
HOURS = (9, 10, 11, 14, 15, 16)


def load() -> str:
    """Make everything; answers the query that names the staff member and the service."""
    from appointment import models
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    # The package ships no migrations; its tables point to those that were just made.
    call_command("migrate", run_syncdb=True, verbosity=0)
    user = get_user_model().objects.create_user("guichet", email="guichet@example.net", first_name="Guichet")
    length = datetime.timedelta(minutes=MINUTES)
    service = models.Service.objects.create(name="Court", duration=length, price=0)
    begin, end = datetime.time(HOURS[0]), datetime.time(HOURS[-1] + 1)
    day = {"slot_duration": MINUTES, "lead_time": begin, "finish_time": end, "appointment_buffer_time": 0}
    models.Config.objects.create(website_name="bench", **day)
    staff = models.StaffMember.objects.create(user=user, work_on_saturday=True, work_on_sunday=True, **day)
    staff.services_offered.add(service)
    for weekday in range(7):
        models.WorkingHours.objects.create(staff_member=staff, day_of_week=weekday, start_time=begin, end_time=end)
    today = datetime.datetime.now(datetime.UTC).date()
    ahead = int(os.environ["PEER_DAYS"])
    days = [today + datetime.timedelta(days=number) for number in range(1, ahead + 1)]
    # It knows one opening period a day: noon is an absence on each.
    models.Unavailability.objects.bulk_create(
        models.Unavailability(
            staff_member=staff, date=date, start_time=datetime.time(12), end_time=datetime.time(HOURS[3])
        )
        for date in days
    )
    times = [datetime.time(hour, minute) for hour in HOURS for minute in range(0, 60, MINUTES)]
    inside = [(date, time) for date in days for time in times]
    wanted = int(os.environ["PEER_BOOKINGS"])
    chosen = random.Random(7).sample(inside, min(wanted, len(inside) * 9 // 10))
    later = wanted - len(chosen)
    chosen += [
        (days[-1] + datetime.timedelta(days=1 + number // len(times)), times[number % len(times)])
        for number in range(later)
    ]
    requests = models.AppointmentRequest.objects.bulk_create(
        models.AppointmentRequest(
            date=date,
            start_time=time,
            end_time=(datetime.datetime.combine(date, time) + length).time(),
            service=service,
            staff_member=staff,
            id_request=f"request-{number}",
        )
        for number, (date, time) in enumerate(chosen)
    )
    models.Appointment.objects.bulk_create(
        models.Appointment(
            client=user, appointment_request=request, phone="", amount_to_pay=0, id_request=f"appointment-{number}"
        )
        for number, request in enumerate(requests)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return f"staff_member={staff.pk}&service_id={service.pk}"


if __name__ == "__main__":
    print(load())
