"""The verb that asks the studio for a film. It answers at once: the film is a job, not a wait."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import Field, StringConstraints

from tools.catalogue.rows import quote_row
from tools.contract import Arguments, ToolContext, ToolOutput
from tools.domain.frames import AspectRatio
from tools.domain.identity import SessionId, UploadId
from tools.domain.jobs import VideoJob
from tools.domain.repeats import REPEATED_WITHIN, may_ask_again, repeated
from tools.domain.uploads import Upload
from tools.domain.videos import MAX_REFERENCES, PROMPT_CHARS, Reference, VideoRequest
from tools.errors import ApprovalRequired, InvalidPayload, NotFound

REFINED_CHARS = 8000
"""A refined prompt says more than the person did, up to this many characters."""

Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Studio(Protocol):
    async def request(
        self, *, context: ToolContext, request: VideoRequest, key: str | None
    ) -> VideoJob:
        """A job for this film; the same `key` again gives the first one."""
        ...


class Jobs(Protocol):
    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        """The session's jobs that were asked for at `since` or later."""
        ...


class Models(Protocol):
    def model_for_length(self, length_s: int) -> str:
        """The key of the model for a film for which none was named. Raises DurationOutOfRange."""
        ...


class Uploads(Protocol):
    async def find(self, upload_id: UploadId) -> Upload | None: ...


class References(Protocol):
    async def reference_for(self, url: str, *, context: ToolContext) -> Reference:
        """The image behind a URL that somebody gave. Raises ReferenceUnreachable."""
        ...


class GenerateVideoArguments(Arguments):
    prompt: Annotated[
        str, StringConstraints(min_length=1, max_length=PROMPT_CHARS, strip_whitespace=True)
    ] = Field(description="The person's own words, or a filled template's")
    model: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        default=None,
        description="Key of a model from list-models; leave it out unless one was named",
    )
    duration: int | None = Field(default=None, description="Length in whole seconds")
    aspect_ratio: AspectRatio | None = None
    reference_image_urls: tuple[Url, ...] = Field(default=(), max_length=MAX_REFERENCES)
    refinement_prompt: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        default=None, description="How the prompt should be refined before filming"
    )
    refined_prompt: Annotated[str, StringConstraints(max_length=REFINED_CHARS)] | None = Field(
        default=None, description="What refine-prompt gave, when it was shown to the person"
    )
    upload_ids: tuple[str, ...] = Field(
        default=(), max_length=MAX_REFERENCES, description="Images uploaded to this session"
    )
    again: bool = Field(
        default=False,
        description="The person said yes to a second film exactly like one that is being made",
    )


class GenerateVideo:
    """Generate's body -> `{jobId, state, quote}`. Uploads are the session's own, or not found."""

    name = "generate-video"
    description = (
        "Ask for one film. Returns the job at once with its price; the film appears in the "
        "session when it is ready. Use uploadIds for the logo and the images of this session."
    )
    arguments = GenerateVideoArguments
    is_free_of_effects = False

    def __init__(
        self,
        *,
        studio: Studio,
        jobs: Jobs,
        uploads: Uploads,
        references: References,
        models: Models,
        default_length_s: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._studio = studio
        self._jobs = jobs
        self._clock = clock
        self._uploads = uploads
        self._references = references
        self._models = models
        self._default_length_s = default_length_s

    def title(self, arguments: GenerateVideoArguments) -> str:
        length_s = self._length_s(arguments)
        article = "an" if length_s in {8, 11, 18} else "a"
        return f"Asking for {article} {length_s} second film"

    async def call(self, context: ToolContext, arguments: GenerateVideoArguments) -> ToolOutput:
        length_s = self._length_s(arguments)
        request = VideoRequest(
            prompt=arguments.prompt,
            model_key=arguments.model or self._models.model_for_length(length_s),
            length_s=length_s,
            aspect_ratio=arguments.aspect_ratio or AspectRatio.WIDE,
            references=await self._images(context, arguments),
            refinement_prompt=arguments.refinement_prompt or None,
            refined_prompt=arguments.refined_prompt or None,
        )
        await self._must_be_wanted(context, request, again=arguments.again)
        job = await self._studio.request(context=context, request=request, key=context.call_id)
        return ToolOutput(
            result={"jobId": job.id, "state": job.stage.state, "quote": quote_row(job.quote)}
        )

    async def _must_be_wanted(
        self, context: ToolContext, request: VideoRequest, *, again: bool
    ) -> None:
        """Within a turn a model asks, and models repeat themselves. Raises ApprovalRequired."""
        if context.turn_id is None:
            return
        now = self._clock()
        recent = await self._jobs.asked_since(context.session_id, now - REPEATED_WITHIN)
        job = repeated(request, recent, turn_id=context.turn_id, now=now)
        if job is None or (again and may_ask_again(job, asked_at=context.asked_at)):
            return
        raise ApprovalRequired(
            f"This very film is already being made as {job.id}. A second one needs a yes of the "
            "person's own: ask them, and after their next message call again with `again: true`.",
            field="again",
            details={"jobId": job.id},
        )

    def _length_s(self, arguments: GenerateVideoArguments) -> int:
        # Zero was asked for: it is refused by the catalogue with the range.
        return self._default_length_s if arguments.duration is None else arguments.duration

    async def _images(
        self, context: ToolContext, arguments: GenerateVideoArguments
    ) -> tuple[Reference, ...]:
        """Each image once, uploads first, in the order given."""
        found: dict[UploadId, Reference] = {}
        for upload_id in arguments.upload_ids:
            upload = await self._uploads.find(UploadId(upload_id))
            if upload is None or not _is_of(upload, context):
                raise NotFound("That upload")
            found.setdefault(upload.id, _reference(upload))
        for url in arguments.reference_image_urls:
            reference = await self._references.reference_for(url, context=context)
            found.setdefault(reference.upload_id, reference)
        if len(found) > MAX_REFERENCES:
            raise InvalidPayload(
                f"A film takes {MAX_REFERENCES} reference images at most.",
                field="referenceImageUrls",
            )
        return tuple(found.values())


def _is_of(upload: Upload, context: ToolContext) -> bool:
    return upload.tenant_id == context.tenant_id and upload.session_id == context.session_id


def _reference(upload: Upload) -> Reference:
    return Reference(
        upload_id=upload.id, path=upload.path, role=upload.role, uploaded_at=upload.uploaded_at
    )
