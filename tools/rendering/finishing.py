"""From a film on this machine to the creative in the list."""

from datetime import datetime

from tools.domain.creatives import Creative, ReviewStatus
from tools.domain.identity import CreativeId
from tools.domain.jobs import VideoJob
from tools.domain.videos import Film
from tools.rendering.ports import PreparedFilm


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
        cost=job.quote.total,
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
