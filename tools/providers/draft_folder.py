"""Where drafts lie on this machine: a folder each, with its pictures and its film. Run in threads."""

import os
import re
import secrets
import shutil
from pathlib import Path

from tools.rendering.ports import Order

FILM = "film.mp4"
DRAFT_ID = re.compile(r"draft-[0-9a-f]{20}")
"""A prediction's id and the name of its folder."""


def sweep(work: Path) -> None:
    """Remove what a life that ended left half-made. Its finished films stay."""
    work.mkdir(parents=True, exist_ok=True)
    for folder in work.iterdir():
        if not DRAFT_ID.fullmatch(folder.name):
            continue
        if not (folder / FILM).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            continue
        for part in folder.glob("*.part"):
            part.unlink(missing_ok=True)


def set_up(folder: Path, order: Order) -> tuple[str, ...]:
    """The order's own copies of its pictures: the caller's may go while this one waits."""
    folder.mkdir(parents=True)
    copies = []
    for i, image in enumerate(order.images):
        copy = folder / f"picture-{i}"
        shutil.copyfile(image.file, copy)
        copies.append(str(copy))
    return tuple(copies)


def bring(film: Path, target: Path) -> None:
    """A link where the disk allows it, else a copy; whole or not at all, also the second time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        os.link(film, fresh)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(film, fresh)
    fresh.replace(target)
