"""What the fake Replicate can be told to do: how a prediction ends, how a request is answered.

A fate is of a prediction, an answer of one HTTP request. Both are values: a test reads as its story.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Commits = Literal["first", "after", "never"]
"""Whether the request does its work before what goes wrong, after it, or not at all."""
BAD_GATEWAY = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1>"
    "</center><hr><center>cloudflare</center></body></html>"
)


# -- answers --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AsUsual:
    """Nothing goes wrong: a place in the queue of answers."""


@dataclass(frozen=True, kw_only=True)
class Refuses:
    """An error without doing the work. A text body is sent as HTML, as edges do."""

    status: int
    body: Mapping[str, Any] | str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RefusesAfterCommit:
    """The work is done, and yet the answer is an error."""

    status: int = 502
    body: Mapping[str, Any] | str = BAD_GATEWAY
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Drops:
    """The connection is reset; nothing was done."""


@dataclass(frozen=True, kw_only=True)
class DropsAfterCommit:
    """The work is done, then the connection is reset: nobody is told."""


@dataclass(frozen=True, kw_only=True)
class AnswersLate:
    """Answers after `after_s`; the work is done at once, or only then (`commits="after"`)."""

    after_s: float
    commits: Commits = "first"


@dataclass(frozen=True, kw_only=True)
class WaitsFor:
    """Answers when the test sets `gate`; `reached` tells the test that it waits."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    commits: Commits = "first"


@dataclass(frozen=True, kw_only=True)
class Truncates:
    """A download that breaks off: at `share` of the film, under a Content-Length of the whole."""

    share: float = 0.5


@dataclass(frozen=True, kw_only=True)
class EndsEarly:
    """A download that is well-formed HTTP, of the first `share` of the film only."""

    share: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Serves:
    """A download of something else than the film."""

    body: bytes = b"<html><body>Sign in to continue</body></html>"
    content_type: str = "video/mp4"


@dataclass(frozen=True, kw_only=True)
class Redirects:
    """`to`: "own" (same host), "foreign" (`localhost`), "itself" (for ever), or any URL."""

    to: str = "own"
    status: int = 302


@dataclass(frozen=True, kw_only=True)
class Trickles:
    """A slow download: `pieces` pieces, `pause_s` between them."""

    pieces: int = 10
    pause_s: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Stalls:
    """A download that stops at `share` of the film and keeps the connection."""

    share: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Swells:
    """A download of `size_bytes`, which says so beforehand, or not (chunked)."""

    size_bytes: int
    is_declared: bool = True


Answer = AsUsual | Refuses | RefusesAfterCommit | Drops | DropsAfterCommit | AnswersLate | WaitsFor
Download = Answer | Truncates | EndsEarly | Serves | Redirects | Trickles | Stalls | Swells


# -- fates ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Fate:
    """`after_s`: from creation to the end, None for the fake's own `render_s`.

    `hidden_polls`: as many GETs right after creation are answered with 404.
    """

    after_s: float | None = None
    hidden_polls: int = 0
    logs: str = "Using seed: 42\nGenerating video...\n"
    metrics: Mapping[str, Any] = field(default_factory=dict)


Output = str | Callable[[str], object]
"""string | list | object | null | empty, or a function from the film's URL to the output."""


@dataclass(frozen=True, kw_only=True)
class Succeeds(Fate):
    """Makes a film. What is None is as the input asks; `start_level` is luma, 16 to 235.

    `download`: one answer for every GET of the film, or a list of answers for the next ones in order.
    `kept_s`: how long until the data is removed, None for the fake's own `retention_s`.
    """

    output: Output | None = None
    download: Download | list[Download] | None = None
    kept_s: float | None = None
    seconds: float | None = None
    has_sound: bool | None = None
    frame: tuple[int, int] | None = None
    fps: int = 24
    start_level: int | None = None


@dataclass(frozen=True)
class Fails(Fate):
    error: str = field(default="", kw_only=False)


@dataclass(frozen=True, kw_only=True)
class Cancels(Fate):
    """Canceled after it started, by nobody that we know (its deadline)."""


@dataclass(frozen=True, kw_only=True)
class Aborts(Fate):
    """Never started: its deadline passed in the queue. Sends no webhook."""


@dataclass(frozen=True)
class Becomes(Fate):
    """Takes a status nobody has heard of, then goes on to `then`; None stays so for ever."""

    status: str = field(default="paused", kw_only=False)
    then: Fate | None = None


@dataclass(frozen=True, kw_only=True)
class NeverEnds(Fate):
    """Stays `processing`; `starts=False`: stays `starting`."""

    starts: bool = True
