"""Domain values as JSON text in a row, and back, checked."""

from typing import Any, Generic, TypeVar, get_args

from pydantic import TypeAdapter

from tools.domain.creatives import Creative
from tools.domain.events import SessionEvent
from tools.domain.jobs import VideoJob
from tools.domain.uploads import Upload

T = TypeVar("T")


class Codec(Generic[T]):
    def __init__(self, kind: type[T]) -> None:
        self._adapter = TypeAdapter(kind)

    def dump(self, value: T) -> str:
        return self._adapter.dump_json(value).decode()

    def load(self, text: str) -> T:
        return self._adapter.validate_json(text)


JOB = Codec(VideoJob)
CREATIVE = Codec(Creative)
UPLOAD = Codec(Upload)
EVENTS: dict[str, Codec[Any]] = {kind.name: Codec(kind) for kind in get_args(SessionEvent)}
"""By the event's name on the wire."""
