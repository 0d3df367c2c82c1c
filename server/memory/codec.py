"""Domain values as JSON text in a row, and back, checked."""

from typing import Any, Generic, TypeVar, get_args

from pydantic import TypeAdapter

from tools.domain.clips import Clip
from tools.domain.creatives import Creative
from tools.domain.events import SessionEvent
from tools.domain.jobs import VideoJob
from tools.domain.uploads import Upload

T = TypeVar("T")


class Codec(Generic[T]):
    """`without`: fields that are kept elsewhere; a value comes back with their defaults."""

    def __init__(self, kind: type[T], *, without: frozenset[str] = frozenset()) -> None:
        self._adapter = TypeAdapter(kind)
        self._without = set(without) or None

    def dump(self, value: T) -> str:
        return self._adapter.dump_json(value, exclude=self._without).decode()

    def load(self, text: str) -> T:
        return self._adapter.validate_json(text)


JOB = Codec(VideoJob, without=frozenset({"clips"}))
CLIP = Codec(Clip)
CREATIVE = Codec(Creative)
UPLOAD = Codec(Upload)
EVENTS: dict[str, Codec[Any]] = {kind.name: Codec(kind) for kind in get_args(SessionEvent)}
"""By the event's name on the wire."""
