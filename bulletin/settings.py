"""The one settings file: every choice of an installation is an environment variable.

`.env` beside manage.py is read first and the environment wins over it. docs/operating.md
lists the variables. What is wrong stops the start with a sentence that says what to do.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.sitemaps import Sitemap
from django.contrib.syndication.views import Feed
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Field
from django.forms import BaseModelForm
from django.forms.formsets import BaseFormSet

from bulletin.env import choice, database, site_address
from bulletin.extras import login, observe, services
from bulletin.log_config import JSON, LEVELS, TEXT, logging_config

# django-stubs knows these as generic, and their subclasses name their types.
for generic in (BaseModelAdmin, BaseModelForm, BaseFormSet, Feed, Field, Sitemap):
    setattr(generic, "__class_getitem__", classmethod(lambda cls, *types: cls))  # noqa: B010

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
STATIC_ROOT = VAR_DIR / "static"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")


# The site's address decides the transport ---------------------------------------------

_address = site_address(env)
SITE_URL, SITE_HOST, HTTPS = _address.geturl(), _address.hostname, _address.scheme == "https"
# Empty at the root of a host, else the path before every address, such as /infra-log.
PREFIX = _address.path
FORCE_SCRIPT_NAME = PREFIX or None

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
ALLOWED_HOSTS += [SITE_HOST] if HTTPS else ["localhost", "127.0.0.1", "[::1]", SITE_HOST]
CSRF_TRUSTED_ORIGINS = [f"{_address.scheme}://{_address.netloc}"]
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Of the path with the prefix, but without its first slash.
SECURE_REDIRECT_EXEMPT = [rf"^{PREFIX.lstrip('/')}/?(healthz|readyz)$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
# Both reach beyond this one host, which only its owner can decide.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    f"{'__Host-' if HTTPS else ''}{name}" for name in ("session", "csrf")
)
# In the session, for its own cookie has no name of one host.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Where a sign-in leads that was to lead to another site.
LOGIN_REDIRECT_URL = "admin:index"
# Under the names of Django 6, whose own middleware takes it over then.
SECURE_CSP: dict[str, list[str] | bool] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    # Texts may show pictures of other sites.
    "img-src": ["'self'", "https:"],
    "font-src": ["'self'"],
    # The admin's scripts autosave and preview; Lighthouse, inside a page, reads robots.txt.
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "upgrade-insecure-requests": HTTPS,
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Behind a proxy that sets X-Forwarded-Proto itself, and only there.
if env.bool("TRUST_FORWARDED_PROTO", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Applications -------------------------------------------------------------------------

INSTALLED_APPS = [
    "bulletin",
    "incidents",
    "bulletin.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.forms",
    "reversion",
    "markdownx",
]
# Widgets take their templates from where all others are.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
MIDDLEWARE = [
    "bulletin.middleware.RequestIDMiddleware",
    "bulletin.middleware.PublicCacheMiddleware",
    "bulletin.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "bulletin.middleware.RequestLimitsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bulletin.urls"
# Modules with addresses under /admin/, before its own.
EXTRA_URLS: list[str] = []
WSGI_APPLICATION = "bulletin.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bulletin.context_processors.site",
            ],
        },
    }
]

# Data ---------------------------------------------------------------------------------

# Of a worker process of gunicorn, and so the most connections that one needs.
WEB_THREADS = env.int("WEB_THREADS", default=4)
DATABASES = {"default": database(env, default=VAR_DIR / "db.sqlite3")}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))()
MEDIA_URL = f"{PREFIX}/media/"
STATIC_URL = f"{PREFIX}/static/"
# wsgi.py has cut the prefix off by the time WhiteNoise looks.
WHITENOISE_STATIC_PREFIX = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
_hashed = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static if DEBUG else _hashed},
}
# Of each process; none while the site is being worked on.
PAGE_CACHE_MAX_BYTES = 0 if DEBUG else env.int("PAGE_CACHE_MAX_BYTES", default=32_000_000)
# Callbacks of the page cache: see bulletin.page_cache.application.OnResponse.
PAGE_CACHE_ON_RESPONSE: list[str] = []
# Its addresses are read at import, so they hold the prefix themselves.
MARKDOWNX_MARKDOWNIFY_FUNCTION = "incidents.markdown.markdownify"
MARKDOWNX_URLS_PATH = f"{PREFIX}/admin/markdownx/markdownify/"
MARKDOWNX_UPLOAD_URLS_PATH = f"{PREFIX}/admin/markdownx/upload/"
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=12_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
# An import of a busy month is a table of some forty incidents with fifteen fields each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# The log's own ------------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-us")
# An installation's own translations, <language>/LC_MESSAGES/django.po under it.
LOCALE_PATHS = [env.path("LOCALE_DIR", default=str(VAR_DIR / "locale"))()]
TIME_ZONE = env.str("TIME_ZONE", default="America/New_York")
SITE_NAME = env.str("SITE_NAME", default="The Infra Log")
# Python's number, Monday 0; fixed for an installation.
FIRST_WEEKDAY = env.int("FIRST_WEEKDAY", default=6)

# Logging ------------------------------------------------------------------------------

# Where a line a request goes: nowhere, "-" for standard output, or a file.
ACCESS_LOG = env.str("ACCESS_LOG", default="")
if ACCESS_LOG:
    PAGE_CACHE_ON_RESPONSE += ["bulletin.middleware.log_cached_response"]
LOGGING = logging_config(
    choice(env, "LOG_FORMAT", TEXT, JSON), choice(env, "LOG_LEVEL", "INFO", *LEVELS), ACCESS_LOG
)

# Extras, off by default ---------------------------------------------------------------

LOGIN_EXTRA = env.bool("LOGIN_EXTRA", default=False)
LOGIN_REQUIRE_SECOND_FACTOR = env.bool("LOGIN_REQUIRE_SECOND_FACTOR", default=False)
if LOGIN_REQUIRE_SECOND_FACTOR and not LOGIN_EXTRA:
    raise ImproperlyConfigured("LOGIN_REQUIRE_SECOND_FACTOR does nothing without LOGIN_EXTRA=true")
services.extend(globals(), env)
if LOGIN_EXTRA:
    login.extend(globals(), env)
if env.bool("OBSERVE_EXTRA", default=False):
    observe.extend(globals(), env)
