"""The fake Replicate's smaller doors: the account, the webhooks' secret, uploaded files."""

import json

from aiohttp import web

from tests.fakes import replicate_words as words
from tests.fakes.replicate_delivery import refused
from tests.fakes.replicate_ledger import Stored, new_id
from tests.fakes.replicate_state import State

UPLOAD_BYTES = 100 * 1024 * 1024
_ACCOUNT = {"type": "organization", "username": "reel-tests", "name": "Reel Tests"}


class Desk:
    def __init__(self, state: State) -> None:
        self._state = state

    async def account(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(_ACCOUNT)

    async def secret(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"key": self._state.webhook_secret})

    async def upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        content = form.get("content")
        if not isinstance(content, web.FileField):
            self._state.complain(["a file without content"])
            return refused(words.problem(400, "Bad request", "Missing content"))
        body = content.file.read()
        if len(body) >= UPLOAD_BYTES:
            detail = "Files must be less than 100MB in size"
            return refused(words.problem(413, "Content too large", detail))
        stored = Stored(
            id=new_id(),
            name=str(form.get("filename", content.filename)),
            content_type=str(form.get("type", content.content_type)),
            body=body,
            metadata=json.loads(str(form.get("metadata", "{}"))),
            at=self._state.ways.now(),
        )
        self._state.files[stored.id] = stored
        self._state.moved()
        return web.json_response(stored.told(self._state.url), status=201)

    async def list_files(self, _request: web.Request) -> web.StreamResponse:
        results = [stored.told(self._state.url) for stored in reversed(self._state.files.values())]
        return web.json_response({"previous": None, "next": None, "results": results})

    async def file(self, request: web.Request) -> web.StreamResponse:
        stored = self._state.files.get(request.match_info["file_id"])
        return (
            refused(words.not_found())
            if stored is None
            else web.json_response(stored.told(self._state.url))
        )

    async def delete_file(self, request: web.Request) -> web.StreamResponse:
        stored = self._state.files.pop(request.match_info["file_id"], None)
        return refused(words.not_found()) if stored is None else web.Response(status=204)
