"""The verb that asks the studio for a film. It answers at once: the film is a job, not a wait."""

from dataclasses import replace
from typing import Annotated, Protocol

from pydantic import Field, StringConstraints

from tools.catalogue.rows import quote_row
from tools.contract import Arguments, ToolContext, ToolOutput
from tools.domain.failures import Notice
from tools.domain.frames import AspectRatio
from tools.domain.identity import UploadId
from tools.domain.jobs import Origin, Stage, VideoJob
from tools.domain.uploads import Upload
from tools.domain.videos import MAX_REFERENCES, PROMPT_CHARS, Reference, VideoRequest
from tools.errors import InvalidPayload, NotFound

REFINED_CHARS = 8000
"""A refined prompt says more than the person did, up to this many characters."""

Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Studio(Protocol):
    async def request(
        self, *, context: ToolContext, request: VideoRequest, key: str | None, origin: Origin
    ) -> VideoJob:
        """A job for this film; the same `key` again gives the first one."""
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


class GenerateVideo:
    """Generate's body -> `{jobId, state, quote}`. Uploads are the session's own, or not found.

    `state`: `queued`, or `proposed` until a person said yes. The quote has its total in words too.
    """

    name = "generate-video"
    description = (
        "Ask for one film. Returns the job at once with its price (`quote.price`) and its state. "
        "`queued`: it is being made, and appears in the session when it is ready. `proposed`: it is "
        "not being made; it waits for the person to approve its price on its card in the chat, which "
        "you cannot do for them. Use uploadIds for the logo and the images of this session."
    )
    arguments = GenerateVideoArguments
    is_free_of_effects = False

    def __init__(
        self,
        *,
        studio: Studio,
        uploads: Uploads,
        references: References,
        models: Models,
        default_length_s: int,
    ) -> None:
        self._studio = studio
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
        job = await self._studio.request(
            context=context, request=request, key=context.call_id, origin=Origin.AGENT
        )
        quote = _quote_of(job, request)
        return ToolOutput(result={"jobId": job.id, "state": job.stage.state, "quote": quote})

    def _length_s(self, arguments: GenerateVideoArguments) -> int:
        # Zero was asked for: it is refused by the catalogue with the range.
        return self._default_length_s if arguments.duration is None else arguments.duration

    async def _images(
        self, context: ToolContext, arguments: GenerateVideoArguments
    ) -> tuple[Reference, ...]:
        """Each image once, uploads first, in the order given."""
        found: dict[str, Reference] = {}
        for upload_id in arguments.upload_ids:
            upload = await self._uploads.find(UploadId(upload_id))
            if upload is None or not _is_of(upload, context):
                raise NotFound("That upload")
            reference = _reference(upload)
            found.setdefault(reference.source, reference)
        for url in arguments.reference_image_urls:
            reference = await self._references.reference_for(url, context=context)
            found.setdefault(reference.source, reference)
        if len(found) > MAX_REFERENCES:
            raise InvalidPayload(
                f"A film takes {MAX_REFERENCES} reference images at most.",
                field="referenceImageUrls",
            )
        return tuple(found.values())


def _quote_of(job: VideoJob, asked: VideoRequest) -> dict[str, object]:
    """The price in words too: models read millionths of a dollar wrongly.

    A question that stood already is about the words that it was first asked in: whoever says yes to
    it, thinking of newer ones, has to know.
    """
    quote = job.quote
    if job.stage is Stage.PROPOSED and _refined(job.request) != _refined(asked):
        quote = replace(quote, warnings=(*quote.warnings, _FIRST_WORDS))
    return {**quote_row(quote), "price": str(quote.total or "free")}


def _refined(request: VideoRequest) -> tuple[str | None, str | None]:
    return request.refined_prompt, request.refinement_prompt


_FIRST_WORDS = Notice(
    code="asked_before",
    message="This film waits for a yes already, as it was asked for first: decline it, and then ask "
    "for the other version.",
)


def _is_of(upload: Upload, context: ToolContext) -> bool:
    return upload.tenant_id == context.tenant_id and upload.session_id == context.session_id


def _reference(upload: Upload) -> Reference:
    return Reference(
        upload_id=upload.id, path=upload.path, role=upload.role, uploaded_at=upload.uploaded_at
    )
