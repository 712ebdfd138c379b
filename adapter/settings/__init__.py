"""Settings of the adapter: one module, everything from the environment (see ``docs/admins/settings.md``)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from adapter.accounts.configuration import read_openid_connect
from adapter.settings.database import database_from_url
from adapter.settings.env import Environment
from adapter.settings.logs import configure_logging
from adapter.wcs.known_services import parse_known_services

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# An installed package must not write into its own folder: then it is the folder of who starts it.
_checkout = BASE_DIR if (BASE_DIR / "manage.py").exists() else Path.cwd()
ADAPTER_HOME = Path(env.text("ADAPTER_HOME") or _checkout / "var").resolve()

# -- Safety ---------------------------------------------------------------------------------------------------
DEBUG = env.boolean("DEBUG")
# The first page then says what to try.
DEMO = env.boolean("DEMO")
# The embedded default must start with nothing configured; the system check adapter.E001 refuses this key in production.
INSECURE_SECRET_KEY = "insecure-key-for-tries-only"  # noqa: S105
SECRET_KEY = env.text("SECRET_KEY") or INSECURE_SECRET_KEY
BASE_URL = env.url("BASE_URL", "http://127.0.0.1:8000/", schemes=("http", "https")) or ""
if SECRET_KEY == INSECURE_SECRET_KEY and BASE_URL.startswith("https://") and not (DEMO or DEBUG):
    raise ImproperlyConfigured("SECRET_KEY: needed because BASE_URL is https; set SECRET_KEY or SECRET_KEY_FILE.")
if not BASE_URL.endswith("/") or not urlsplit(BASE_URL).netloc:
    raise ImproperlyConfigured(f"BASE_URL: {BASE_URL!r} must be a whole address that ends with '/'.")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("BEHIND_HTTPS_PROXY") else None
_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "wcs-booking-session"
CSRF_COOKIE_NAME = "wcs-booking-csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Seconds for which browsers keep to https once they saw it; 0 where BASE_URL is not https.
SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 30 * 86400, minimum=0, maximum=10**9) if _https else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# -- What the adapter promises about locks (seconds unless said) ----------------------------------------------
LOCK_DURATION_MIN = env.integer("LOCK_DURATION_MIN", 300, minimum=1, maximum=86400)
LOCK_DURATION_MAX = env.integer("LOCK_DURATION_MAX", 1200, minimum=LOCK_DURATION_MIN, maximum=86400)
LOCK_DURATION = env.integer(
    "LOCK_DURATION",
    min(max(600, LOCK_DURATION_MIN), LOCK_DURATION_MAX),
    minimum=LOCK_DURATION_MIN,
    maximum=LOCK_DURATION_MAX,
)
LOCK_RENEWALS_MAX = env.integer("LOCK_RENEWALS_MAX", 10, minimum=0, maximum=1000)
LOCKS_PER_CODE_MAX = env.integer("LOCKS_PER_CODE_MAX", 20, minimum=1, maximum=1000)
# Days for which lapsed and released locks, and ended callbacks, can still be looked at.
LOCK_LOG_DAYS = env.integer("LOCK_LOG_DAYS", 90, minimum=1, maximum=3650)
# Days for which refused holds and confirmations can be looked at; 0 keeps none.
REFUSAL_LOG_DAYS = env.integer("REFUSAL_LOG_DAYS", 30, minimum=0, maximum=3650)
CONFIRM_WHEN_RECORD_KNOWN = env.boolean("CONFIRM_WHEN_RECORD_KNOWN")
PUBLIC_AVAILABILITY = env.boolean("PUBLIC_AVAILABILITY")
# Hosts of calendars (ICS addresses) that may be on a private network.
ICS_PRIVATE_HOSTS_ALLOWED = env.words("ICS_PRIVATE_HOSTS_ALLOWED", [])
# A calendar feed answers no more when its agent has not logged in for that long.
FEED_DAYS_WITHOUT_LOGIN = env.integer("FEED_DAYS_WITHOUT_LOGIN", 60, minimum=1, maximum=3650)
METRICS_TOKEN = env.text("METRICS_TOKEN") or ""
# What one caller may ask for; 0: as much as it wants.
CALLS_PER_MINUTE_MAX = env.integer("CALLS_PER_MINUTE_MAX", 6000, minimum=0, maximum=10**6)
ANONYMOUS_CALLS_PER_MINUTE_MAX = env.integer("ANONYMOUS_CALLS_PER_MINUTE_MAX", 120, minimum=0, maximum=10**6)
REFUSED_CALLS_PER_MINUTE_MAX = env.integer("REFUSED_CALLS_PER_MINUTE_MAX", 600, minimum=0, maximum=10**6)
LOGIN_FAILURES_MAX = env.integer("LOGIN_FAILURES_MAX", 10, minimum=0, maximum=1000)
LOCKS_PER_CALLER_MAX = env.integer("LOCKS_PER_CALLER_MAX", 20000, minimum=0, maximum=10**7)
# How many proxies in front add their caller to X-Forwarded-For; what others wrote there is not believed.
PROXIES_IN_FRONT = env.integer("PROXIES_IN_FRONT", 0, minimum=0, maximum=5)
KNOWN_SERVICES = env.parsed("KNOWN_SERVICES", "{}", parse_known_services)

# In whose name records are read to compare them with bookings: NameID or e-mail address of an account of w.c.s.
RECONCILE_AS = env.text("RECONCILE_AS")
# A record whose status has one of these words in its name has no appointment any more.
CANCELLED_STATUS_WORDS = env.words("CANCELLED_STATUS_WORDS", ["annulé", "annulée", "cancelled", "canceled"])

# -- Apps -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "adapter.manager",
    "gadjo",
    # After gadjo, whose widgets go first.
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "adapter.agendas",
    "adapter.wcs",
    "adapter.reconciliation",
    "adapter.accounts",
    "adapter.api",
    "adapter.ops",
    "tasks",
]
MIDDLEWARE = [
    "adapter.ops.middleware.ProbeMiddleware",
    "adapter.ops.middleware.RequestMiddleware",
    "adapter.api.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "adapter.manager.middleware.ContentSecurityPolicyMiddleware",
    "adapter.charsets.CharsetMiddleware",
]
ROOT_URLCONF = "adapter.urls"
WSGI_APPLICATION = "adapter.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A POST that lost its slash must not silently become a GET: the API publishes exact addresses.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["adapter.dates"],
        },
    },
    # Only for what is written hundreds of times in one page.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "adapter.manager.jinja.environment"},
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# -- Data -----------------------------------------------------------------------------------------------------
DATABASES = {
    "default": database_from_url(
        env.text("DATABASE_URL") or f"sqlite:///{ADAPTER_HOME / 'adapter.sqlite3'}",
        pool_size=env.integer("DATABASE_POOL_SIZE", 0, minimum=0, maximum=200),
        statement_timeout=env.integer("DATABASE_STATEMENT_TIMEOUT", 20, minimum=1, maximum=300),
        behind_pgbouncer=env.boolean("DATABASE_PGBOUNCER"),
    )
}
REDIS_URL = env.url("REDIS_URL", None, schemes=("redis", "rediss", "unix"))
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL") or REDIS_URL or "filesystem://"
SCHEDULE_EVERY = env.integer("SCHEDULE_EVERY", 60, minimum=1, maximum=3600)
CELERY_HOME = ADAPTER_HOME / "celery"

# -- People, languages, time ----------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "manager-home"
LOGOUT_REDIRECT_URL = "login"
# Log-in by the platform's identity provider; None without OIDC_ISSUER.
OPENID_CONNECT = read_openid_connect(env)
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "fr")
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise ImproperlyConfigured(f"LANGUAGE_CODE: {LANGUAGE_CODE!r} is not one of {', '.join(dict(LANGUAGES))}.")
LOCALE_PATHS = [BASE_DIR / "adapter" / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/Paris")
USE_TZ = True
# Shifts the adapter's own clock (seconds), for rehearsals of expiry; refused in production by check adapter.E005.
CLOCK_OFFSET = env.integer("CLOCK_OFFSET", 0, minimum=-(10**9), maximum=10**9)
USE_I18N = True

# -- Static files ---------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT") or ADAPTER_HOME / "static").resolve()
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "gadjo.finders.XStaticFinder",
]
WHITENOISE_USE_FINDERS = env.boolean("SERVE_STATIC_FROM_SOURCE", default=True)

# -- Mail -----------------------------------------------------------------------------------------------------
EMAIL_CONFIG = environ.Env.email_url_config(env.text("EMAIL_URL") or "consolemail://")
vars().update(EMAIL_CONFIG)
# Seconds; a mail server that says nothing must not keep a worker for ever.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "agendas@localhost")

# -- Logs -----------------------------------------------------------------------------------------------------
LOGGING_CONFIG = None
configure_logging(level=env.text("LOG_LEVEL", "INFO"), json=env.boolean("LOG_JSON"))
# Where errors and traces are sent; nowhere without these.
SENTRY_DSN = env.text("SENTRY_DSN")
ENVIRONMENT_NAME = env.text("ENVIRONMENT_NAME", "production")
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT", None, schemes=("http", "https"))
# Indexes that contain more than they are ordered by: SQLite leaves the rest out, which costs it nothing but time.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
