"""The clips of jobs: a row each, so that what was ordered for one belongs to no other."""

from collections.abc import Iterable

import sqlalchemy as sa

from server.memory.codec import CLIP
from server.memory.journal import Transaction
from server.memory.tables import clips
from tools.domain.clips import Clip
from tools.domain.identity import JobId
from tools.rendering.ports import PredictionTaken

# Asked at every step of every job: built once, because building costs five times the running.
_KEPT = sa.select(clips.c.number, clips.c.data).where(clips.c.job_id == sa.bindparam("the_job"))
_DROP = sa.delete(clips).where(
    clips.c.job_id == sa.bindparam("the_job"), clips.c.number == sa.bindparam("the_number")
)
_KEEP = sa.insert(clips)
_OWNER = sa.select(clips.c.job_id, clips.c.number).where(
    clips.c.prediction_id == sa.bindparam("the_prediction")
)


def replace_clips(transaction: Transaction, job_id: JobId, wanted: Iterable[Clip]) -> None:
    """Make these the job's clips; what did not change is not written. Raises PredictionTaken."""
    rows = {clip.number: (clip, CLIP.dump(clip)) for clip in wanted}
    kept = {
        row.number: row.data for row in transaction.connection.execute(_KEPT, {"the_job": job_id})
    }
    # First away with the old ones: a plan that counts anew hands a prediction on to another number.
    for number, data in kept.items():
        if number not in rows or rows[number][1] != data:
            transaction.connection.execute(_DROP, {"the_job": job_id, "the_number": number})
    for number, (clip, data) in rows.items():
        if kept.get(number) != data:
            _keep(transaction, job_id, clip, data)


def _keep(transaction: Transaction, job_id: JobId, clip: Clip, data: str) -> None:
    asked = {"the_prediction": clip.prediction_id}
    if clip.prediction_id is not None and transaction.connection.execute(_OWNER, asked).first():
        raise PredictionTaken(clip.prediction_id)
    transaction.connection.execute(
        _KEEP,
        {
            "job_id": job_id,
            "number": clip.number,
            "prediction_id": clip.prediction_id,
            "data": data,
        },
    )
