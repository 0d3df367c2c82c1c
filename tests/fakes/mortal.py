"""A process that can be killed between any two things it does outside of itself."""

from collections.abc import Sequence

from tools.domain.jobs import Change, VideoJob
from tools.rendering.ports import JobRecords, Places


class Killed(BaseException):
    """As `kill -9` does: nothing runs after it."""


class Mortal:
    """Job records of a process that is killed at its n-th breath.

    Each commit is one breath before and one after; so is each call of a dealer whose `may` is
    `breathe`.
    """

    def __init__(self, records: JobRecords, breaths: int) -> None:
        self._records = records
        self._left = breaths
        self.calls: list[str] = []
        """What was breathed at, for whoever wants to know where it died."""

    def breathe(self, call: str = "") -> None:
        self.calls.append(call)
        self._left -= 1
        if self._left == 0:
            raise Killed

    async def commit(self, change: Change) -> VideoJob:
        self.breathe("commit: before")
        job = await self._records.commit(change)
        self.breathe("commit: after")
        return job

    async def admit(self, change: Change, places: Places) -> int:
        self.breathe("admit: before")
        place = await self._records.admit(change, places)
        self.breathe("admit: after")
        return place

    def __getattr__(self, name: str) -> object:
        return getattr(self._records, name)


class Moody:
    """Job records that refuse what they are told to: `raises` for each change, in its order, or None."""

    def __init__(self, records: JobRecords) -> None:
        self._records = records
        self._moods: list[tuple[str, Exception]] = []

    def refuse(self, kind: str, error: Exception, *, times: int = 1) -> None:
        """`kind`: of the next changes that do this: bought, collected, finished, any."""
        self._moods += [(kind, error)] * times

    async def commit(self, change: Change) -> VideoJob:
        for mood in self._moods:
            if mood[0] in _kinds(change):
                self._moods.remove(mood)
                raise mood[1]
        return await self._records.commit(change)

    def __getattr__(self, name: str) -> object:
        return getattr(self._records, name)


def _kinds(change: Change) -> Sequence[str]:
    outcomes = [each.outcome.value for each in change.purchases]
    words = {"rendering": "bought", "rendered": "collected"}
    return ["any", change.job.stage.value, *(words.get(each, each) for each in outcomes)]
