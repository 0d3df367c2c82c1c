"""A bucket that speaks S3, as boto3 reaches it: every call here blocks.

The client is set as Cloudflare R2 needs it. It is imported when it is made: that takes 0.4 s and
40 MB, which a studio without a bucket does not pay.
"""

import contextlib
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING, BinaryIO

from tools.errors import StorageUnavailable
from tools.storage.refusals import log_refusal
from tools.storage.slices import slices
from tools.storage.threads import Stop

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

FILM_CACHE = "public, max-age=31536000, immutable"
IMAGE_CACHE = "public, max-age=604800"
"""Names are never used twice, but an image may be gone when its month is over."""
_READ_BYTES = 1024 * 1024
_NEVER_THERE = "reelroom/is-this-bucket-there"


class Bucket:
    """Files by key. Raises what boto3 and the disk raise: `refusals.storage_errors` turns it."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self.client = client
        self.name = name

    def put_file(self, source: Path, key: str, content_type: str, stop: Stop) -> None:
        """Whole or not at all: nothing is at `key` before the last part is there."""
        with source.open("rb") as file:
            parts = list(slices(file, source, stop))
            if len(parts) == 1:
                stop.check()
                self.client.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=parts[0],
                    ContentType=content_type,
                    CacheControl=_cache_for(content_type),
                )
            else:
                self._put_parts(parts, key, content_type, stop)

    def _put_parts(self, parts: list[BinaryIO], key: str, content_type: str, stop: Stop) -> None:
        upload_id = self.client.create_multipart_upload(
            Bucket=self.name,
            Key=key,
            ContentType=content_type,
            CacheControl=_cache_for(content_type),
        )["UploadId"]
        try:
            sent: list[CompletedPartTypeDef] = []
            for number, part in enumerate(parts, start=1):
                stop.check()
                answer = self.client.upload_part(
                    Bucket=self.name, Key=key, UploadId=upload_id, PartNumber=number, Body=part
                )
                sent.append({"PartNumber": number, "ETag": answer["ETag"]})
            stop.check()
            self.client.complete_multipart_upload(
                Bucket=self.name, Key=key, UploadId=upload_id, MultipartUpload={"Parts": sent}
            )
        except BaseException:
            self._give_up(key, upload_id)
            raise

    def _give_up(self, key: str, upload_id: str) -> None:
        """Parts without an end are paid for until R2 drops them, after a week."""
        try:
            self.client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload_id)
        except Exception as error:  # noqa: BLE001  what is raised already says more
            log_refusal("abort an upload", error)

    def get_file(self, key: str, target: Path, stop: Stop) -> None:
        """The file `target`, whole or not at all; one that is there already stays."""
        if target.exists():
            return
        part = target.with_name(f"{target.name}.{token_hex(4)}.part")
        body = self.client.get_object(Bucket=self.name, Key=key)["Body"]
        try:
            with contextlib.closing(body), part.open("wb") as writing:
                # At the end it is compared with the length that was declared.
                while data := body.read(_READ_BYTES):
                    stop.check()
                    writing.write(data)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def remove(self, key: str) -> None:
        # One by one: deleting many at once insists on a checksum header that R2 may refuse.
        self.client.delete_object(Bucket=self.name, Key=key)

    def ask(self) -> None:
        """Whether the bucket is there for these keys: it says that a file of no such name is not."""
        try:
            self.client.get_object(Bucket=self.name, Key=_NEVER_THERE)["Body"].close()
        except self.client.exceptions.NoSuchKey:
            return

    def probe(self) -> None:
        """Put, get, compare and delete a small file."""
        key, content = f"reelroom/probe-{token_hex(8)}", token_bytes(64)
        self.client.put_object(Bucket=self.name, Key=key, Body=content)
        try:
            with contextlib.closing(
                self.client.get_object(Bucket=self.name, Key=key)["Body"]
            ) as got:
                if got.read() != content:
                    raise StorageUnavailable("The storage gives other bytes than it was given.")
        finally:
            self.client.delete_object(Bucket=self.name, Key=key)

    def address(self, key: str, seconds: int, *, saved_as: str | None) -> str:
        """An address that is signed for `seconds`; `saved_as` is a Content-Disposition."""
        asked = {"Bucket": self.name, "Key": key}
        if saved_as is not None:
            asked["ResponseContentDisposition"] = saved_as
        return self.client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)


def connected(
    *,
    endpoint_url: str,
    access_key_id: str,
    secret_access_key: str,
    connections: int,
    attempts: int,
) -> "S3Client":
    """A client that R2 understands. Asks nobody."""
    import boto3  # noqa: PLC0415  costs 0.4 s and 40 MB
    from botocore.config import Config  # noqa: PLC0415
    from botocore.handlers import add_expect_header  # noqa: PLC0415

    client = boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint_url,
        region_name="auto",
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            # By default boto3 sends checksums in a trailer, which R2 answers with Unauthorized.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=connections,
        ),
    )
    # R2 never answers "100 Continue": every part would wait a second for it.
    client.meta.events.unregister("before-call.s3", add_expect_header)
    return client


def _cache_for(content_type: str) -> str:
    return IMAGE_CACHE if content_type.startswith("image/") else FILM_CACHE
