"""`/api/video`: models, quotes, films and their jobs."""

from aiohttp import web

from server.access import context_for, job_for
from server.desk import Desk
from server.http.doors import Reception, json_response, read_json
from server.http.orders import Orders, call_of
from server.http.parts import (
    ABOUT_MODEL,
    FILM_ANSWERS,
    FILM_REFUSALS,
    ORDERED_WITH,
    QUOTE_REFUSALS,
    path_id,
)
from server.http.results import Results
from server.http.routes import Route, get, post
from server.memory.journal import Journal
from server.wire import samples
from server.wire.answers import JobStatus, VideoModelRow
from server.wire.bodies import GenerateVideoBody
from server.wire.described import Answer, Operation, Tag, json_of, list_of
from server.wire.entries import QuoteOut, quote_out
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.rows import model_row
from tools.errors import NotFound
from tools.rendering.studio import Studio

MODELS = Operation(
    name="listModels",
    tag=Tag.VIDEO,
    summary="The video models",
    text="Sora 2 Pro first. A model that is gone stays listed: `lifecycle` says who takes over.",
    answers=(
        Answer(
            status=200,
            text="Every model, also those that cannot be had here, with the reason.",
            contents=list_of(VideoModelRow, Models=samples.MODELS),
        ),
    ),
)
QUOTE = Operation(
    name="quoteVideo",
    tag=Tag.VIDEO,
    summary="What a film would cost",
    text="The same body as generate. Nothing is begun, nothing is kept.",
    body=json_of(GenerateVideoBody, A_film=samples.GENERATE),
    answers=(
        Answer(
            status=200,
            text="By which model, in which clips, for how much.",
            contents=json_of(QuoteOut, A_quote=samples.QUOTE),
            headers=ABOUT_MODEL,
        ),
    ),
    refusals=QUOTE_REFUSALS,
)
GENERATE = Operation(
    name="generateVideo",
    tag=Tag.VIDEO,
    summary="Make a film",
    text="Answers when the film is stored. A caller who leaves stops nothing. The call is itself the "
    "yes to the price; budgets hold all the same. With `campaignId` or `sessionId` the film "
    "joins that session's creatives.",
    parameters=ORDERED_WITH,
    body=json_of(
        GenerateVideoBody,
        A_film_after_a_reference_image=samples.GENERATE,
        Brand_logo_animation=samples.BRAND_LOGO,
        One_of_several_models_compared=samples.COMPARED,
        In_a_campaign=samples.IN_A_CAMPAIGN,
    ),
    answers=FILM_ANSWERS,
    refusals=FILM_REFUSALS,
)
JOB = Operation(
    name="getJob",
    tag=Tag.VIDEO,
    summary="How far a film is",
    parameters=(path_id("job", samples.JOB_ID),),
    answers=(
        Answer(
            status=200,
            text="Its state; the result or the error when it is over.",
            contents=json_of(JobStatus, It_is_made=samples.RUNNING),
        ),
    ),
    refusals=(NotFound,),
)
CANCEL = Operation(
    name="cancelJob",
    tag=Tag.VIDEO,
    summary="Stop a film",
    text="Says what was charged. A film that is finished stays.",
    parameters=(path_id("job", samples.JOB_ID),),
    answers=(
        Answer(
            status=200,
            text="The job as it is now; `state` may say that it ended before.",
            contents=json_of(JobStatus, It_was_stopped=samples.CANCELLED),
        ),
    ),
    refusals=(NotFound,),
)


class Videos:
    def __init__(
        self,
        *,
        reception: Reception,
        desk: Desk,
        orders: Orders,
        studio: Studio,
        catalogue: Catalogue,
        journal: Journal,
        results: Results,
    ) -> None:
        self._reception = reception
        self._desk = desk
        self._orders = orders
        self._studio = studio
        self._catalogue = catalogue
        self._journal = journal
        self._results = results

    def routes(self) -> list[Route]:
        return [
            get("/api/video/models", self.models, MODELS),
            post("/api/video/quote", self.quote, QUOTE),
            post("/api/video/generate", self.generate, GENERATE),
            get("/api/video/jobs/{id}", self.job, JOB),
            post("/api/video/jobs/{id}/cancel", self.cancel, CANCEL),
        ]

    async def models(self, request: web.Request) -> web.Response:
        await self._reception.principal(request)
        return json_response([model_row(offer) for offer in self._catalogue.offers()])

    async def quote(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        body = await read_json(request, GenerateVideoBody)
        quote = await self._orders.quote(principal, body)
        headers = self._results.about_model(quote.requested_key or quote.model_key)
        return json_response(quote_out(quote).json_ready(), headers=headers)

    async def generate(self, request: web.Request) -> web.Response:
        """202 with the whole result when the film is stored; at once with `Prefer: respond-async`."""
        principal = await self._reception.principal(request)
        body = await read_json(request, GenerateVideoBody)
        return await self._orders.film(call_of(request, principal, body), body)

    async def job(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        asked = request.match_info["id"]
        job = await self._journal.read(lambda tables: job_for(tables, principal, asked))
        return json_response(self._results.status(job).json_ready())

    async def cancel(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        asked = request.match_info["id"]
        job = await self._journal.read(lambda tables: job_for(tables, principal, asked))
        session = await self._desk.known_session(principal, job.session_id)
        job, _ = await self._studio.cancel(job.id, context=context_for(principal, session))
        return json_response(self._results.status(job).json_ready())
