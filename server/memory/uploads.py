"""Images people gave us."""

import sqlalchemy as sa

from server.memory.codec import UPLOAD
from server.memory.journal import Transaction
from server.memory.tables import uploads
from tools.domain.identity import SessionId, UploadId
from tools.domain.uploads import Upload

_OF_SESSION = (
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
    rows = connection.execute(_OF_SESSION, {"session_id": session_id}).scalars()
    return tuple(UPLOAD.load(data) for data in rows)


def _one(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Upload | None:
    data = connection.execute(sa.select(uploads.c.data).where(where)).scalar()
    return None if data is None else UPLOAD.load(data)
