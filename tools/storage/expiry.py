"""Files that the bucket itself deletes when they are old: a rule of its own among others' rules."""

import base64
import hashlib
import re
from typing import TYPE_CHECKING, cast

from tools.errors import StorageUnavailable
from tools.storage.refusals import code_of, log_refusal

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import LifecycleRuleTypeDef

_NO_RULES = "NoSuchLifecycleConfiguration"
_EVENT = "before-sign.s3.PutBucketLifecycleConfiguration"


class ExpiryRefused(StorageUnavailable):
    """The bucket keeps its rules to itself: asking again changes nothing."""

    retryable = False


def rule_id(prefix: str) -> str:
    return f"reelroom-expires-{re.sub(r'[^a-zA-Z0-9]+', '-', prefix).strip('-')}"


def set_expiry(client: "S3Client", bucket: str, prefix: str, days: int) -> None:
    """What begins with `prefix` goes after `days`. Raises ExpiryRefused; blocks.

    Putting rules replaces all of them, so those of others are read and put back. Whoever changes
    them in that instant is overwritten: S3 has no way to notice.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415  costs 0.3 s

    ours: LifecycleRuleTypeDef = {
        "ID": rule_id(prefix),
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "Expiration": {"Days": days},
    }
    client.meta.events.register(_EVENT, _md5_for_checksum, unique_id=_EVENT)
    try:
        kept = [rule for rule in _rules(client, bucket) if rule.get("ID") != ours["ID"]]
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [*kept, ours]}
        )
    except ClientError as error:
        log_refusal("set rules", error)
        raise ExpiryRefused(
            "The storage does not let this studio set rules for deleting. Set one by hand, or give "
            "it keys that may (R2: Admin Read & Write)."
        ) from None


def _rules(client: "S3Client", bucket: str) -> "list[LifecycleRuleTypeDef]":
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        found = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if code_of(error) == _NO_RULES:
            return []
        raise
    # Rules are put in the shape in which they are got.
    return cast("list[LifecycleRuleTypeDef]", found)


def _md5_for_checksum(request: "AWSRequest", **_: object) -> None:
    """boto3 insists on CRC32 headers here, which R2 does not know; Content-MD5 it does."""
    for header in ("x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"):
        del request.headers[header]
    digest = hashlib.md5(request.data or b"", usedforsecurity=False).digest()
    request.headers["Content-MD5"] = base64.b64encode(digest).decode()
