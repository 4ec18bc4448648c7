"""Uploaded pictures in an S3-compatible bucket."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

# Seconds: a bucket that does not answer costs one picture, not a worker.
TIMEOUTS = Config(
    connect_timeout=2, read_timeout=10, retries={"max_attempts": 2, "mode": "standard"}
)


@contextmanager
def failing_as_files_do() -> Iterator[None]:
    """A bucket's failures as those of a disk, which is what the core expects of any storage."""
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise FileNotFoundError(str(error)) from error
        raise OSError(errno.EIO, f"the bucket of uploads: {error}") from error
    except BotoCoreError as error:
        raise OSError(errno.EIO, f"the bucket of uploads: {error}") from error


class Bucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """A storage read by the site alone: a picture is served by our own address, sandboxed."""

    def get_default_settings(self) -> dict[str, Any]:
        ours = {"client_config": TIMEOUTS, "default_acl": None, "file_overwrite": True}
        return {**super().get_default_settings(), **ours}

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        """The whole file at once; FileNotFoundError where there is none."""
        with failing_as_files_do(), super()._open(name, mode) as stored:
            return ContentFile(stored.read(), name=name)

    def _save(self, name: str, content: IO[bytes]) -> str:
        with failing_as_files_do():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with failing_as_files_do():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with failing_as_files_do():
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with failing_as_files_do():
            folders, files = super().listdir(path)
            return folders, files

    def size(self, name: str) -> int:
        with failing_as_files_do():
            return int(super().size(name))
