"""What the studio needs from the outside, each as narrow as its use."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tools.domain.events import Charged
from tools.domain.failures import Failure
from tools.domain.frames import AspectRatio, Frame
from tools.domain.identity import JobId, PredictionId, SessionId, UploadId
from tools.domain.jobs import Change, VideoJob
from tools.domain.prompts import Refinement
from tools.domain.uploads import ReferenceRole, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalReference:
    """A reference image as a file on this machine, ready to be handed to a provider."""

    file: Path
    role: ReferenceRole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a provider is asked to make: everything that costs is explicit."""

    job_id: JobId
    model_key: str
    prompt: str
    """The person's own words."""
    sent_prompt: str
    """The refined prompt where there is one, else the same."""
    length_s: int
    aspect_ratio: AspectRatio
    frame: Frame
    references: tuple[LocalReference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """Still at work. `fraction` (0 to 1) only where the provider really knows it."""

    fraction: float | None = None
    eta_s: float | None = None
    is_waiting: bool = False
    """True while the provider has it in a queue."""
    queue_position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Done: the film can be collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFailed:
    failure: Failure
    charged: Charged


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLost:
    """The provider does not know this prediction and has charged nothing for it."""


RenderStatus = Rendering | Rendered | RenderFailed | RenderLost


class VideoProvider(Protocol):
    """Makes films. Raises ProviderRefused, ProviderUnavailable, OutputLost.

    A prediction belongs to the provider and outlives our process where the provider does.
    """

    name: str
    poll_interval_s: float

    async def submit(self, order: Order) -> PredictionId:
        """Place the order: this is what costs. Returns at once, long before the film is made."""
        ...

    async def poll(self, prediction_id: PredictionId) -> RenderStatus: ...

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        """Stop it, also when it is unknown or over, and say whether it was charged."""
        ...

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        """Bring the finished film into the folder `into`; the file there is the caller's."""
        ...

    async def discard(self, prediction_id: PredictionId) -> None:
        """Forget what is kept for it: its film is stored, or nobody wants it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFilm:
    """A checked film beside its poster and preview, on this machine."""

    video: Path
    poster: Path
    preview: Path
    frame: Frame
    length_s: float
    size_bytes: int


class FilmPress(Protocol):
    """Checks a collected film and makes what is stored beside it."""

    async def prepare(self, video: Path, folder: Path) -> PreparedFilm:
        """Raises OutputLost when the file is not a whole, playable film."""
        ...


class Storage(Protocol):
    """Where films and images are kept. Paths are ours: `videos/generated/video-….mp4`."""

    async def store(self, source: Path, path: str, content_type: str) -> None:
        """Copy the file to `path`, whole or not at all. Raises StorageUnavailable."""
        ...

    async def fetch(self, path: str, into: Path) -> Path:
        """A local file with the bytes at `path`, inside the folder `into`. Raises NotFound."""
        ...

    async def remove(self, path: str) -> None: ...


class Refiner(Protocol):
    """Makes a prompt better. Raises ProviderUnavailable: a film never waits for it."""

    name: str

    async def refine(self, prompt: str, *, context: str, model_key: str) -> Refinement: ...


class JobRecords(Protocol):
    """The jobs' durable memory. A change and its telling are one transaction."""

    async def add(self, change: Change, *, key: str | None = None) -> VideoJob:
        """A new job, its quote reserved under the campaign's budget. Raises BudgetExceeded.

        `key`: the same key in the same session gives the first job, and adds nothing.
        """
        ...

    async def load(self, job_id: JobId) -> VideoJob:
        """Raises NotFound."""
        ...

    async def commit(self, change: Change) -> VideoJob:
        """Raises JobMoved when somebody moved it first: load again and decide anew."""
        ...

    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        """The session's jobs that were asked for at `since` or later, oldest first."""
        ...

    async def unfinished(self) -> tuple[JobId, ...]:
        """Every job that is not final, oldest first."""
        ...


class UploadRecords(Protocol):
    async def of_session(self, session_id: SessionId) -> tuple[Upload, ...]: ...

    async def find(self, upload_id: UploadId) -> Upload | None: ...


class JobMoved(Exception):
    """The job's version is no longer the one the change was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is: absolute, may be lost, never invented. Seconds and a fraction 0 to 1."""

    session_id: SessionId
    job_id: JobId
    n: int
    stage: str
    elapsed_s: float
    fraction: float | None = None
    eta_s: float | None = None
    queue_position: int | None = None


ReportProgress = Callable[[Progress], None]
Wake = Callable[[JobId], None]
"""Tells whoever drives jobs that this one has something to do now."""
