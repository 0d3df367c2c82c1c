"""What the renderer is told: a storyboard, a frame, and files. JSON between two processes."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from tools.domain.frames import Frame
from tools.domain.storyboard import Box, Light, Move, Role, Shot, Storyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPlan:
    """`pictures` are the files of the order's references, by index; `part` is written and then
    renamed to `film`, so that whatever stands there is whole. `cpu_s` is all the child may use.
    """

    storyboard: Storyboard
    frame: Frame
    pictures: tuple[str, ...]
    part: str
    film: str
    cpu_s: int

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "FilmPlan":
        facts: dict[str, Any] = json.loads(data)
        return cls(
            storyboard=_storyboard(facts["storyboard"]),
            frame=Frame(**facts["frame"]),
            pictures=tuple(facts["pictures"]),
            part=facts["part"],
            film=facts["film"],
            cpu_s=facts["cpu_s"],
        )


def _storyboard(facts: dict[str, Any]) -> Storyboard:
    return Storyboard(
        shots=tuple(
            Shot(
                role=Role(shot["role"]),
                caption=tuple(shot["caption"]),
                start=shot["start"],
                length=shot["length"],
                move=Move(shot["move"]),
                picture=shot["picture"],
            )
            for shot in facts["shots"]
        ),
        caption_box=Box(**facts["caption_box"]),
        logo=facts["logo"],
        palette=tuple((r, g, b) for r, g, b in facts["palette"]),
        light=Light(facts["light"]),
        title=facts["title"],
    )
