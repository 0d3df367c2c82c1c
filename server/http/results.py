"""What is said of a film over HTTP: its result, its job, its failure. The seed's fields, and ours."""

from collections.abc import Callable
from typing import Protocol

from server.addresses import Addresses
from server.http.retirement import about_retired
from server.replies import STATUS
from server.socket.announcer import progress_out
from server.wire.answers import GenerationMetadata, GenerationResult, JobAccepted, JobStatus
from server.wire.base import ErrorOut, MoneyOut, NoticeOut
from server.wire.entries import quote_out, reference_out
from tools.domain.creatives import Creative
from tools.domain.failures import Failure
from tools.domain.identity import JobId, SessionId
from tools.domain.jobs import VideoJob
from tools.domain.models import VideoModel
from tools.errors import UnknownVideoModel
from tools.rendering.ports import Progress


class Models(Protocol):
    def model(self, key: str) -> VideoModel:
        """Raises UnknownVideoModel."""
        ...


ProgressOf = Callable[[SessionId, JobId], Progress | None]
"""The last word on how far a job is."""
LET_GO = Failure(code="already_final", message="The film was cancelled.")


class Results:
    def __init__(self, *, addresses: Addresses, models: Models, progress_of: ProgressOf) -> None:
        self._addresses = addresses
        self._models = models
        self._progress_of = progress_of

    def status_url(self, job: VideoJob) -> str:
        return f"{self._addresses.public_url}/api/video/jobs/{job.id}"

    def headers(self, job: VideoJob) -> dict[str, str]:
        """Beside any answer about this job: where it stands, and whether what was asked for is gone."""
        return {"Location": self.status_url(job), **self.about_model(job.request.model_key)}

    def about_model(self, asked_key: str) -> dict[str, str]:
        """Headers for who asked for this model: empty unless it was retired."""
        try:
            model = self._models.model(asked_key)
        except UnknownVideoModel:
            # An operator took its row away since the film was asked for.
            return {}
        return about_retired(model, models_url=f"{self._addresses.public_url}/api/video/models")

    def accepted(self, job: VideoJob) -> JobAccepted:
        """The short answer: where to look."""
        return JobAccepted(job_id=job.id, state=job.stage.state, status_url=self.status_url(job))

    def status(self, job: VideoJob) -> JobStatus:
        known = self._progress_of(job.session_id, job.id)
        return JobStatus(
            job_id=job.id,
            state=job.stage.state,
            stage=job.stage.value if job.stage.is_running else None,
            progress=progress_out(known) if known is not None and not job.stage.is_final else None,
            quote=quote_out(job.quote),
            model=job.quote.model_key,
            requested_model=job.quote.requested_key,
            result=self.result(job, job.creative) if job.creative else None,
            error=ErrorOut.of(job.failure) if job.failure else None,
            charged=job.charged,
        )

    def result(self, job: VideoJob, creative: Creative) -> GenerationResult:
        """`model` is what really made it; `cost` what it came to, not what was quoted."""
        film = creative.film
        return GenerationResult(
            video_url=self._addresses.of(film.path),
            video_path=film.path,
            prompt=job.request.prompt,
            refined_prompt=creative.refined_prompt,
            model=creative.model_key,
            duration=film.length_s,
            reference_images=[
                reference_out(each, self._addresses.of) for each in job.request.references
            ],
            metadata=GenerationMetadata(
                generated_at=film.generated_at,
                provider=film.provider,
                resolution=str(film.frame),
            ),
            job_id=job.id,
            creative_id=creative.id,
            requested_model=creative.requested_key,
            cost=MoneyOut.of(creative.cost),
            warnings=[
                NoticeOut(code=each.code, message=each.message) for each in creative.warnings
            ],
        )

    def failure(self, job: VideoJob) -> tuple[int, dict[str, object]]:
        """The status and the body of a job that ended without a film."""
        failure = job.failure or LET_GO
        return STATUS.get(failure.code, 500), {"error": ErrorOut.of(failure).json_ready()}
