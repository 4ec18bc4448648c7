"""What an installation says of itself by environment variables, read into Django's settings.

What is wrong raises ImproperlyConfigured with the variable's name and what to give instead. A
secret in a value is never part of the sentence.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

Setting = dict[str, Any]

LOCAL_CACHE: Final = "django.core.cache.backends.locmem.LocMemCache"
REDIS_CACHE: Final = "django_redis.cache.RedisCache"
# Seconds to wait for a lock, a connection or an answer before an editor or a reader is told.
LOCK_TIMEOUT: Final = 20
POOL_TIMEOUT: Final = 10
CONNECT_TIMEOUT: Final = 5
CACHE_TIMEOUT: Final = 0.5
# FULL, because what an editor was told is saved must outlive a power cut; in WAL mode NORMAL
# keeps the file whole but may lose the last commits (sqlite.org/pragma.html#pragma_synchronous).
# Readers don't pay for it and an editor's save is one wait for the disk.
ON_CONNECT: Final = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A site's whole address in its parts; `prefix` is empty or begins with a slash."""

    url: str
    scheme: str
    netloc: str
    host: str
    prefix: str

    @property
    def is_https(self) -> bool:
        return self.scheme == "https"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def site_address(env: environ.Env, variable: str) -> Address:
    url = env.str(variable).rstrip("/")
    parts = urlsplit(url)
    is_whole = re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w~-][\w.~-]*)*", url)
    if not is_whole or not parts.hostname:
        raise ImproperlyConfigured(
            f"{variable} is {url!r}; give the site's whole address, such as https://log.example.org"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ImproperlyConfigured(
            f"{variable} is {url!r}; http is for this machine alone, give the https address"
        )
    return Address(url, parts.scheme, parts.netloc, parts.hostname, parts.path)


def database(env: environ.Env, variable: str, *, default: Path, threads: int) -> Setting:
    """SQLite in WAL mode, or PostgreSQL with a pool of `threads` connections a process."""
    url = env.str(variable, default=f"sqlite:///{default}")
    scheme = url.partition(":")[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"{variable} begins with neither sqlite:/// nor postgres://, which are all there is"
        )
    try:
        setting: Setting = env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{variable} can't be read; give sqlite:////path/to/file or "
            "postgres://user:password@host:5432/name, with %-codes for odd letters of a password"
        ) from error
    options = setting.setdefault("OPTIONS", {})
    if scheme == "sqlite":
        if options:
            raise ImproperlyConfigured(f"{variable} has options, which SQLite isn't given here")
        setting["OPTIONS"] = sqlite_options()
        # An open connection keeps the WAL's index, without which nobody reads from a full disk: of
        # 16 pages none could be had then, and all with this. Opening one costs ten queries' time.
        setting["CONN_MAX_AGE"] = None
    else:
        needs_packages(variable, "PostgreSQL", "psycopg", "psycopg_pool")
        if not setting["NAME"]:
            raise ImproperlyConfigured(f"{variable} names no database after the last slash")
        options.setdefault("connect_timeout", CONNECT_TIMEOUT)
        if "options=" not in url.partition("?")[2]:
            # To compile a page's query takes ten times what running it does.
            options["options"] = "-c jit=off"
        options["pool"] = {"min_size": 1, "max_size": threads, "timeout": POOL_TIMEOUT}
        # A connection that a restart of the server broke is replaced before it is used.
        setting |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}
    # Each write says itself how far its transaction goes; ATOMIC_REQUESTS would hold SQLite's one
    # write lock for as long as a page takes.
    setting["ATOMIC_REQUESTS"] = False
    return setting


def sqlite_options(*, synchronous: str = "FULL") -> Setting:
    return {
        # A transaction that reads and then writes must not fail for a lock halfway.
        "transaction_mode": "IMMEDIATE",
        "timeout": LOCK_TIMEOUT,
        "init_command": ON_CONNECT.format(synchronous=synchronous),
    }


def cache(env: environ.Env, variable: str) -> Setting:
    """The process's own memory, or Redis (or Valkey) for all replicas."""
    url = env.str(variable, default="")
    if not url:
        return {"BACKEND": LOCAL_CACHE}
    needs_packages(variable, "Redis", "django_redis")
    parts = urlsplit(url)
    place = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in ("redis", "rediss", "unix") or not place:
        raise ImproperlyConfigured(
            f"{variable} can't be read; give redis://host:6379/0, rediss:// with TLS or "
            "unix:///path/to/socket"
        )
    return {
        "BACKEND": REDIS_CACHE,
        "LOCATION": url,
        "KEY_PREFIX": "bulletin",
        "OPTIONS": {
            # A cache that is gone makes the site slower, never wrong and never down.
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": CACHE_TIMEOUT,
            "SOCKET_TIMEOUT": CACHE_TIMEOUT,
        },
    }


def uploads(env: environ.Env) -> Setting:
    """Where pictures are kept: MEDIA_ROOT of this machine, or a bucket, of which only the site
    itself reads: readers never see the bucket's address."""
    bucket = env.str("S3_BUCKET", default="")
    others = [name for name in ("S3_ENDPOINT_URL", "S3_REGION") if env.str(name, default="")]
    if not bucket:
        if others:
            raise ImproperlyConfigured(f"{' and '.join(others)} set, but S3_BUCKET is not")
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    needs_packages("S3_BUCKET", "S3", "storages", "boto3")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        raise ImproperlyConfigured(
            f"S3_BUCKET is {bucket!r}; give the bucket's bare name, of small letters and digits"
        )
    endpoint = env.str("S3_ENDPOINT_URL", default="")
    if endpoint and not re.fullmatch(r"https?://[\w.:\[\]-]+/?", endpoint):
        raise ImproperlyConfigured(
            f"S3_ENDPOINT_URL is {endpoint!r}; give an address such as https://s3.example.org"
        )
    key, secret = env.str("S3_ACCESS_KEY", default=""), env.str("S3_SECRET_KEY", default="")
    if bool(key) != bool(secret):
        raise ImproperlyConfigured("S3_ACCESS_KEY and S3_SECRET_KEY come together, or not at all")
    return {
        "BACKEND": "services.uploads.Bucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "access_key": key or None,
            "secret_key": secret or None,
        },
    }


def needs_packages(variable: str, what: str, *packages: str, extra: str = "services") -> None:
    if not all(find_spec(package) for package in packages):
        raise ImproperlyConfigured(
            f"{variable} asks for {what}, whose packages are missing: "
            f"pip install --require-hashes -r requirements/{extra}.txt"
        )


def choice(env: environ.Env, variable: str, default: str, *others: str) -> str:
    value: str = env.str(variable, default=default)
    if value not in (default, *others):
        choices = " or ".join(dict.fromkeys([default, *others]))
        raise ImproperlyConfigured(f"{variable} is {value!r}; give {choices}")
    return value


def writable_file(env: environ.Env, variable: str) -> str:
    """A file that can be appended to, "-" for standard output, or empty."""
    value: str = env.str(variable, default="")
    if value not in ("", "-"):
        try:
            Path(value).open("a").close()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{variable} is {value!r}, which can't be written ({error.strerror}); give a file "
                "that this user may write, or - for standard output"
            ) from error
    return value


def token(env: environ.Env, variable: str) -> str:
    """A secret that opens something to a machine."""
    value: str = env.str(variable, default="")
    if not re.fullmatch(r"[\x21-\x7e]{24,}", value):
        raise ImproperlyConfigured(
            f"{variable} is missing, too short or has odd letters; give 24 random characters or "
            "more, such as those of: openssl rand -hex 24"
        )
    return value


def zone(env: environ.Env, variable: str, *, default: str) -> str:
    name: str = env.str(variable, default=default)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{variable} is {name!r}; give an IANA name such as Europe/Paris"
        ) from error
    return name


def weekday(env: environ.Env, variable: str, *, default: int) -> int:
    """Python's weekday number: Monday 0 … Sunday 6."""
    number: int = env.int(variable, default=default)
    if number not in range(7):
        raise ImproperlyConfigured(f"{variable} is {number}; give 0 for Monday to 6 for Sunday")
    return number
