"""`POST /api/storage/upload`: one image, measured and re-encoded before anybody may see it.

It comes as a form, or from an address: ours is read from the storage, a stranger's through a guard.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage

from server.addresses import Addresses
from server.auth import Principal
from server.desk import Desk
from server.http.doors import Reception, json_response, read_json
from server.http.parts import A_BODY, ID
from server.http.routes import Route, post
from server.memory import uploads
from server.memory.journal import Journal, Transaction
from server.rates import Kind, Rates
from server.wire import samples
from server.wire.answers import UploadTaken
from server.wire.base import NoticeOut
from server.wire.bodies import UploadByUrlBody
from server.wire.described import Answer, Operation, Tag, form, json_of
from tools.domain.events import UploadAdded
from tools.domain.failures import Notice
from tools.domain.identity import MintId, SessionId, UploadId
from tools.domain.uploads import ReferenceRole, Upload
from tools.errors import (
    Busy,
    InvalidPayload,
    NotFound,
    RateLimited,
    ReferencesNotStored,
    ReferenceUnreachable,
    StorageUnavailable,
    TooLarge,
    UnsupportedMedia,
)
from tools.rendering.ports import ImageFetcher, Storage

UPLOAD_LIMIT_S = 300.0
FIELD_CHARS = 200
CHUNK_BYTES = 1 << 16
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg"}

UPLOAD = Operation(
    name="uploadImage",
    tag=Tag.STORAGE,
    summary="Give an image",
    text="A logo, a product, a style: as a form, or by its address. It is measured and encoded anew. "
    "One under 512 × 512 is taken with a warning. The answer's `url` is good in "
    "`referenceImageUrls`, also when its signature is old.",
    body=(
        form(
            {
                "file": {"type": "string", "format": "binary", "description": "PNG, JPEG or WebP."},
                # A page's form sends what was left empty, too.
                "sessionId": {
                    "type": "string",
                    "maxLength": ID["maxLength"],
                    "pattern": ID["pattern"].replace("+", "*"),
                    "description": "The session that it belongs to.",
                },
                "role": {"type": "string", "enum": [*ReferenceRole, ""]},
            },
            required=("file",),
        ),
        *json_of(UploadByUrlBody, From_an_address=samples.UPLOAD_BY_URL),
    ),
    answers=(
        Answer(
            status=201,
            text="What was kept, and where.",
            contents=json_of(UploadTaken, A_small_logo=samples.UPLOADED),
        ),
    ),
    refusals=(
        *A_BODY,
        NotFound,
        Busy,
        RateLimited,
        ReferenceUnreachable,
        StorageUnavailable,
    ),
)


class Taken(Protocol):
    """An image taken in: re-encoded, measured, without metadata."""

    @property
    def file(self) -> Path: ...
    @property
    def content_type(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def warnings(self) -> tuple[Notice, ...]: ...


class ImageIntake(Protocol):
    async def take_in(self, source: Path, folder: Path) -> Taken:
        """Raises TooLarge, UnsupportedMedia, Busy."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """An image as it came, on this machine, and what was said of it."""

    file: Path
    session_id: str | None
    role: ReferenceRole | None


class UploadDoor:
    def __init__(
        self,
        *,
        reception: Reception,
        desk: Desk,
        journal: Journal,
        intake: ImageIntake,
        fetcher: ImageFetcher,
        storage: Storage,
        addresses: Addresses,
        rates: Rates,
        mint: MintId,
        clock: Callable[[], datetime],
        work: Path,
        references: str,
        limit_bytes: int,
    ) -> None:
        self._reception = reception
        self._desk = desk
        self._journal = journal
        self._intake = intake
        self._fetcher = fetcher
        self._storage = storage
        self._addresses = addresses
        self._rates = rates
        self._mint = mint
        self._clock = clock
        self._work = work
        self._references = references
        self._limit_bytes = limit_bytes

    def routes(self) -> list[Route]:
        return [post("/api/storage/upload", self.upload, UPLOAD)]

    async def upload(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        # Before anything is read: also one that is refused later costs us its way here.
        self._rates.take(Kind.UPLOADS, principal.tenant_id, principal.user_id)
        self._work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work, ignore_cleanup_errors=True) as name:
            folder = Path(name)
            match request.content_type:
                case "application/json":
                    given = await self._fetched(request, principal, folder)
                case "multipart/form-data":
                    given = await self._sent(request, folder)
                case _:
                    raise UnsupportedMedia(
                        "Send the image as multipart/form-data, in a field named file, or its "
                        "address as application/json."
                    )
            upload = await self._take(given, principal, folder)
        return json_response(self._taken(upload), status=201)

    async def _fetched(self, request: web.Request, principal: Principal, folder: Path) -> _Given:
        """Raises ReferenceUnreachable, TooLarge, UnsupportedMedia, NotFound."""
        body = await read_json(request, UploadByUrlBody)
        if body.session_id is not None:
            # Nothing is fetched for a session that is not theirs.
            await self._desk.known_session(principal, body.session_id)
        try:
            file = await self._brought(body.url, principal, folder)
        except (ReferenceUnreachable, TooLarge, UnsupportedMedia) as error:
            error.field = "url"
            raise
        return _Given(file=file, session_id=body.session_id, role=body.role)

    async def _brought(self, url: str, principal: Principal, folder: Path) -> Path:
        own = await self._desk.upload_behind(url, principal)
        if own is not None:
            return await self._storage.fetch(own.path, folder)
        self._desk.check_address(url)
        return await self._fetcher.fetch(url, folder)

    async def _sent(self, request: web.Request, folder: Path) -> _Given:
        """Raises InvalidPayload, TooLarge."""
        try:
            async with asyncio.timeout(UPLOAD_LIMIT_S):
                source, fields = await self._receive(request, folder)
        except TimeoutError as error:
            raise InvalidPayload("The file did not arrive in time. Please try again.") from error
        except (ValueError, BadHttpMessage) as error:
            # The library's word for a body that is no form, or ends too soon.
            raise InvalidPayload("The form is damaged or incomplete. Please try again.") from error
        return _Given(
            file=source, session_id=fields.get("sessionId") or None, role=_role(fields.get("role"))
        )

    async def _take(self, given: _Given, principal: Principal, folder: Path) -> Upload:
        asked = given.session_id
        session = await self._desk.known_session(principal, asked) if asked else None
        taken = await self._intake.take_in(given.file, folder)
        upload_id = UploadId(self._mint("upload"))
        path = f"{self._references}/{upload_id}.{EXTENSIONS[taken.content_type]}"
        try:
            await self._storage.store(taken.file, path, taken.content_type)
        except StorageUnavailable as error:
            raise ReferencesNotStored(error) from error
        upload = Upload(
            id=upload_id,
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            session_id=session.id if session else None,
            role=given.role,
            path=path,
            content_type=taken.content_type,
            size_bytes=taken.size_bytes,
            width=taken.width,
            height=taken.height,
            uploaded_at=self._clock(),
            warnings=taken.warnings,
        )
        await self._journal.write(lambda transaction: _keep(transaction, upload))
        return upload

    async def _receive(self, request: web.Request, folder: Path) -> tuple[Path, dict[str, str]]:
        """The file, streamed to disk under the size limit, and the small fields beside it."""
        source: Path | None = None
        fields: dict[str, str] = {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise InvalidPayload("Nested multipart is not understood.")
            if part.name == "file" and source is None:
                source = folder / "received"
                await self._spool(part, source)
            elif part.name in {"sessionId", "role"}:
                fields[part.name] = (await part.read_chunk(FIELD_CHARS)).decode(errors="replace")
            else:
                raise InvalidPayload("The form takes file, sessionId and role.", field="file")
        if source is None:
            raise InvalidPayload("There is no file in the form.", field="file")
        return source, fields

    async def _spool(self, part: BodyPartReader, target: Path) -> None:
        size = 0
        with target.open("wb") as file:
            while chunk := await part.read_chunk(CHUNK_BYTES):
                size += len(chunk)
                if size > self._limit_bytes:
                    raise TooLarge(
                        f"The image is larger than {self._limit_bytes // 1_000_000} MB.",
                        field="file",
                    )
                file.write(chunk)

    def _taken(self, upload: Upload) -> dict[str, object]:
        return UploadTaken(
            upload_id=upload.id,
            url=self._addresses.of(upload.path),
            path=upload.path,
            content_type=upload.content_type,
            size=upload.size_bytes,
            width=upload.width,
            height=upload.height,
            warnings=[NoticeOut(code=each.code, message=each.message) for each in upload.warnings],
        ).json_ready()


def _role(given: str | None) -> ReferenceRole | None:
    try:
        return ReferenceRole(given) if given else None
    except ValueError as error:
        raise InvalidPayload("role is logo, product or style.", field="role") from error


def _keep(transaction: Transaction, upload: Upload) -> None:
    uploads.add(transaction, upload)
    if upload.session_id is not None:
        transaction.tell(SessionId(upload.session_id), UploadAdded(upload=upload))
