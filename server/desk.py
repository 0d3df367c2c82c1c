"""What both doors do the same way: open a session, ask for a film, judge one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.access import Somebody, campaign_for, creative_for, session_for, upload_for
from server.addresses import Addresses
from server.auth import Principal
from server.memory import conversations, creatives, timeline
from server.memory.conversations import Session
from server.memory.journal import Journal, Transaction
from server.memory.timeline import Entry, Page
from server.wire.answers import SessionRow
from server.wire.bodies import ReviewBody, VideoAsk
from server.wire.entries import entry_json
from tools.contract import ToolContext
from tools.domain.creatives import Creative, ReviewStatus, reviewed
from tools.domain.events import CreativeUpdated, MessageAdded
from tools.domain.frames import AspectRatio
from tools.domain.identity import MessageId, MintId, SessionId
from tools.domain.uploads import Upload
from tools.domain.videos import Reference, VideoRequest
from tools.errors import NotFound, ReferenceUnreachable

RefusedAtTheDoor = Callable[[str], str | None]
"""Why an address cannot be meant for images, in words to stand behind a colon; None: it may be tried."""

LISTED_SESSIONS = 100
WRITTEN_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What a new session says first: what it is talking to, and where to begin."""

    text: Callable[[], str]
    """Asked for each session: another model may answer by then."""
    starters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a request that does not say is made with."""

    model_key: str
    length_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPage:
    """A page of the timeline in public JSON."""

    entries: list[dict[str, Any]]
    head: int
    more: bool


def session_row(session: Session) -> SessionRow:
    return SessionRow(
        session_id=session.id,
        title=session.title,
        updated_at=session.updated_at,
        head=session.head,
    )


class Desk:
    def __init__(
        self,
        *,
        journal: Journal,
        addresses: Addresses,
        refused_at_the_door: RefusedAtTheDoor,
        clock: Callable[[], datetime],
        mint: MintId,
        welcome: Welcome,
        defaults: Defaults,
    ) -> None:
        self._journal = journal
        self._addresses = addresses
        self._refused_at_the_door = refused_at_the_door
        self._clock = clock
        self._mint = mint
        self._welcome = welcome
        self._defaults = defaults

    # -- sessions -----------------------------------------------------------------------------

    async def session(
        self,
        principal: Principal,
        *,
        session_id: str | None = None,
        campaign_id: str | None = None,
        new: bool = False,
    ) -> Session:
        """The named session; else the caller's newest of the campaign; else a new one.

        Raises NotFound, Forbidden.
        """
        if session_id is not None and not new:
            return await self.known_session(principal, session_id)
        campaign = campaign_for(principal, campaign_id)

        def work(transaction: Transaction) -> Session:
            if not new:
                newest = conversations.newest_session(
                    transaction.connection, principal.tenant_id, campaign, principal.user_id
                )
                if newest is not None:
                    return newest
            session = Session(
                id=SessionId(self._mint("session")),
                tenant_id=principal.tenant_id,
                campaign_id=campaign,
                user_id=principal.user_id,
                title="",
                head=0,
                updated_at=transaction.now,
            )
            conversations.add_session(transaction, session)
            transaction.tell(session.id, self._greeting())
            return session

        return await self._journal.write(work)

    async def known_session(self, principal: Principal, session_id: str) -> Session:
        """Raises NotFound."""
        return await self._journal.read(lambda tables: session_for(tables, principal, session_id))

    async def sessions(self, principal: Principal, campaign_id: str | None) -> tuple[Session, ...]:
        """The newest first, only those of campaigns the caller has."""
        asked = principal.campaigns
        if campaign_id is not None:
            asked = frozenset({campaign_for(principal, campaign_id)})
        return await self._journal.read(
            lambda tables: conversations.list_sessions(
                tables, principal.tenant_id, asked, last=LISTED_SESSIONS
            )
        )

    async def written(self, session_id: SessionId, *, after: int) -> WrittenPage:
        """The entries after a number, as both doors show them."""
        page = await self._journal.read(
            lambda tables: timeline.read(tables, session_id, after=after)
        )
        # A thousand entries take longer to write down than the loop may be kept.
        is_short = len(page.entries) <= WRITTEN_AT_ONCE
        entries = self._write(page) if is_short else await asyncio.to_thread(self._write, page)
        return WrittenPage(entries=entries, head=page.head, more=page.more)

    def _write(self, page: Page) -> list[dict[str, Any]]:
        return [
            entry_json(each.session_id, each.seq, each.at, each.event, self._addresses.of)
            for each in page.entries
        ]

    async def check(self) -> None:
        """Raises when the memory cannot be read."""
        await self.epoch()

    async def epoch(self) -> str:
        return await self._journal.read(conversations.epoch)

    def _greeting(self) -> MessageAdded:
        return MessageAdded(
            message_id=MessageId(self._mint("msg")),
            sender="assistant",
            code="welcome",
            text=self._welcome.text(),
            suggestions=self._welcome.starters,
        )

    # -- films --------------------------------------------------------------------------------

    async def request(self, ask: VideoAsk, context: ToolContext) -> VideoRequest:
        """The body as a request of the studio, each image once. Raises ReferenceUnreachable."""
        references: dict[str, Reference] = {}
        for url in ask.reference_image_urls:
            reference = await self.reference_for(url, context=context)
            references.setdefault(reference.source, reference)
        return VideoRequest(
            prompt=ask.prompt,
            model_key=ask.model or self._defaults.model_key,
            length_s=self._defaults.length_s if ask.duration is None else ask.duration,
            aspect_ratio=ask.aspect_ratio or AspectRatio.WIDE,
            references=tuple(references.values()),
            refinement_prompt=ask.refinement_prompt or None,
        )

    async def reference_for(self, url: str, *, context: ToolContext) -> Reference:
        """The image behind an address: an upload of ours, whoever's signature is old, or a stranger's.

        A stranger's is fetched when the film is made. Raises ReferenceUnreachable for one that
        cannot be meant for images, and for somebody else's upload.
        """
        upload = await self.upload_behind(url, context)
        if upload is None:
            self.check_address(url)
            return Reference(
                upload_id=None, path=None, role=None, uploaded_at=self._clock(), given_url=url
            )
        return Reference(
            upload_id=upload.id,
            path=upload.path,
            role=upload.role,
            uploaded_at=upload.uploaded_at,
            given_url=url,
        )

    async def upload_behind(self, url: str, somebody: Somebody) -> Upload | None:
        """The upload at an address that our own door gave; None: it is an address elsewhere.

        Raises ReferenceUnreachable for an address of ours with nothing of this caller's behind it.
        """
        path = self._addresses.path_of(url)
        if path is None:
            return None
        try:
            return await self._journal.read(lambda tables: upload_for(tables, somebody, path))
        except NotFound as error:
            raise ReferenceUnreachable(
                "Reference images failed to upload: there is no image at this address. Upload the "
                "file, then use the address it is given.",
                field="referenceImageUrls",
            ) from error

    def check_address(self, url: str) -> None:
        """Raises ReferenceUnreachable for an address that is never fetched."""
        refusal = self._refused_at_the_door(url)
        if refusal is not None:
            raise ReferenceUnreachable(
                f"Reference images failed to upload: {refusal}.", field="referenceImageUrls"
            )

    # -- creatives ----------------------------------------------------------------------------

    async def creatives(self, session_id: SessionId) -> tuple[Creative, ...]:
        return await self._journal.read(lambda tables: creatives.of_session(tables, session_id))

    async def review(
        self,
        principal: Principal,
        creative_id: str,
        body: ReviewBody,
        *,
        once: "Once | None" = None,
    ) -> tuple[Creative, int]:
        """A person's verdict, told in the session: the creative now, and the entry's number."""

        def work(transaction: Transaction) -> tuple[Creative, int]:
            creative = creative_for(transaction.connection, principal, creative_id)
            if once is not None:
                known = once.recall(transaction, creative.session_id)
                if known is not None:
                    return creative, known
            judged = reviewed(
                creative, status=ReviewStatus(body.status), note=body.note, at=transaction.now
            )
            creatives.update(transaction, judged)
            (entry,) = transaction.tell(
                judged.session_id, CreativeUpdated(job_id=judged.job_id, creative=judged)
            )
            if once is not None:
                once.remember(transaction, creative.session_id, entry)
            return judged, entry.seq

        return await self._journal.write(work)


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A review that came over the socket: the same `client_id` is answered with the first number."""

    session_id: SessionId
    client_id: str
    payload: dict[str, object]

    def recall(self, transaction: Transaction, session_id: SessionId) -> int | None:
        if session_id != self.session_id:
            raise NotFound("That creative")
        known = conversations.recall(transaction, session_id, self.client_id, self.payload)
        return None if known is None else int(known["seq"])

    def remember(self, transaction: Transaction, session_id: SessionId, entry: Entry) -> None:
        conversations.remember(
            transaction, session_id, self.client_id, self.payload, {"seq": entry.seq}
        )
