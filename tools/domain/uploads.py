"""Images people give us."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tools.domain.failures import Notice
from tools.domain.identity import SessionId, TenantId, UploadId, UserId


class ReferenceRole(StrEnum):
    """What an image is for. A logo is composited exactly and never redrawn."""

    LOGO = "logo"
    PRODUCT = "product"
    STYLE = "style"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One stored image, already measured and re-encoded. `path` is in the studio's storage.

    `session_id` is None for one that a program uploaded before it had a session.
    """

    id: UploadId
    tenant_id: TenantId
    user_id: UserId
    session_id: SessionId | None
    role: ReferenceRole | None
    path: str
    content_type: str
    size_bytes: int
    width: int
    height: int
    uploaded_at: datetime
    warnings: tuple[Notice, ...] = ()
