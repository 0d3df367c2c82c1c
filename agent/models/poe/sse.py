"""Bytes as they come off the wire -> the data of server-sent events. About a microsecond an event.

Only what chat completions use: `data:` fields, one or several to an event. Comments (keep-alives),
names and ids of events are passed over.
"""

LONGEST_EVENT_BYTES = 2 * 1024 * 1024
"""An event longer than this is no answer; a server that never ends a line must not fill our memory."""


class EventTooLong(Exception):
    pass


class Events:
    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._is_first = True

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that `piece` completes. Raises EventTooLong."""
        if self._is_first and piece:
            self._is_first = False
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        if self._is_one_event(piece):
            return [piece[6:-2]]
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) + sum(map(len, self._data)) > LONGEST_EVENT_BYTES:
            raise EventTooLong
        complete: list[bytes] = []
        for line in lines:
            self._take(line.removesuffix(b"\r"), complete)
        return complete

    def _is_one_event(self, piece: bytes) -> bool:
        """Most pieces are exactly that, with nothing begun before."""
        return (
            not self._rest
            and not self._data
            and piece.startswith(b"data: ")
            and piece.endswith(b"\n\n")
            and b"\n" not in piece[6:-2]
            and not piece.endswith(b"\r\n\n")
            and len(piece) <= LONGEST_EVENT_BYTES
        )

    def end(self) -> list[bytes]:
        """What a server left without the empty line that ends an event."""
        complete: list[bytes] = []
        rest, self._rest = self._rest, b""
        self._take(rest.removesuffix(b"\r"), complete)
        self._take(b"", complete)
        return complete

    def _take(self, line: bytes, complete: list[bytes]) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            complete.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
            self._data.clear()
