"""`/api/video`: models, quotes, films and their jobs."""

from aiohttp import web

from server.access import context_for, job_for
from server.desk import Desk
from server.http.doors import Reception, json_response, read_json
from server.http.orders import Orders, call_of
from server.http.results import Results
from server.memory.journal import Journal
from server.wire.bodies import GenerateVideoBody
from server.wire.entries import quote_out
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.rows import model_row
from tools.rendering.studio import Studio


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

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/video/models", self.models),
            web.post("/api/video/quote", self.quote),
            web.post("/api/video/generate", self.generate),
            web.get("/api/video/jobs/{id}", self.job),
            web.post("/api/video/jobs/{id}/cancel", self.cancel),
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
