"""From clips on this machine to the creative in the list."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tools.domain.creatives import Creative, ReviewStatus
from tools.domain.identity import CreativeId, JobId, MessageId, MintId
from tools.domain.jobs import Change, VideoJob
from tools.domain.transitions import finished
from tools.domain.videos import Film
from tools.errors import OutputLost
from tools.rendering.ports import ClipFile, FilmEditor, FilmPress, PreparedFilm, Storage
from tools.rendering.watching import Watching

logger = logging.getLogger("reelroom.VideoGeneration")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPaths:
    """Where films are kept in the storage, and the images that they are made from."""

    videos: str
    references: str

    def of(self, creative_id: CreativeId) -> tuple[str, str, str]:
        """Film, poster, preview."""
        stem = f"{self.videos}/{creative_id}"
        return f"{stem}.mp4", f"{stem}.jpg", f"{stem}-preview.mp4"


class Finishing:
    """The clips are paid for and here: whatever fails now is tried again without buying anything."""

    def __init__(
        self,
        *,
        watching: Watching,
        editor: FilmEditor,
        press: FilmPress,
        storage: Storage,
        paths: FilmPaths,
        folder_of: Callable[[JobId], Path],
        mint: MintId,
        clock: Callable[[], datetime],
    ) -> None:
        self._watching = watching
        self._editor = editor
        self._press = press
        self._storage = storage
        self._paths = paths
        self._folder_of = folder_of
        self._mint = mint
        self._clock = clock

    async def step(self, job: VideoJob) -> Change:
        """The film, its poster and preview into the storage; then the creative and its announcement.

        Raises OutputLost, StorageUnavailable.
        """
        folder = self._folder_of(job.id)
        clips = [
            ClipFile(file=await self._file(job, number), seconds=clip.seconds)
            for number, clip in enumerate(job.clips)
        ]
        film = await self._editor.assemble(clips, folder, length_s=job.request.length_s, frame=None)
        prepared = await self._press.prepare(film, folder)
        paths = self._paths.of(creative_id_for(job))
        await self._storage.store(prepared.video, paths[0], "video/mp4")
        await self._storage.store(prepared.poster, paths[1], "image/jpeg")
        await self._storage.store(prepared.preview, paths[2], "video/mp4")
        now = self._clock()
        seconds = (now - job.created_at).total_seconds()
        facts = {"job_id": job.id, "model": job.quote.model_key, "seconds": round(seconds, 1)}
        logger.info("video generated", extra=facts)
        creative = creative_for(job, prepared, paths=paths, at=now)
        return finished(job, creative, announcement_id=MessageId(self._mint("msg")), at=now)

    async def _file(self, job: VideoJob, index: int) -> Path:
        clip = job.clips[index]
        if clip.prediction_id is None:
            raise OutputLost("A piece of the film is not there. Please make it again.")
        return await self._watching.bring(job, clip, clip.prediction_id)


def creative_id_for(job: VideoJob) -> CreativeId:
    """One creative a job: its id follows from the job's, so that storing twice stores the same."""
    return CreativeId(f"video-{job.id.removeprefix('job-')}")


def creative_for(
    job: VideoJob, prepared: PreparedFilm, *, paths: tuple[str, str, str], at: datetime
) -> Creative:
    """`paths`: where film, poster and preview were stored."""
    return Creative(
        id=creative_id_for(job),
        tenant_id=job.tenant_id,
        session_id=job.session_id,
        campaign_id=job.campaign_id,
        job_id=job.id,
        status=ReviewStatus.NEEDS_REVIEW,
        request=job.request,
        refined_prompt=job.request.refined_prompt or job.refined_prompt,
        model_key=job.quote.model_key,
        requested_key=job.quote.requested_key,
        film=_film(job, prepared, paths, at),
        cost=job.spent,
        warnings=job.quote.warnings,
        created_at=at,
        updated_at=at,
    )


def _film(job: VideoJob, prepared: PreparedFilm, paths: tuple[str, str, str], at: datetime) -> Film:
    return Film(
        path=paths[0],
        poster_path=paths[1],
        preview_path=paths[2],
        size_bytes=prepared.size_bytes,
        frame=prepared.frame,
        length_s=round(prepared.length_s),
        provider=job.provider,
        generated_at=at,
    )
