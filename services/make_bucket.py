"""Makes the bucket that S3_BUCKET names where there is none: `python -m services.make_bucket`."""

from __future__ import annotations

import sys
from typing import Any

import boto3
import environ
from botocore.exceptions import BotoCoreError, ClientError

from bulletin import environment


def make(options: dict[str, Any]) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name=options["region_name"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
    )
    try:
        client.head_bucket(Bucket=options["bucket_name"])
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=options["bucket_name"])


if __name__ == "__main__":
    try:
        make(environment.uploads(environ.Env())["OPTIONS"])
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"no bucket: {error}")
