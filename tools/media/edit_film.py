"""Measures clips and cuts them into a film; runs alone (`python -I -m tools.media.edit_film`).

`{"do": "measure" | "last_frame" | "assemble", …}` on stdin; facts on stdout, the last line the
answer, or `{"refused": "…"}` and exit code 1.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import av

from tools.domain.frames import Frame
from tools.media.assembly import assembled, even_size, parts_of, snapped
from tools.media.clip import Refused, decoded, scanned
from tools.media.limits import limit_this_process
from tools.media.remux import can_be_remuxed, remuxed
from tools.media.screen import photograph

_MEMORY_BYTES = 3 * 1024**3
"""Pictures of up to 4096 x 4096 in a decoder and an encoder."""
_REPORTS = 100

Order = Mapping[str, Any]


def measure(order: Order) -> dict[str, object]:
    """The clip's facts, after every picture of it was decoded."""
    clip = scanned(Path(order["video"]))
    for _ in decoded(clip):
        pass
    frame = even_size(clip)
    return {
        "width": frame.width,
        "height": frame.height,
        "length_ms": round(clip.length_s * 1000),
        "has_sound": clip.has_sound,
    }


def last_frame(order: Order) -> dict[str, object]:
    """The last picture that is shown, found by decoding all: a seek may miss B-frames."""
    clip = scanned(Path(order["video"]))
    last = None
    for picture in decoded(clip):
        last = picture.frame
    if last is None:
        raise Refused("truncated")
    photograph(last, (clip.width, clip.height)).save(order["target"], "PNG", compress_level=3)
    return {"width": clip.width, "height": clip.height}


def assemble(order: Order) -> dict[str, object]:
    clips = [(scanned(Path(clip["file"])), int(clip["seconds"])) for clip in order["clips"]]
    parts = parts_of(clips, order["length_s"])
    frame = Frame(*order["frame"]) if order["frame"] else even_size(parts[0].clip)
    fps = snapped(parts[0].clip)
    target, is_copied = order["target"], False
    if len(parts) == 1 and can_be_remuxed(parts[0], frame, fps=fps):
        is_copied = remuxed(target, parts[0], fps=fps, told=_told)
    if not is_copied:
        assembled(target, parts, frame, fps=fps, told=_told)
    return {"fps": fps, "width": frame.width, "height": frame.height, "copied": is_copied}


_ORDERS: dict[str, Callable[[Order], dict[str, object]]] = {
    "measure": measure,
    "last_frame": last_frame,
    "assemble": assemble,
}


def _told(done: int, of: int) -> None:
    if done * _REPORTS // of != (done - 1) * _REPORTS // of:
        _say({"done": done, "of": of})


def _say(facts: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _refuse(word: str) -> NoReturn:
    _say({"refused": word})
    os._exit(1)  # a broken film's muxers are not worth closing


def main() -> None:
    order = json.loads(sys.stdin.buffer.read())
    limit_this_process(cpu_s=order["cpu_s"], memory_bytes=_MEMORY_BYTES)
    av.logging.set_level(av.logging.PANIC)
    try:
        facts = _ORDERS[order["do"]](order)
    except Refused as refused:
        _refuse(str(refused))
    except (av.FFmpegError, ValueError, OverflowError, MemoryError):
        # What a stranger's stream makes of a filter or an encoder is without number.
        _refuse("not_a_film")
    _say(facts)


if __name__ == "__main__":
    main()
