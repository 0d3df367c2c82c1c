"""The requests that we make of Replicate's API: each one once, with a limit, read tolerantly.

It is the official SDK that speaks. Its retries are off (they would repeat an order), its redirects
too (they would take the order elsewhere), and its helpers that wait or download are not used.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, urlsplit

import httpx
from replicate import APIError, APIStatusError, AsyncReplicate, DefaultAsyncHttpxClient

from tools.domain.identity import PredictionId
from tools.errors import ProviderRefused, ProviderUnavailable
from tools.providers.replicate.prediction import Prediction, Unreadable, prediction_from

logger = logging.getLogger("reelroom.ReplicateClient")

INVALID_KEY = (
    "Video generation failed: Invalid API key. The studio's key for the video provider does not "
    "work; whoever runs the studio has to set another one."
)
UNREACHABLE = "The video provider cannot be reached right now. Please try again in a moment."
_BUSY = frozenset((408, 425, 429))
_NO_KEY = frozenset((401, 403))
_NOT_FOUND, _SERVER_ERROR = 404, 500


class Answer(Protocol):
    """What the SDK gives back when it is asked not to read the answer."""

    http_response: httpx.Response


class NotKnown(Exception):
    """Replicate has nothing of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Waits in seconds. `answer_s`: how long the API may say nothing; `order_s`: for an order, in all.

    `list_lag_s`: how late an order may turn up in the list. `young_s`: for so long a prediction that
    was just created may be denied. `stop_s`: for a cancellation, in all; `again_s`: between its tries.
    """

    connect_s: float = 10.0
    answer_s: float = 30.0
    order_s: float = 45.0
    upload_s: float = 120.0
    list_lag_s: float = 15.0
    young_s: float = 30.0
    stop_s: float = 60.0
    again_s: float = 1.0
    idle_s: float = 30.0
    download_s: float = 900.0
    film_bytes: int = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`following`: how to ask for the next page; None: this was the last."""

    predictions: tuple[Prediction, ...]
    following: Mapping[str, str] | None


class ReplicateClient:
    """Opened and closed by its owner. `base_url` with its `/v1`."""

    def __init__(self, *, token: str, base_url: str, limits: Limits) -> None:
        self._token = token
        self._base_url = base_url
        self._limits = limits
        self._sdk: AsyncReplicate | None = None

    async def __aenter__(self) -> Self:
        limits = self._limits
        timeout = httpx.Timeout(limits.answer_s, connect=limits.connect_s)
        self._sdk = AsyncReplicate(
            bearer_token=self._token,
            base_url=self._base_url,
            max_retries=0,
            timeout=timeout,
            http_client=DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        sdk, self._sdk = self._sdk, None
        if sdk is not None:
            await sdk.close()

    async def create(
        self, slug: str, given: Mapping[str, object], *, webhook: str | None, cancel_after: str
    ) -> Prediction:
        """The one request that costs. Raises the SDK's errors, TimeoutError, Unreadable."""
        owner, _, name = slug.partition("/")
        hooks: dict[str, Any] = {}
        if webhook is not None:
            hooks = {"webhook": webhook, "webhook_events_filter": ["start", "completed"]}
        async with asyncio.timeout(self._limits.order_s):
            answer = await self._open.models.predictions.with_raw_response.create(
                model_owner=owner,
                model_name=name,
                input=dict(given),
                cancel_after=cancel_after,
                **hooks,
            )
        return prediction_from(_json(answer))

    async def get(self, prediction_id: PredictionId) -> Prediction:
        """Raises NotKnown, ProviderRefused, ProviderUnavailable; so do the others below."""
        answer = await self._asked(
            lambda sdk: sdk.predictions.with_raw_response.get(prediction_id=prediction_id)
        )
        return _prediction(answer)

    async def cancel(self, prediction_id: PredictionId) -> Prediction:
        answer = await self._asked(
            lambda sdk: sdk.predictions.with_raw_response.cancel(prediction_id=prediction_id)
        )
        return _prediction(answer)

    async def page(self, query: Mapping[str, str]) -> Page:
        """One page of the account's predictions, newest first. What cannot be read is left out."""
        answer = await self._asked(
            lambda sdk: sdk.predictions.with_raw_response.list(extra_query=dict(query))
        )
        results = answer.get("results") if isinstance(answer, Mapping) else None
        if not isinstance(results, list):
            raise ProviderUnavailable(UNREACHABLE)
        told = []
        for each in results:
            try:
                told.append(prediction_from(each))
            except Unreadable:
                logger.warning("a prediction in the list cannot be read")
        return Page(predictions=tuple(told), following=_following(answer))

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """A file that its models can read; its address."""
        answer = await self._asked(
            lambda sdk: sdk.files.with_raw_response.create(
                content=(name, content, content_type), filename=name, type=content_type
            ),
            limit_s=self._limits.upload_s,
        )
        urls = answer.get("urls") if isinstance(answer, Mapping) else None
        address = urls.get("get") if isinstance(urls, Mapping) else None
        if not isinstance(address, str):
            raise ProviderUnavailable(UNREACHABLE)
        return address

    async def model(self, slug: str) -> Mapping[str, object]:
        owner, _, name = slug.partition("/")
        answer = await self._asked(
            lambda sdk: sdk.models.with_raw_response.get(model_owner=owner, model_name=name)
        )
        return _object(answer)

    async def account(self) -> str:
        """Whose token it is."""
        answer = _object(await self._asked(lambda sdk: sdk.account.with_raw_response.get()))
        return str(answer.get("username") or "")

    async def fetch_secret(self) -> str:
        """What Replicate signs this account's webhooks with, `whsec_…`: fetched once and kept."""
        answer = _object(
            await self._asked(lambda sdk: sdk.webhooks.default.secret.with_raw_response.get())
        )
        key = answer.get("key")
        if not isinstance(key, str) or not key:
            raise ProviderUnavailable(UNREACHABLE)
        return key

    @property
    def _open(self) -> AsyncReplicate:
        if self._sdk is None:
            raise ProviderUnavailable("The video provider is not connected.")
        return self._sdk

    async def _asked(
        self,
        question: Callable[[AsyncReplicate], Awaitable[Answer]],
        limit_s: float | None = None,
    ) -> object:
        async with studio_errors():
            async with asyncio.timeout(limit_s or self._limits.order_s):
                answer = await question(self._open)
            return _json(answer)


@asynccontextmanager
async def studio_errors() -> AsyncIterator[None]:
    """Theirs as ours, for every request but an order. Nothing of their words is passed on."""
    try:
        yield
    except APIStatusError as error:
        # Not chained: a traceback would print what they say, pages to pay money in included.
        raise _meant(error.status_code) from None
    except (APIError, TimeoutError, Unreadable) as error:
        raise ProviderUnavailable(UNREACHABLE) from error


def _meant(status: int) -> Exception:
    if status == _NOT_FOUND:
        return NotKnown()
    if status in _NO_KEY:
        logger.error("the provider refused the key", extra={"status": status})
        return ProviderRefused(INVALID_KEY)
    if status in _BUSY or status >= _SERVER_ERROR:
        return ProviderUnavailable(UNREACHABLE)
    return ProviderRefused(f"The video provider refused a request ({status}).")


def list_query(*, after: datetime, before: datetime) -> dict[str, str]:
    return {"created_after": after.isoformat(), "created_before": before.isoformat()}


def _json(answer: Answer) -> object:
    try:
        return answer.http_response.json()
    except ValueError as error:
        raise Unreadable("no JSON") from error


def _prediction(answer: object) -> Prediction:
    try:
        return prediction_from(answer)
    except Unreadable as error:
        raise ProviderUnavailable(UNREACHABLE) from error


def _object(answer: object) -> Mapping[str, object]:
    if not isinstance(answer, Mapping):
        raise ProviderUnavailable(UNREACHABLE)
    return answer


def _following(answer: object) -> Mapping[str, str] | None:
    """Only the query of the address that is given: behind a gateway it would name another host."""
    following = answer.get("next") if isinstance(answer, Mapping) else None
    if not isinstance(following, str):
        return None
    return dict(parse_qsl(urlsplit(following).query)) or None
