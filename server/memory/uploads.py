"""Images people gave us."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from server.memory import jobs
from server.memory.codec import UPLOAD
from server.memory.journal import Transaction
from server.memory.prepared import Prepared
from server.memory.tables import uploads
from tools.domain.identity import SessionId, UploadId
from tools.domain.uploads import Upload
from tools.domain.videos import Reference

_OF_SESSION = Prepared(
    sa.select(uploads.c.data)
    .where(uploads.c.session_id == sa.bindparam("session_id"))
    .order_by(uploads.c.uploaded_at, uploads.c.id)
)


def add(transaction: Transaction, upload: Upload) -> None:
    transaction.connection.execute(
        sa.insert(uploads).values(
            id=upload.id,
            tenant_id=upload.tenant_id,
            session_id=upload.session_id,
            path=upload.path,
            size_bytes=upload.size_bytes,
            uploaded_at=upload.uploaded_at.isoformat(),
            data=UPLOAD.dump(upload),
        )
    )


def find(connection: sa.Connection, upload_id: UploadId) -> Upload | None:
    return _one(connection, uploads.c.id == upload_id)


def find_by_path(connection: sa.Connection, path: str) -> Upload | None:
    return _one(connection, uploads.c.path == path)


def of_session(connection: sa.Connection, session_id: SessionId) -> tuple[Upload, ...]:
    """Oldest first."""
    rows = _OF_SESSION.rows(connection, {"session_id": session_id})
    return tuple(UPLOAD.load(data) for (data,) in rows)


def use(transaction: Transaction, references: Iterable[Reference]) -> None:
    """A film was asked for with these."""
    asked = [each.upload_id for each in references if each.upload_id is not None]
    if asked:
        transaction.connection.execute(
            sa.update(uploads)
            .where(uploads.c.id.in_(asked))
            .values(used_at=transaction.now.isoformat())
        )


def unused_since(connection: sa.Connection, moment: datetime) -> tuple[Upload, ...]:
    """Given before `moment`, and no film was asked for with them since; none is being made with them."""
    needed = {
        reference.upload_id
        for job in jobs.unfinished(connection)
        for reference in job.request.references
    }
    last_use = sa.func.coalesce(uploads.c.used_at, uploads.c.uploaded_at)
    rows = connection.execute(
        sa.select(uploads.c.data)
        .where(last_use < moment.isoformat())
        .order_by(uploads.c.uploaded_at, uploads.c.id)
    ).scalars()
    found = (UPLOAD.load(data) for data in rows)
    return tuple(upload for upload in found if upload.id not in needed)


def forget(transaction: Transaction, upload_id: UploadId) -> None:
    """Its row; its file is the caller's."""
    transaction.connection.execute(sa.delete(uploads).where(uploads.c.id == upload_id))


def _one(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Upload | None:
    data = connection.execute(sa.select(uploads.c.data).where(where)).scalar()
    return None if data is None else UPLOAD.load(data)
