"""An S3 that counts and forgets: what goes over the wire to it, and answers that no real one gives on demand.

It speaks enough to store: one PUT, or parts between create and complete. Bodies are dropped as they
come, so that it takes no memory; objects are known by their size and headers.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tools.storage.r2 import R2Storage

SECRET = "a-secret-key"
BUCKET = "films"
STRANGERS_WORDS = "do not repeat: https://bucket.example/?X-Amz-Signature=abc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it came. `operation` in S3's words."""

    operation: str
    key: str
    headers: dict[str, str]
    query: dict[str, str]
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    size_bytes: int
    headers: dict[str, str]
    part_sizes: tuple[int, ...] = ()


@dataclass
class _Upload:
    headers: dict[str, str]
    parts: dict[int, int] = field(default_factory=dict)


Fault = Callable[[str], web.StreamResponse | None]
"""An answer in place of the right one, by the operation."""


@dataclass
class Sink:
    """`fault` may answer first.

    `gate` is waited for in the middle of every body, and before a file is given.
    """

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    objects: dict[str, Kept] = field(default_factory=dict)
    uploads: dict[str, _Upload] = field(default_factory=dict)
    fault: Fault = lambda _operation: None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    checks_bodies: bool = True
    cuts_off: bool = False
    """What is got from it ends in the middle."""

    def __post_init__(self) -> None:
        self.gate.set()

    def storage(self, *, attempts: int = 1, check_limit_s: float = 5) -> R2Storage:
        return R2Storage(
            bucket=BUCKET,
            access_key_id="an-access-key",
            secret_access_key=SECRET,
            endpoint_url=self.url,
            public_url=None,
            threads=2,
            attempts=attempts,
            check_limit_s=check_limit_s,
        )

    def operations(self) -> list[str]:
        return [each.operation for each in self.seen]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        operation = _operation(request)
        size_bytes, digest = await self._drop(request)
        if operation == "GetObject":
            await self.gate.wait()
        key = request.match_info["key"]
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(
            Seen(
                operation=operation,
                key=key,
                headers=headers,
                query=dict(request.query),
                size_bytes=size_bytes,
            )
        )
        if self.checks_bodies and headers["x-amz-content-sha256"] != digest:
            return refusal(400, "XAmzContentSHA256Mismatch")
        if operation == "GetObject" and self.cuts_off:
            return await _cut_off(request)
        return self.fault(operation) or self._kept(operation, key, request, size_bytes)

    async def _drop(self, request: web.Request) -> tuple[int, str]:
        size_bytes, digest = 0, hashlib.sha256()
        async for chunk in request.content.iter_any():
            size_bytes += len(chunk)
            if self.checks_bodies:
                digest.update(chunk)
            self.arrived.set()
            await self.gate.wait()
        return size_bytes, digest.hexdigest()

    def _kept(
        self, operation: str, key: str, request: web.Request, size_bytes: int
    ) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        upload_id = request.query.get("uploadId", "")
        match operation:
            case "PutObject":
                self.objects[key] = Kept(size_bytes=size_bytes, headers=headers)
            case "CreateMultipartUpload":
                upload_id = f"upload-{len(self.uploads)}"
                self.uploads[upload_id] = _Upload(headers)
                return _xml(f"<InitiateMultipartUploadResult><UploadId>{upload_id}</UploadId>"
                            "</InitiateMultipartUploadResult>")  # fmt: skip
            case "UploadPart":
                self.uploads[upload_id].parts[int(request.query["partNumber"])] = size_bytes
            case "CompleteMultipartUpload":
                return self._completed(key, upload_id)
            case "AbortMultipartUpload":
                del self.uploads[upload_id]
                return web.Response(status=204)
            case "GetBucketLifecycleConfiguration":
                return refusal(404, "NoSuchLifecycleConfiguration")
        return web.Response(headers={"ETag": '"an-etag"'})

    def _completed(self, key: str, upload_id: str) -> web.StreamResponse:
        """R2 refuses parts that differ in size, except the last: so does this one."""
        upload = self.uploads[upload_id]
        sizes = tuple(size for _, size in sorted(upload.parts.items()))
        if len(set(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
            return refusal(400, "InvalidPart")
        del self.uploads[upload_id]
        self.objects[key] = Kept(size_bytes=sum(sizes), headers=upload.headers, part_sizes=sizes)
        return _xml("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")


async def _cut_off(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"x" * 500)
    assert request.transport is not None
    request.transport.close()
    return answer


def refusal(status: int, code: str) -> web.Response:
    body = f"<Error><Code>{code}</Code><Message>{STRANGERS_WORDS}</Message></Error>"
    return web.Response(status=status, text=body, content_type="application/xml")


def _xml(body: str) -> web.Response:
    return web.Response(text=body, content_type="application/xml")


def _operation(request: web.Request) -> str:
    query, method = request.query, request.method
    if "lifecycle" in query:
        return f"{method.capitalize()}BucketLifecycleConfiguration"
    if "uploads" in query:
        return "CreateMultipartUpload"
    if "uploadId" in query:
        return {
            "PUT": "UploadPart",
            "POST": "CompleteMultipartUpload",
            "DELETE": "AbortMultipartUpload",
        }[method]
    return f"{method.capitalize()}Object"


@asynccontextmanager
async def s3_sink() -> AsyncIterator[Sink]:
    sink = Sink()
    app = web.Application(client_max_size=0)
    app.router.add_route("*", f"/{BUCKET}/{{key:.*}}", sink.answer)
    app.router.add_route("*", f"/{{key:{BUCKET}}}", sink.answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        sink.url = f"http://{host}:{port}"
        yield sink
    finally:
        sink.gate.set()
        await runner.cleanup()
