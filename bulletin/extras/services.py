"""The extra [services]: PostgreSQL, Redis and S3, each where the environment names it, so that
replicas keep nothing of their own."""

from __future__ import annotations

import re
from typing import Any, Final

import environ
from django.utils.module_loading import import_string

from bulletin.env import require_packages

# Seconds to wait for a connection, of the pool and of the server, and for an answer of the cache.
POOL_TIMEOUT: Final = 10
CONNECT_TIMEOUT: Final = 5
CACHE_TIMEOUT: Final = 0.5


def extend(settings: dict[str, Any], env: environ.Env) -> None:
    database = settings["DATABASES"]["default"]
    if database["ENGINE"] == "django.db.backends.postgresql":
        require_packages("DATABASE_URL", "services", "psycopg", "psycopg_pool")
        database |= postgresql(database.get("OPTIONS", {}), threads=settings["WEB_THREADS"])
        # Empty for poolers that refuse any; django-environ drops what is empty.
        if re.search(r"[?&]options=(&|$)", env.str("DATABASE_URL")):
            del database["OPTIONS"]["options"]
    if env.str("REDIS_URL", default=""):
        require_packages("REDIS_URL", "services", "django_redis")
        settings["CACHES"] = {"default": redis(env)}
    if env.str("S3_BUCKET", default=""):
        require_packages("S3_BUCKET", "services", "storages", "boto3")
        settings["STORAGES"]["default"] = bucket(env)


def postgresql(options: dict[str, Any], threads: int) -> dict[str, Any]:
    defaults = {
        "connect_timeout": CONNECT_TIMEOUT,
        # To compile a page's query takes ten times what running it does.
        "options": "-c jit=off",
    }
    pool = {"min_size": 1, "max_size": threads, "timeout": POOL_TIMEOUT}
    # A connection that a restart of the server broke is replaced before it is used.
    return {
        "OPTIONS": defaults | options | {"pool": pool},
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }


def redis(env: environ.Env) -> dict[str, Any]:
    config: dict[str, Any] = env.cache_url("REDIS_URL", backend="django_redis.cache.RedisCache")
    # A cache that is gone makes the site slower, never wrong and never down.
    options = {
        "IGNORE_EXCEPTIONS": True,
        "SOCKET_CONNECT_TIMEOUT": CACHE_TIMEOUT,
        "SOCKET_TIMEOUT": CACHE_TIMEOUT,
    }
    return config | {"KEY_PREFIX": "bulletin", "OPTIONS": config.get("OPTIONS", {}) | options}


def bucket(env: environ.Env) -> dict[str, Any]:
    """Read by the site alone: a picture is served under our own address, sandboxed."""
    config = import_string("botocore.config.Config")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.str("S3_BUCKET"),
            "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "access_key": env.str("S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("S3_SECRET_KEY", default="") or None,
            "default_acl": None,
            "file_overwrite": True,
            # Seconds: a bucket that does not answer costs one picture, not a worker.
            "client_config": config(
                connect_timeout=2, read_timeout=10, retries={"max_attempts": 2, "mode": "standard"}
            ),
        },
    }
