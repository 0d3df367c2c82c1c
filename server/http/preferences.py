"""`Prefer` (RFC 7240): how a program wants to be answered."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PREFERENCES = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
"""Between commas, those in quotes left alone."""
_PREFERENCE = re.compile(rf"\s*([!#$%&'*+.^`|~\w-]+)\s*(?:=\s*({_QUOTED}|[^\s;]*))?\s*(?:;|$)")
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`wait_s`: how long the asker waits at most. With `respond_async` nobody waits without it."""

    respond_async: bool = False
    wait_s: int | None = None

    @property
    def is_at_once(self) -> bool:
        return self.respond_async and not self.wait_s

    def patience_s(self, limit_s: float) -> float:
        """How long an answer may take, under our own limit."""
        if self.wait_s is None:
            return 0 if self.respond_async else limit_s
        return min(self.wait_s, limit_s)

    @property
    def applied(self) -> dict[str, str]:
        """As headers: which preferences were kept to."""
        kept = [
            *(["respond-async"] if self.respond_async else []),
            *([] if self.wait_s is None else [f"wait={self.wait_s}"]),
        ]
        return {"Preference-Applied": ", ".join(kept)} if kept else {}


def wish_of(headers: Iterable[str]) -> Wish:
    """From all `Prefer` headers. Of one that is there twice the first counts; strange ones are no error."""
    given: dict[str, str] = {}
    for written in _PREFERENCES.findall(",".join(headers)):
        if (found := _PREFERENCE.match(written)) is not None:
            value = found[2] or ""
            given.setdefault(found[1].lower(), value.strip('"'))
    wait = given.get("wait", "")
    return Wish(
        respond_async="respond-async" in given,
        wait_s=int(wait) if _SECONDS.fullmatch(wait) else None,
    )
