"""The only place that emits. What is recorded goes out as `entry`, what may be lost as `live`.

One ordered way out per session: live text that waits is flushed before an entry passes, frames are
built once and put straight on each socket's own queue, and a socket whose queue grows is cut off
(it opens again and reads the timeline). Text that one pass of the loop brings goes out as one frame.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from server.memory.timeline import Entry
from server.wire.answers import LiveBeatFrame, ProgressOut
from server.wire.entries import Address, entry_json
from tools.domain.identity import JobId, MessageId, SessionId
from tools.rendering.ports import Progress

logger = logging.getLogger("reelroom.announcer")

CATCH_UP_EVERY_S = 0.5
BEAT_EVERY_S = 10.0

ReadAfter = Callable[[SessionId, int], Awaitable[Sequence[Entry]]]
ReadHeads = Callable[[Sequence[SessionId]], Awaitable[Mapping[SessionId, int]]]


class Outlet(Protocol):
    """One browser's socket."""

    def send(self, packet: str) -> None:
        """Queue a packet. Never waits; a reader that is too slow is cut off."""
        ...


@dataclass(slots=True)
class _Room:
    """The browsers of one session that are open here."""

    outlets: set[Outlet] = field(default_factory=set)
    emitted: int | None = None
    """The newest number sent out; None until the first browser has read the timeline."""
    unread_from: int | None = None
    """The first number sent out before any browser had read the timeline."""
    waiting: dict[MessageId, tuple[int, list[str]]] = field(default_factory=dict)
    """Live text that this pass of the loop brought: where it begins, and its pieces."""


class Announcer:
    def __init__(
        self,
        *,
        address: Address,
        read_after: ReadAfter,
        read_heads: ReadHeads,
        active_turn: Callable[[SessionId], str | None],
    ) -> None:
        self._address = address
        self._read_after = read_after
        self._read_heads = read_heads
        self._active_turn = active_turn
        self._rooms: dict[SessionId, _Room] = {}
        self._flush_due: set[SessionId] = set()
        self._progress: dict[SessionId, dict[JobId, Progress]] = {}
        self._ended: dict[JobId, set[asyncio.Event]] = {}

    # -- rooms --------------------------------------------------------------------------------

    def enter(self, session_id: SessionId, outlet: Outlet) -> None:
        """From now on this browser hears the session. Called *before* it reads the timeline."""
        self._rooms.setdefault(session_id, _Room()).outlets.add(outlet)

    @property
    def open_sessions(self) -> int:
        """Those that a browser is listening to."""
        return len(self._rooms)

    def has_read(self, session_id: SessionId, head: int) -> None:
        """A browser has read the timeline up to `head`: nothing below needs to be sent to it."""
        room = self._rooms.get(session_id)
        if room is None:
            return
        # Another process may have written between what was read and what was heard since.
        leaves_hole = room.unread_from is not None and room.unread_from > head + 1
        if room.emitted is None or leaves_hole:
            room.emitted = head
        room.unread_from = None

    def leave(self, session_id: SessionId, outlet: Outlet) -> None:
        room = self._rooms.get(session_id)
        if room is None:
            return
        room.outlets.discard(outlet)
        if not room.outlets:
            del self._rooms[session_id]

    # -- what is recorded ---------------------------------------------------------------------

    def announce(self, told: Sequence[Entry]) -> None:
        """Entries just committed, in order. One that is ahead of a hole is left for `catch_up`."""
        for entry in told:
            self._note_end(entry)
            room = self._rooms.get(entry.session_id)
            if room is not None and (room.emitted is None or entry.seq == room.emitted + 1):
                self._emit(room, entry)

    async def catch_up(self) -> None:
        """Send what others committed, or what was announced out of order. One query for all rooms."""
        known = {key: room.emitted for key, room in self._rooms.items() if room.emitted is not None}
        if not known:
            return
        heads = await self._read_heads(list(known))
        for session_id, head in heads.items():
            room = self._rooms.get(session_id)
            if room is None or room.emitted is None or head <= room.emitted:
                continue
            for entry in await self._read_after(session_id, room.emitted):
                self._note_end(entry)
                if entry.seq == room.emitted + 1:
                    self._emit(room, entry)

    def _emit(self, room: _Room, entry: Entry) -> None:
        self._flush(entry.session_id)
        body = entry_json(entry.session_id, entry.seq, entry.at, entry.event, self._address)
        _send(room, "entry", body)
        if room.emitted is None:
            room.unread_from = entry.seq
        room.emitted = entry.seq

    # -- what may be lost ---------------------------------------------------------------------

    def text(self, session_id: SessionId, message_id: MessageId, pos: int, text: str) -> None:
        """More of a message that is being written, beginning at code point `pos`."""
        room = self._rooms.get(session_id)
        if room is None:
            return
        _, pieces = room.waiting.setdefault(message_id, (pos, []))
        pieces.append(text)
        if session_id not in self._flush_due:
            self._flush_due.add(session_id)
            asyncio.get_running_loop().call_soon(self._flush, session_id)

    def _flush(self, session_id: SessionId) -> None:
        self._flush_due.discard(session_id)
        room = self._rooms.get(session_id)
        if room is None or not room.waiting:
            return
        for message_id, (pos, pieces) in room.waiting.items():
            frame = {
                "sessionId": session_id,
                "type": "text",
                "messageId": message_id,
                "pos": pos,
                "text": "".join(pieces),
            }
            _send(room, "live", frame)
        room.waiting.clear()

    def progress(self, progress: Progress) -> None:
        """How far a job is; the last word of each is kept for browsers that open later."""
        self._progress.setdefault(progress.session_id, {})[progress.job_id] = progress
        room = self._rooms.get(progress.session_id)
        if room is not None:
            frame = {
                "sessionId": progress.session_id,
                "type": "progress",
                **progress_out(progress).json_ready(),
            }
            _send(room, "live", frame)

    def progress_of(self, session_id: SessionId) -> tuple[Progress, ...]:
        return tuple(self._progress.get(session_id, {}).values())

    def progress_of_job(self, session_id: SessionId, job_id: JobId) -> Progress | None:
        return self._progress.get(session_id, {}).get(job_id)

    def beat(self) -> None:
        """Where each open session stands, so that a browser that missed something notices."""
        for session_id, room in self._rooms.items():
            if room.emitted is not None:
                frame = LiveBeatFrame(
                    session_id=session_id,
                    head=room.emitted,
                    active_turn_id=self._active_turn(session_id),
                )
                _send(room, "live", frame.json_ready())

    # -- the end of a job ---------------------------------------------------------------------

    def end_of(self, job_id: JobId) -> asyncio.Event:
        """Set when the job ends in this process. Give it back with `forget`."""
        event = asyncio.Event()
        self._ended.setdefault(job_id, set()).add(event)
        return event

    def forget(self, job_id: JobId, event: asyncio.Event) -> None:
        waiting = self._ended.get(job_id)
        if waiting is not None:
            waiting.discard(event)
            if not waiting:
                del self._ended[job_id]

    def _note_end(self, entry: Entry) -> None:
        job_id = entry.event.job_id
        if job_id is None or entry.event.name not in _ENDS:
            return
        of_session = self._progress.get(entry.session_id)
        if of_session is not None:
            of_session.pop(job_id, None)
            if not of_session:
                del self._progress[entry.session_id]
        for event in self._ended.get(job_id, ()):
            event.set()

    # -- its own pulse ------------------------------------------------------------------------

    async def run(self) -> None:
        """Catch up twice a second, beat every ten. Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_catching_up(), name="announcer catches up")
            group.create_task(self._keep_beating(), name="announcer beats")

    async def _keep_catching_up(self) -> None:
        while True:
            await asyncio.sleep(CATCH_UP_EVERY_S)
            try:
                await self.catch_up()
            except Exception:
                logger.exception("catching up failed; it is tried again")

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            self.beat()


_ENDS = frozenset({"creative.added", "video.failed", "video.cancelled"})


def progress_out(progress: Progress) -> ProgressOut:
    return ProgressOut(
        job_id=progress.job_id,
        n=progress.n,
        stage=progress.stage,
        fraction=progress.fraction,
        eta_seconds=None if progress.eta_s is None else round(progress.eta_s, 1),
        elapsed_seconds=round(progress.elapsed_s, 1),
        queue_position=progress.queue_position,
    )


def _send(room: _Room, name: str, body: Mapping[str, Any]) -> None:
    # A Socket.IO EVENT packet for the namespace `/`: the digit 2 and a JSON array.
    packet = f'2["{name}",{orjson.dumps(body).decode()}]'
    for outlet in tuple(room.outlets):
        outlet.send(packet)
