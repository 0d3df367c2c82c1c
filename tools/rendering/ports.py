"""What the studio needs from the outside, each as narrow as its use."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

from tools.domain.clips import Outcome, Purchase
from tools.domain.events import Charged
from tools.domain.failures import Failure
from tools.domain.frames import AspectRatio, Frame
from tools.domain.identity import JobId, PredictionId, SessionId, UploadId
from tools.domain.jobs import Change, VideoJob
from tools.domain.models import ImageInput, VideoModel
from tools.domain.prompts import Refinement
from tools.domain.uploads import ReferenceRole, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image on its way into a film: a file on this machine, and where it is kept in the storage.

    `path` is None for one that lies nowhere else. `address`: from where a provider can read it; set
    by the provider's own `hand_over`, None where it reads the file.
    """

    file: Path
    role: ReferenceRole | None
    path: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One clip, as a provider is asked for it: everything that costs is explicit.

    `images` are the references, or, from the second clip of a chain on, the last picture of the
    clip before (`opens_with`). `seed` is the same for every try at the same clip, and another for
    every other clip: with it an order is known again.
    """

    job_id: JobId
    clip: int
    model: VideoModel
    prompt: str
    """The person's own words."""
    sent_prompt: str
    """The refined prompt where there is one, else the same."""
    length_s: int
    sound: bool
    seed: int
    aspect_ratio: AspectRatio
    frame: Frame
    images: tuple[Image, ...] = ()
    image_input: ImageInput | None = None
    """Which of the model's inputs takes the images; None where there are none."""


class Remedy(StrEnum):
    """What may help after an order came to nothing."""

    STOP = "stop"
    """Nothing: the same again would fail again."""
    AGAIN = "again"
    """The same again, after a pause; another model when that fails too."""
    WITHOUT_SOUND = "without_sound"
    """The same once more; then without sound."""
    ANOTHER_MODEL = "another_model"
    """This model cannot be had now."""


class OrderRefused(Exception):
    """The provider certainly did not take the order: nothing was bought."""

    def __init__(
        self, failure: Failure, remedy: Remedy, *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.remedy = remedy
        self.retry_after_s = retry_after_s


class OrderInDoubt(Exception):
    """Nobody can say whether the order was taken: it must be looked for before it is placed again."""


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
    """Done: the film can be collected. What the provider itself measured, where it did.

    `billed_s`: seconds of film that it charges for; `took_s`: from the order to the film.
    `loses_it_at`: when it deletes the film.
    """

    billed_s: float | None = None
    took_s: float | None = None
    loses_it_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFailed:
    """It came to nothing. `outcome` tells a failure from a cancellation."""

    failure: Failure
    charged: Charged
    remedy: Remedy = Remedy.STOP
    outcome: Outcome = Outcome.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLost:
    """The provider does not know this prediction and has charged nothing for it."""


RenderStatus = Rendering | Rendered | RenderFailed | RenderLost


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When an order may have been placed, by our clock."""

    since: datetime
    until: datetime


class VideoProvider(Protocol):
    """Makes clips. Raises ProviderRefused, ProviderUnavailable, OutputLost.

    A prediction belongs to the provider and outlives our process where the provider does.
    """

    name: str

    @property
    def grace_s(self) -> float:
        """How long after an order that nobody heard back of it is sure to have turned up in `find`.

        0 where an order never outlives our process.
        """
        ...

    def pause_s(self, watched_s: float) -> float:
        """How long to wait between two polls of something that is rendering for this long."""
        ...

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """The images with addresses that the provider can read for at least two hours.

        Raises StorageUnavailable, ProviderUnavailable.
        """
        ...

    async def submit(self, order: Order) -> PredictionId:
        """Place the order: this is what costs. Returns at once, long before the clip is made.

        One request, never repeated by itself. Raises OrderRefused, OrderInDoubt.
        """
        ...

    async def find(
        self, order: Order, window: Window, is_free: Callable[[PredictionId], Awaitable[bool]]
    ) -> PredictionId | None:
        """The prediction of an order whose answer was not heard: the earliest that is nobody's yet.

        Raises ProviderUnavailable; OutputLost where an order was placed that can no longer be told
        from others.
        """
        ...

    async def poll(self, prediction_id: PredictionId) -> RenderStatus: ...

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        """Stop it, also when it is unknown or over, and say whether it was charged."""
        ...

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        """Bring the finished clip into the folder `into`; the file there is the caller's."""
        ...

    async def discard(self, prediction_id: PredictionId) -> None:
        """Forget what is kept for it: its film is stored, or nobody wants it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFile:
    """A collected clip. `seconds` is what was bought; the file may be a frame or two off."""

    file: Path
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """What was measured in a clip's file."""

    frame: Frame
    length_s: float
    has_sound: bool


class FilmEditor(Protocol):
    """Cuts clips into a film. Every file is a stranger's: it is opened in a limited child."""

    async def measure(self, video: Path) -> ClipFacts:
        """Raises OutputLost when it is not a whole, playable film."""
        ...

    async def last_frame(self, video: Path, into: Path) -> Path:
        """The very last picture of a clip, as a PNG in the folder `into`. Raises OutputLost."""
        ...

    async def fit(
        self,
        image: Path,
        into: Path,
        *,
        frame: Frame,
        how: Literal["cover", "contain"],
        background: str | None,
    ) -> Path:
        """The image at exactly this size, as a PNG without transparency in the folder `into`."""
        ...

    async def assemble(
        self, clips: Sequence[ClipFile], into: Path, *, length_s: int, frame: Frame | None
    ) -> Path:
        """One film of exactly `length_s` seconds, to the frame. Raises OutputLost."""
        ...


class ImageFetcher(Protocol):
    async def fetch(self, url: str, into: Path) -> Path:
        """The image at somebody's address. Raises ReferenceUnreachable, TooLarge, UnsupportedMedia."""
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

    async def lend(self, path: str, seconds: int) -> str | None:
        """An address from which a stranger can read the file for at least so long; None: nowhere."""
        ...


class Refiner(Protocol):
    """Makes a prompt better. Raises ProviderUnavailable: a film never waits for it."""

    name: str

    async def refine(self, prompt: str, *, context: str, model_key: str) -> Refinement: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How many films may be made at once: by one provider, and for one user. None: no limit."""

    of_provider: int | None
    of_user: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramKey:
    """A program's own name for its request; it counts within its user, whatever the session.

    `asked`: a digest of what was asked: under the same name, something else is a mistake.
    """

    text: str
    asked: str


class JobRecords(Protocol):
    """The jobs' durable memory. A change and its telling are one transaction."""

    async def add(self, change: Change, *, key: str | ProgramKey | None = None) -> VideoJob:
        """A new job, what it reserves held back under the budgets. Raises BudgetExceeded.

        A proposal reserves nothing, and is refused all the same when there is not enough left for it.
        `key`: the same one gives the first job, and adds nothing: a text in the same session, a
        program's key of the same user. Raises IdempotencyMismatch where it was another request.
        """
        ...

    async def load(self, job_id: JobId) -> VideoJob:
        """Raises NotFound."""
        ...

    async def commit(self, change: Change) -> VideoJob:
        """Raises JobMoved when somebody moved it first: load again and decide anew.

        Raises PredictionTaken when one of its purchases belongs to another clip, BudgetExceeded
        when it reserves more than there is left.
        """
        ...

    async def admit(self, change: Change, places: Places) -> int:
        """Commit it if there is a place for the job now: 0. Else its place in the line, 1 is next.

        First come, first served; whoever has all their places taken is passed over. Raises JobMoved.
        """
        ...

    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        """The session's jobs that were asked for at `since` or later, oldest first."""
        ...

    async def unfinished(self) -> tuple[JobId, ...]:
        """Every job that is not final, oldest first."""
        ...

    async def purchase(self, prediction_id: PredictionId) -> Purchase | None:
        """Whose order this was; None: nobody's that is known here."""
        ...

    async def keep_purchase(self, purchase: Purchase) -> None:
        """A purchase beside its job: one that nobody wanted. A known one is left as it is."""
        ...

    async def times(self, model_key: str, clip_s: int) -> tuple[float, ...]:
        """How long the last clips of this model and length took, in seconds, newest first; 20 at most."""
        ...


class UploadRecords(Protocol):
    async def of_session(self, session_id: SessionId) -> tuple[Upload, ...]: ...

    async def find(self, upload_id: UploadId) -> Upload | None: ...


class JobMoved(Exception):
    """The job's version is no longer the one the change was made from."""


class PredictionTaken(Exception):
    """The prediction belongs to another clip already."""


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
