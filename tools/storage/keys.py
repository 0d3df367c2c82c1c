"""Which paths name something in a bucket. A bucket has no folders, so nothing else would refuse `..`."""

from tools.errors import NotFound
from tools.storage.folder import NAME_BYTES, PATH_BYTES


def key_for(path: str) -> str:
    """`path` itself, where a folder could hold it too. Raises NotFound for every other."""
    names = path.split("/")
    try:
        fits = len(path.encode()) <= PATH_BYTES and all(
            len(name.encode()) <= NAME_BYTES for name in names
        )
    except UnicodeEncodeError as error:
        raise NotFound("That file") from error
    if not fits or any(name in {"", ".", ".."} or not name.isprintable() for name in names):
        raise NotFound("That file")
    return path
