"""Readiness that depends on somebody else: asked seldom, told truly."""

import asyncio

import pytest

from server.http.site import remembered
from tools.errors import ProviderUnavailable


class Elsewhere:
    """A part that is up or down, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_up = True

    async def check(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if not self.is_up:
            raise ProviderUnavailable("It is away.")


async def test_many_who_ask_at_once_are_one_question():
    part = Elsewhere()
    check = remembered(part.check, life_s=60)

    await asyncio.gather(*(check() for _ in range(50)))

    assert part.asked == 1


async def test_a_refusal_is_remembered_like_a_good_answer():
    part = Elsewhere()
    part.is_up = False
    check = remembered(part.check, life_s=60)

    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await check()

    assert part.asked == 1


async def test_an_old_answer_is_asked_for_again():
    part = Elsewhere()
    part.is_up = False
    check = remembered(part.check, life_s=0)
    with pytest.raises(ProviderUnavailable):
        await check()
    part.is_up = True

    await check()

    assert part.asked == 2
