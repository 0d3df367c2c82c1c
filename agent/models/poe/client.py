"""The SDK's client, which writes what is the same in every request of a kind only once.

It looks at headers, address and options anew each time: a third of what a short turn costs. Retries,
timeouts, errors and the connection stay the SDK's. A test holds that requests are those it makes itself.
"""

import httpx2
from openai import AsyncOpenAI
from openai._models import FinalRequestOptions

_Kind = tuple[object, ...]


class Client(AsyncOpenAI):
    """Bodies are given as bytes (`content`); other requests are made by the SDK alone."""

    _written: dict[_Kind, httpx2.Request]

    @property
    def user_agent(self) -> str:
        """The SDK's own: some servers let only known clients in."""
        return super().user_agent.replace(type(self).__name__, AsyncOpenAI.__name__)

    def _build_request(
        self, options: FinalRequestOptions, *, retries_taken: int = 0
    ) -> httpx2.Request:
        content = options.content
        kind = self._kind_of(options, retries_taken)
        if kind is None or not isinstance(content, bytes):
            return super()._build_request(options, retries_taken=retries_taken)
        written = self.__dict__.setdefault("_written", {})
        same: httpx2.Request | None = written.get(kind)
        if same is None:
            same = super()._build_request(options, retries_taken=retries_taken)
            same.headers.pop("Content-Length", None)
            written[kind] = same
        return httpx2.Request(
            same.method,
            same.url,
            headers=same.headers,
            content=content,
            extensions=same.extensions,
        )

    def _kind_of(self, options: FinalRequestOptions, retries_taken: int) -> _Kind | None:
        """What decides on all but the body; None where that is not certain."""
        timeout, headers = options.timeout, options.headers
        # A key of each request's own could not be written once; today's SDK sends none.
        if options.params or self._idempotency_header is not None:
            return None
        if not (isinstance(timeout, httpx2.Timeout) and isinstance(headers, dict)):
            return None
        waits = tuple(timeout.as_dict().values())
        return (options.method, options.url, retries_taken, waits, *headers.items())
