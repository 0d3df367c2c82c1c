"""The host that the fake Replicate's films are fetched from, and what can go wrong there."""

import asyncio

from aiohttp import web

from tests.fakes.replicate_acts import (
    AnswersLate,
    AsUsual,
    Download,
    Drops,
    DropsAfterCommit,
    EndsEarly,
    Redirects,
    Refuses,
    RefusesAfterCommit,
    Serves,
    Stalls,
    Swells,
    Trickles,
    Truncates,
    WaitsFor,
)
from tests.fakes.replicate_films import film
from tests.fakes.replicate_ledger import Made
from tests.fakes.replicate_state import State

_PIECE = 64 * 1024


def dropped(request: web.Request) -> web.Response:
    """The connection is reset; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def refused(answer: Refuses | RefusesAfterCommit) -> web.Response:
    if isinstance(answer.body, str):
        return web.Response(
            status=answer.status,
            text=answer.body,
            content_type="text/html",
            headers=answer.headers,
        )
    return web.json_response(
        dict(answer.body),
        status=answer.status,
        content_type="application/problem+json",
        headers=answer.headers,
    )


class FilmHost:
    def __init__(self, state: State) -> None:
        self._state = state

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`/delivery/{id}/…`: public, and never to be shown a token."""
        self._state.counts["download"] += 1
        made = self._made(request)
        if made is None:
            self._state.moved()
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        made.downloads += 1
        answer = self._answer(made, request)
        self._state.moved()
        return await self._answered(request, made, answer)

    async def serve_foreign(self, request: web.Request) -> web.StreamResponse:
        """`/foreign/…`: another host, where a client that is careful never comes."""
        self._state.strayed.append(request.path)
        self._state.moved()
        return web.Response(body=b"not for you", content_type="video/mp4")

    def _made(self, request: web.Request) -> Made | None:
        made = self._state.by_id.get(request.match_info["prediction_id"])
        if made is None or made.film is None or made.is_forgotten(self._state.ways.now()):
            return None
        return made

    def _answer(self, made: Made, request: web.Request) -> Download:
        if "moved" in request.query:
            return AsUsual()
        answer = self._state.next_answer("download")
        if not isinstance(answer, AsUsual) or made.download is None:
            return answer
        if isinstance(made.download, list):
            return made.download.pop(0) if made.download else AsUsual()
        return made.download

    async def _answered(
        self, request: web.Request, made: Made, answer: Download
    ) -> web.StreamResponse:
        match answer:
            case Refuses() | RefusesAfterCommit():
                return refused(answer)
            case Drops() | DropsAfterCommit():
                return dropped(request)
            case Serves(body=body, content_type=content_type):
                return web.Response(body=body, content_type=content_type)
            case Redirects(status=status):
                return web.Response(
                    status=status, headers={"Location": self._elsewhere(request, answer)}
                )
            case Swells():
                return await _swollen(request, answer)
            case AnswersLate(after_s=after_s):
                await asyncio.sleep(after_s)
            case WaitsFor(gate=gate, reached=reached):
                reached.set()
                await gate.wait()
        assert made.film is not None
        return await _film_sent(request, await asyncio.to_thread(film, made.film), answer)

    def _elsewhere(self, request: web.Request, answer: Redirects) -> str:
        places = {
            "own": f"{self._state.films_origin}{request.path}?moved=1",
            "foreign": f"{self._state.foreign_origin}/foreign{request.path}",
            "itself": f"{self._state.films_origin}{request.path}",
        }
        return places.get(answer.to, answer.to)


async def _film_sent(request: web.Request, body: bytes, answer: Download) -> web.StreamResponse:
    match answer:
        case EndsEarly(share=share):
            return _whole(body[: int(len(body) * share)])
        case Truncates(share=share) | Stalls(share=share):
            response = await _begun(request, len(body))
            await response.write(body[: int(len(body) * share)])
            if isinstance(answer, Stalls):
                await asyncio.Event().wait()
            response.force_close()
            return response
        case Trickles(pieces=pieces, pause_s=pause_s):
            response = await _begun(request, len(body))
            size = -(-len(body) // pieces)
            for at in range(0, len(body), size):
                await response.write(body[at : at + size])
                await asyncio.sleep(pause_s)
            return response
        case _:
            return _whole(body)


def _whole(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="video/mp4", headers={"Accept-Ranges": "bytes"})


async def _begun(request: web.Request, size: int | None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "video/mp4"})
    response.content_length = size
    await response.prepare(request)
    return response


async def _swollen(request: web.Request, answer: Swells) -> web.StreamResponse:
    response = await _begun(request, answer.size_bytes if answer.is_declared else None)
    left = answer.size_bytes
    while left > 0:
        await response.write(bytes(min(left, _PIECE)))
        left -= _PIECE
    return response
