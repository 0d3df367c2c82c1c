"""A Replicate on a port of this machine, at the level of the wire: it can do every misdeed we know of.

    async with FakeReplicate.running(list_lag_s=0.5) as fake:
        client = AsyncReplicate(bearer_token=fake.token, base_url=fake.url, max_retries=0)
        fake.will(Fails(words.SENSITIVE), Succeeds(output="list"))
        fake.answer_create(DropsAfterCommit())

It makes real films, fetches the images it is given, sends signed webhooks, and keeps exact books
(`created`, `spent`, `requests`, `complaints`, `token_leaks`). A create that was read is committed,
whether or not its client still lives. What can be told is in `replicate_acts`, the errors' texts are in
`replicate_words`.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes import replicate_words as words
from tests.fakes.replicate_acts import (
    AnswersLate,
    Download,
    Drops,
    DropsAfterCommit,
    Refuses,
    RefusesAfterCommit,
    WaitsFor,
)
from tests.fakes.replicate_delivery import FilmHost, dropped, refused
from tests.fakes.replicate_desk import UPLOAD_BYTES, Desk
from tests.fakes.replicate_films import film
from tests.fakes.replicate_hooks import Delivery
from tests.fakes.replicate_ledger import Made, Seen, new_id, seconds_in
from tests.fakes.replicate_life import Life
from tests.fakes.replicate_rules import body_faults, input_complaints, request_complaints
from tests.fakes.replicate_state import Door, State, Ways

Work = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeReplicate(State):
    def __init__(self, ways: Ways, http: aiohttp.ClientSession) -> None:
        super().__init__(ways)
        self._life = Life(self, http)
        self._films = FilmHost(self)
        self._desk = Desk(self)

    @classmethod
    @asynccontextmanager
    async def running(cls, **ways: Any) -> "AsyncIterator[FakeReplicate]":
        """On a free port, until the block ends. `ways`: the fields of Ways."""
        async with aiohttp.ClientSession() as http:
            fake = cls(Ways(**ways), http)
            runner = web.AppRunner(fake._app(), access_log=None, shutdown_timeout=0.2)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
            fake.port = runner.addresses[0][1]
            try:
                yield fake
            finally:
                await runner.cleanup()
                await fake.rest()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=2 * UPLOAD_BYTES, middlewares=[self._recorded])
        router = app.router
        doors: tuple[tuple[Door, str, str, Work], ...] = (
            ("create", "POST", "/v1/models/{owner}/{name}/predictions", self._create),
            ("poll", "GET", "/v1/predictions/{prediction_id}", self._poll),
            ("cancel", "POST", "/v1/predictions/{prediction_id}/cancel", self._cancel),
            ("list", "GET", "/v1/predictions", self._list),
            ("model", "GET", "/v1/models/{owner}/{name}", self._model),
            ("account", "GET", "/v1/account", self._desk.account),
            ("secret", "GET", "/v1/webhooks/default/secret", self._desk.secret),
            ("file", "POST", "/v1/files", self._desk.upload),
            ("file", "GET", "/v1/files", self._desk.list_files),
            ("file", "GET", "/v1/files/{file_id}", self._desk.file),
            ("file", "DELETE", "/v1/files/{file_id}", self._desk.delete_file),
        )
        for door, method, path, work in doors:
            router.add_route(method, path, self._guarded(door, work))
        router.add_get("/delivery/{prediction_id}/{name}", self._films.serve)
        router.add_get("/foreign/{tail:.*}", self._films.serve_foreign)
        router.add_route("*", "/{tail:.*}", self._unknown)
        return app

    # -- what a test may do by hand ---------------------------------------------------------------

    async def step(self, made: Made) -> None:
        """One step of a prediction that waits for it: to `processing`, then to its end."""
        before = made.status
        made.turn.release()
        await self.until(lambda: made.status != before)

    async def finish(self, made: Made) -> None:
        while not made.is_over:
            await self.step(made)

    def forget(self, made: Made) -> None:
        """Remove input, output and logs now, as an hour after the end."""
        made.forgets_at = self.ways.now()

    async def deliver(self, made: Made, event: str = "completed", **how: Any) -> Delivery:
        """A chosen webhook, now. `how`: body, url, signing, webhook_id; see Life.deliver."""
        return await self._life.deliver(made, event, **how)

    async def film_of(self, made: Made) -> bytes:
        """The film as it is served when nothing goes wrong."""
        assert made.film is not None
        return await asyncio.to_thread(film, made.film)

    # -- every request ----------------------------------------------------------------------------

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Work) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        authorization = headers.pop("authorization", None)
        seen = Seen(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            has_authorization=authorization is not None,
            is_authorized=authorization == f"Bearer {self.token}",
            headers=headers,
            at=self.ways.now(),
        )
        self.requests.append(seen)
        if seen.has_authorization and not request.path.startswith("/v1/"):
            self.token_leaks.append(f"{request.host}{request.path}")
        try:
            return await handler(request)
        except ConnectionError:
            raise  # the client has gone: that is its right
        except Exception as fault:
            self.faults.append(fault)
            raise

    def _guarded(self, door: Door, work: Work) -> Work:
        async def through(request: web.Request) -> web.StreamResponse:
            self.counts[door] += 1
            self.moved()
            self.complain(request_complaints(request))
            is_form = request.content_type.startswith("multipart/")
            await (request.post() if is_form else request.read())
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                return refused(words.unauthenticated())
            return await self._answered(request, self.next_answer(door), work)

        return through

    async def _answered(
        self, request: web.Request, answer: Download, work: Work
    ) -> web.StreamResponse:
        match answer:
            case Refuses():
                return refused(answer)
            case Drops():
                return dropped(request)
            case AnswersLate(commits=commits) | WaitsFor(commits=commits) if commits != "first":
                await _waited(answer)
                return dropped(request) if commits == "never" else await work(request)
        response = await work(request)
        match answer:
            case RefusesAfterCommit():
                return refused(answer)
            case DropsAfterCommit():
                return dropped(request)
            case AnswersLate() | WaitsFor():
                await _waited(answer)
        return response

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.complain([f"{request.method} {request.path} is not in Replicate's API"])
        return refused(words.not_found())

    # -- predictions ------------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.StreamResponse:
        model = self.models.get(_slug(request))
        if model is None:
            return refused(words.not_found())
        try:
            body = await request.json()
        except ValueError:
            self.complain(["a create whose body is no JSON"])
            return refused(words.problem(400, "Bad request", "Malformed JSON"))
        faults = body_faults(body)
        self.complain(f"create: {each['field']} {each['description']}" for each in faults)
        faults = faults or model.faults(body["input"])
        if faults:
            return refused(words.invalid(*faults))
        self.complain(input_complaints(model, body["input"]))
        made = Made(
            id=new_id(),
            number=len(self.created),
            model=model,
            given=body["input"],
            webhook=body.get("webhook"),
            events=tuple(body.get("webhook_events_filter", ("output", "completed"))),
            cancel_after=_cancel_after(request),
            at=self.ways.now(),
        )
        self._commit(made)
        response = web.json_response(made.told(self.url, self.ways.now()), status=201)
        if self.ways.webhooks == "early":
            await self._life.announce_early(made)
        return response

    def _commit(self, made: Made) -> None:
        made.fate = self.fate_of(made)
        made.hidden_polls = made.fate.hidden_polls
        self.created.append(made)
        self.by_id[made.id] = made
        self.most_at_once = max(self.most_at_once, len(self.unfinished))
        self._life.begin(made)
        self.moved()

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        made = self.by_id.get(request.match_info["prediction_id"])
        if made is None:
            return refused(words.not_found())
        made.polls += 1
        if made.polls <= made.hidden_polls:
            return refused(words.not_found())
        return web.json_response(made.told(self.url, self.ways.now()))

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        made = self.by_id.get(request.match_info["prediction_id"])
        if made is None:
            return refused(words.not_found())
        if not made.is_over:
            self.cancelled.append(made)
            self._life.cancel(made)
        elif self.ways.refuses_late_cancel:
            return refused(words.already_finished())
        return web.json_response(made.told(self.url, self.ways.now()))

    async def _list(self, request: web.Request) -> web.StreamResponse:
        try:
            listed = self._listed(request.query)
        except ValueError:
            self.complain([f"GET /v1/predictions?{request.query_string}"])
            return refused(words.problem(400, "Bad request", "Invalid date-time or cursor"))
        page, rest = listed[: self.ways.page_size], listed[self.ways.page_size :]
        following = None
        if rest:
            cursor = base64.urlsafe_b64encode(str(page[-1].number).encode()).decode()
            query = {**request.query, "cursor": cursor}
            following = str(request.url.with_query(query))
        now = self.ways.now()
        results = [self._told_in_list(made, now) for made in page]
        return web.json_response({"previous": None, "next": following, "results": results})

    def _told_in_list(self, made: Made, now: datetime) -> dict[str, Any]:
        told = made.told(self.url, now)
        if self.ways.shows_webhook_in_list and made.webhook:
            told["webhook"] = made.webhook
        return told

    def _listed(self, query: Mapping[str, str]) -> list[Made]:
        """Newest first. Raises ValueError."""
        after, before = (_moment(query.get(name)) for name in ("created_after", "created_before"))
        from_number = len(self.created)
        if "cursor" in query:
            from_number = int(base64.urlsafe_b64decode(query["cursor"]))
        visible_since = self.ways.now() - timedelta(seconds=self.ways.list_lag_s)
        return [
            made
            for made in reversed(self.created[:from_number])
            if made.at <= visible_since
            and (after is None or made.at >= after)
            and (before is None or made.at < before)
        ]

    async def _model(self, request: web.Request) -> web.StreamResponse:
        model = self.models.get(_slug(request))
        return refused(words.not_found()) if model is None else web.json_response(model.served())


def _slug(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['name']}"


def _cancel_after(request: web.Request) -> str | None:
    """The header where it can be read; `request_complaints` tells of the others."""
    asked = request.headers.get("Cancel-After")
    if asked is None:
        return None
    try:
        seconds_in(asked)
    except ValueError:
        return None
    return asked


def _moment(written: str | None) -> datetime | None:
    """Raises ValueError, also for a moment without its zone."""
    if written is None:
        return None
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment


async def _waited(answer: AnswersLate | WaitsFor) -> None:
    match answer:
        case AnswersLate(after_s=after_s):
            await asyncio.sleep(after_s)
        case WaitsFor(gate=gate, reached=reached):
            reached.set()
            await gate.wait()
