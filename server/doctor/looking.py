"""The looks the doctor takes: each part alone, with a limit; whatever goes wrong is what was seen."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp

from server.clocks import utc_now
from server.doctor.patient import ExaminedProvider, Patient, ProbedStorage
from server.doctor.schemas import keep, sold_by
from server.doctor.telling import Observation, State
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.migrate import HEAD, current_revision
from server.settings import Settings
from tools.domain.models import VideoModel
from tools.errors import ProviderUnavailable, StudioError

logger = logging.getLogger("reelroom.doctor")

LOOK_LIMIT_S = 70.0
SKEW_S = 60.0
"""Signatures of webhooks and of R2 are refused when clocks are minutes apart."""
LITTLE_BYTES, TOO_LITTLE_BYTES = 5_000_000_000, 500_000_000
REFERENCES_LIVE_DAYS = 30


async def examine(
    patient: Patient, *, expire_references: bool = False, clock: Callable[[], datetime] = utc_now
) -> tuple[Observation, ...]:
    """Every part at once, told in one order. Changes nothing but what it was asked to."""
    looks: list[tuple[str, Callable[[], Awaitable[Sequence[Observation]]]]] = [
        ("settings", lambda: _settings(patient.settings)),
        ("disk", lambda: asyncio.to_thread(_disk, patient.settings.data_dir)),
        ("clock", lambda: _clock(patient.settings, clock)),
        ("provider", lambda: _provider(patient, clock)),
        ("storage", lambda: _storage(patient, expire_references=expire_references)),
        ("chat", lambda: _chat(patient)),
        ("sign-in", lambda: _sign_in(patient)),
    ]
    seen = await asyncio.gather(*(_looked(part, look) for part, look in looks))
    return tuple(each for observations in seen for each in observations)


async def _looked(
    part: str, look: Callable[[], Awaitable[Sequence[Observation]]]
) -> Sequence[Observation]:
    """Whatever goes wrong is what was seen."""
    try:
        async with asyncio.timeout(LOOK_LIMIT_S):
            return await look()
    except StudioError as error:
        words = error.message
    except TimeoutError:
        words = "It does not answer in time."
    except Exception as error:
        logger.exception("the doctor failed", extra={"part": part})
        words = f"It could not be looked at ({type(error).__name__})."
    return (Observation(part=part, state="failed", words=words),)


async def _settings(settings: Settings) -> Sequence[Observation]:
    """What a start with these would be; what is merely unwise is a warning."""
    films = "films by Replicate" if settings.replicate_token else "drafts alone"
    kept = "R2" if settings.r2 else str(settings.data_dir / "media")
    talk = "a language model" if settings.poe_api_key else "the offline assistant"
    seen = [Observation(part="settings", state="ok", words=f"{talk}, {films}, kept in {kept}.")]
    public_url = settings.public_url
    if settings.replicate_token and not (public_url or "").startswith("https://"):
        words = "PUBLIC_URL is not https: no webhooks come, films are found by asking alone."
        seen.append(Observation(part="settings", state="warning", words=words))
    if not settings.has_guests and public_url is None:
        words = "PUBLIC_URL is not set: links to films name the address that is listened on."
        seen.append(Observation(part="settings", state="warning", words=words))
    return seen


def _disk(folder: Path) -> Sequence[Observation]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"reelroom")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        words = f"DATA_DIR cannot be written to ({error.strerror})."
        return (Observation(part="disk", state="failed", words=words),)
    state: State = (
        "failed" if free < TOO_LITTLE_BYTES else "warning" if free < LITTLE_BYTES else "ok"
    )
    words = f"{free / 1e9:.1f} GB free in DATA_DIR."
    return (Observation(part="disk", state=state, words=words),)


async def _clock(settings: Settings, clock: Callable[[], datetime]) -> Sequence[Observation]:
    """Against the `Date` of whoever is relied on: ours alone proves nothing."""
    bucket = settings.r2
    asked = {
        f"{settings.replicate_base_url}/account": settings.replicate_token,
        settings.poe_api_url: settings.poe_api_key,
        bucket.endpoint_url if bucket else "": bucket,
    }
    url = next((url for url, is_used in asked.items() if is_used), None)
    if url is None:
        words = "Nothing here depends on another machine's."
        return (Observation(part="clock", state="absent", words=words),)
    off_s = (clock() - await _their_time(url)).total_seconds()
    if abs(off_s) <= SKEW_S:
        return (Observation(part="clock", state="ok", words="As the provider's."),)
    ahead = "ahead of" if off_s > 0 else "behind"
    words = f"This machine's clock is {abs(off_s):.0f} s {ahead} the provider's. Set it (NTP)."
    return (Observation(part="clock", state="warning", words=words),)


async def _their_time(url: str) -> datetime:
    """Raises ProviderUnavailable."""
    limit = aiohttp.ClientTimeout(total=15)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit, trust_env=True) as http,
            http.get(url, allow_redirects=False) as answer,
        ):
            told = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        raise ProviderUnavailable("The provider does not tell its time.") from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)


async def _provider(patient: Patient, clock: Callable[[], datetime]) -> Sequence[Observation]:
    provider = patient.provider
    if provider is None:
        words = "REPLICATE_API_KEY is not set: every film is a draft."
        return (Observation(part="token", state="absent", words=words),)
    async with AsyncExitStack() as opened:
        await _open(opened, provider)
        try:
            account = await provider.check_token()
        except StudioError as error:
            return (Observation(part="token", state="failed", words=error.message),)
        token = Observation(part="token", state="ok", words=f"It is the account {account}.")
        try:
            models = await _models(provider, patient, clock)
        except StudioError as error:
            models = (Observation(part="models", state="failed", words=error.message),)
        return (token, *models)


async def _models(
    provider: ExaminedProvider, patient: Patient, clock: Callable[[], datetime]
) -> Sequence[Observation]:
    models = sold_by(provider, patient.catalogue)
    found = await provider.examine(models)
    seen = [_model(model, found) for model in models]
    try:
        await _keep_for_the_server(patient.settings, found, clock)
    except StudioError as error:
        seen.append(Observation(part="findings", state="warning", words=error.message))
    return seen


def _model(model: VideoModel, found: Mapping[str, str | None]) -> Observation:
    part = f"model {model.key}"
    if model.key not in found:
        words = "Its schema could not be read just now; it is offered as before."
        return Observation(part=part, state="warning", words=words)
    reason = found[model.key]
    if reason is None:
        return Observation(part=part, state="ok", words="It takes what is sent.")
    # A row that nobody ever sold is no loss.
    is_lost = model.schema_read_on is not None
    words = f"Not offered: {reason}"
    return Observation(part=part, state="failed" if is_lost else "warning", words=words)


async def _keep_for_the_server(
    settings: Settings, found: Mapping[str, str | None], clock: Callable[[], datetime]
) -> None:
    """A server that runs reads it within minutes, one that starts at once. Raises StorageUnavailable.

    Tables of another version are left alone: a server of that version may be running on them.
    """
    if not settings.database_file.exists():
        return
    database = Database(settings.database_file)
    await database.open(lambda _: None)
    try:
        journal = Journal(database, clock=clock, announce=lambda _: None)
        if await database.read(current_revision) == HEAD:
            await journal.write(lambda transaction: keep(transaction, found))
    finally:
        await database.close()


async def _storage(patient: Patient, *, expire_references: bool) -> Sequence[Observation]:
    storage = patient.storage
    if storage is None:
        words = "R2 is not set up: films stay in DATA_DIR."
        seen = [Observation(part="storage", state="absent", words=words)]
        if expire_references:
            words = "Only a bucket has such a rule; a server sweeps its own folder by itself."
            seen.append(Observation(part="references", state="failed", words=words))
        return seen
    async with AsyncExitStack() as opened:
        await _open(opened, storage)
        await storage.probe()
        words = "A file can be put into the bucket, read and deleted."
        seen = [Observation(part="storage", state="ok", words=words)]
        if expire_references:
            seen.append(await _expiry(storage, patient.settings))
    return seen


async def _expiry(storage: ProbedStorage, settings: Settings) -> Observation:
    prefix = f"{settings.reference_image_storage_path}/handed/"
    try:
        await storage.expire_after(prefix, REFERENCES_LIVE_DAYS)
    except StudioError as error:
        return Observation(part="references", state="failed", words=error.message)
    words = f"The bucket deletes what is in {prefix} after {REFERENCES_LIVE_DAYS} days."
    return Observation(part="references", state="ok", words=words)


async def _chat(patient: Patient) -> Sequence[Observation]:
    chat = patient.chat
    if chat is None:
        words = "POE_API_KEY is not set: the offline assistant answers."
        return (Observation(part="chat", state="absent", words=words),)
    async with AsyncExitStack() as opened:
        await _open(opened, chat)
        await chat.check()
        settings = patient.settings
        told = [Observation(part="chat", state="warning", words=words) for words in chat.objections]
        if len(told) >= len({settings.poe_model, *settings.poe_fallback_models}):
            words = "None of the language models set up can answer."
            return (Observation(part="chat", state="failed", words=words), *told)
        if not chat.is_offered(settings.poe_refine_model):
            words = (
                f"POE_REFINE_MODEL: {settings.poe_refine_model} is not offered by this provider; "
                "prompts will be refined by rules instead."
            )
            told.append(Observation(part="chat", state="warning", words=words))
        return (Observation(part="chat", state="ok", words=f"{chat.name} answers."), *told)


async def _sign_in(patient: Patient) -> Sequence[Observation]:
    if patient.keys is None:
        way = "guests of this machine alone" if patient.settings.has_guests else "JWT_SECRET"
        words = f"JWT_JWKS_URL is not set: who comes in is known by {way}."
        return (Observation(part="sign-in", state="absent", words=words),)
    async with AsyncExitStack() as opened:
        await _open(opened, patient.keys)
        keys = await patient.keys.look()
    words = f"The issuer's keys that can be used: {len(keys)} ({', '.join(keys.algorithms)})."
    seen = [Observation(part="sign-in", state="ok", words=words)]
    if keys.left_out:
        words = f"Keys that cannot be used: {keys.left_out}. The server's log says why."
        seen.append(Observation(part="sign-in", state="warning", words=words))
    if patient.settings.jwt_audience is None:
        words = "JWT_AUDIENCE is not set: tokens that the issuer made for others open doors here."
        seen.append(Observation(part="sign-in", state="warning", words=words))
    return seen


async def _open(opened: AsyncExitStack, part: object) -> None:
    if isinstance(part, AbstractAsyncContextManager):
        await opened.enter_async_context(part)
