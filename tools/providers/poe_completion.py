"""One question to a language model over an OpenAI-compatible API, answered whole: for the refiner.

Only what every server takes is sent: the model and two messages.
"""

from typing import Self

from openai import APIError, APIStatusError, AsyncOpenAI, DefaultAioHttpClient, Timeout

from tools.errors import ProviderRefused, ProviderUnavailable

_CONNECT_S = 5.0
_BUSY = frozenset((408, 409, 429))
_SERVER_ERROR = 500
_ANSWER_CHARS = 40_000


class PoeCompletion:
    """`refining_chat.Complete`, for one model. Open it (`async with`) before it is asked.

    `base_url` with its `/v1`; `limit_s`: how long the server may say nothing.
    """

    def __init__(self, *, base_url: str, api_key: str, model: str, limit_s: float = 20.0) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._model = model
        self._limit_s = limit_s
        self._client: AsyncOpenAI | None = None

    async def __aenter__(self) -> Self:
        self._client = AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._api_key,
            timeout=Timeout(self._limit_s, connect=_CONNECT_S),
            # Who asks has rules to fall back on, and a person who waits: one try is enough.
            max_retries=0,
            # A redirect would take the key and the prompt to an address that nobody configured.
            http_client=DefaultAioHttpClient(follow_redirects=False),
        )
        # Read by the SDK from the environment of this machine; not meant for this server.
        self._client.organization = self._client.project = None
        return self

    async def __aexit__(self, *_: object) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def __call__(self, system: str, user: str) -> str:
        """Raises ProviderUnavailable, ProviderRefused: never in the provider's own words."""
        if self._client is None:
            raise ProviderUnavailable("The language model is not connected.")
        try:
            answer = await self._client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": system},
                    {"role": "user", "content": user},
                ],
            )
        except APIStatusError as error:
            if error.status_code in _BUSY or error.status_code >= _SERVER_ERROR:
                raise ProviderUnavailable("The language model is busy.") from error
            raise ProviderRefused(
                f"The language model's API refused the request ({error.status_code})."
            ) from error
        except (APIError, ValueError) as error:  # ValueError: a body that is no JSON
            raise ProviderUnavailable("The language model cannot be reached.") from error
        return _text(answer)


def _text(answer: object) -> str:
    """What was said. Servers leave out what the SDK promises: nothing is taken for granted."""
    choices = getattr(answer, "choices", None) or ()
    message = getattr(choices[0], "message", None) if choices else None
    text = getattr(message, "content", None)
    if not isinstance(text, str) or not text.strip():
        raise ProviderUnavailable("The language model said nothing.")
    return text[:_ANSWER_CHARS]
