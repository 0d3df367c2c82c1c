"""How the fake Replicate's predictions live: queue, images fetched, film made or not, webhooks sent."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import aiohttp

from tests.fakes.replicate_acts import Aborts, Becomes, Cancels, Fails, Fate, NeverEnds, Succeeds
from tests.fakes.replicate_films import FilmSpec, image_in, level_of_image
from tests.fakes.replicate_hooks import (
    Delivery,
    Signing,
    new_webhook_id,
    post,
    signed_headers,
    written,
)
from tests.fakes.replicate_ledger import Made, SeenImage, seconds_in
from tests.fakes.replicate_state import State
from tests.fakes.replicate_words import SORA_SIZE

_RATIOS = {"portrait": "9:16", "landscape": "16:9"}
_SORA_SIZES = {
    ("landscape", "standard"): (1280, 720),
    ("portrait", "standard"): (720, 1280),
    ("landscape", "high"): (1792, 1024),
    ("portrait", "high"): (1024, 1792),
}
_KLING_SIDE, _KLING_RATIO = 300, 2.5
_SIGNINGS: Mapping[str, Signing] = {"forged": "forged", "stale": "stale", "unsigned": "unsigned"}


class CannotRun(Exception):
    """The prediction fails before the model begins."""


class Life:
    def __init__(self, state: State, http: aiohttp.ClientSession) -> None:
        self._state = state
        self._http = http

    def begin(self, made: Made) -> None:
        made.task = self._state.own(self._live(made))

    def cancel(self, made: Made) -> None:
        if made.task is not None:
            made.task.cancel()
        self._end(made, "canceled")

    # -- from creation to the end -----------------------------------------------------------------

    async def _live(self, made: Made) -> None:
        limit_s = None if made.cancel_after is None else seconds_in(made.cancel_after)
        try:
            async with asyncio.timeout(limit_s):
                await self._play(made, made.fate)
        except TimeoutError:
            self._end(made, "aborted" if made.started_at is None else "canceled")

    async def _play(self, made: Made, fate: Fate) -> None:
        if isinstance(fate, NeverEnds) and not fate.starts:
            await asyncio.Event().wait()
        await self._step(made, fate)
        if isinstance(fate, Aborts):
            self._end(made, "aborted")
            return
        made.status, made.started_at = "processing", self._state.ways.now()
        made.logs = fate.logs
        self._state.moved()
        self._hook(made, "start")
        try:
            made.images = await self._images(made)
        except CannotRun as reason:
            self._end(made, "failed", str(reason))
            return
        await self._conclude(made, fate)

    async def _conclude(self, made: Made, fate: Fate) -> None:
        if isinstance(fate, NeverEnds):
            await asyncio.Event().wait()
        await self._step(made, fate)
        match fate:
            case Succeeds():
                self._succeed(made, fate)
            case Fails(error=error):
                self._end(made, "failed", error)
            case Becomes(status=status, then=then):
                made.status = status
                self._state.moved()
                await self._conclude(made, then or NeverEnds())
            case Cancels():
                self._end(made, "canceled")
            case _:
                raise AssertionError(fate)

    async def _step(self, made: Made, fate: Fate) -> None:
        """Half of the time from creation to the end, or the test's sign."""
        whole_s = self._state.ways.render_s if fate.after_s is None else fate.after_s
        if whole_s is None:
            await made.turn.acquire()
        else:
            await asyncio.sleep(whole_s / 2)

    def _succeed(self, made: Made, fate: Succeeds) -> None:
        made.film = self._film(made, fate)
        made.download = list(fate.download) if isinstance(fate.download, list) else fate.download
        asked = made.model.filled(made.given)
        made.metrics = {
            "video_output_count": 1,
            "video_output_duration_seconds": float(made.film.seconds),
            "with_audio": made.film.has_sound,
            "resolution_target": str(asked.get("resolution", asked.get("mode", "720p"))),
        }
        url = f"{self._state.films_origin}/delivery/{made.id}/tmp{made.number}.mp4"
        output = fate.output or self._state.ways.output
        if callable(output):
            made.output = output(url)
        else:
            outputs: dict[str, object] = {
                "string": url, "list": [url], "object": {"url": url}, "null": None, "empty": [],
            }  # fmt: skip
            made.output = outputs[output]
        self._end(made, "succeeded")

    def _film(self, made: Made, fate: Succeeds) -> FilmSpec:
        model, given = made.model, made.given
        asked = model.filled(given)
        seconds = float(asked[model.length] if fate.seconds is None else fate.seconds)
        can_sound = model.has_sound(given) if fate.has_sound is None else fate.has_sound
        first = next((each for each in made.images if each.name == model.first_frame), None)
        spec = FilmSpec(
            seconds=seconds if seconds > 0 else 5.0,
            frame=fate.frame or self._frame(asked, first),
            has_sound=can_sound,
            fps=fate.fps,
        )
        level = fate.start_level if first is None or fate.start_level else first.level
        return spec if level is None else replace(spec, start_level=level)

    def _frame(self, asked: Mapping[str, Any], first: SeenImage | None) -> tuple[int, int]:
        frames = self._state.ways.frames
        ratio = str(asked.get("aspect_ratio", "adaptive"))
        follows_image = ratio == "adaptive" or asked.get("start_image")
        if follows_image and first is not None:
            width, height = first.size
            shape = width / height
            return min(frames.values(), key=lambda frame: abs(frame[0] / frame[1] - shape))
        ratio = _RATIOS.get(ratio, ratio)
        if ratio in frames:
            return frames[ratio]
        if ":" not in ratio:
            return frames["16:9"]
        across, down = (int(each) for each in ratio.split(":"))
        return max(2, round(54 * across / down / 2) * 2), 54

    def _end(self, made: Made, status: str, error: str | None = None) -> None:
        ways = self._state.ways
        made.status, made.error, made.completed_at = status, error, ways.now()
        ran_s = (made.completed_at - (made.started_at or made.completed_at)).total_seconds()
        whole_s = (made.completed_at - made.at).total_seconds()
        times = {"predict_time": ran_s, "total_time": whole_s}
        made.metrics = {**times, **made.metrics, **made.fate.metrics}
        kept_s = made.fate.kept_s if isinstance(made.fate, Succeeds) else None
        made.keep_for(ways.retention_s if kept_s is None else kept_s)
        self._state.moved()
        if status == "succeeded":
            self._hook(made, "output")
        if status != "aborted":
            self._hook(made, "completed")

    # -- images -----------------------------------------------------------------------------------

    async def _images(self, made: Made) -> list[SeenImage]:
        images = [await self._image(name, address) for name, address in _addresses(made) if address]
        if self._state.ways.refuses_wrong_images:
            for image in images:
                _check_size(made, image)
        return images

    async def _image(self, name: str, address: str) -> SeenImage:
        try:
            body, content_type = await self._fetched(address)
            level, size = await asyncio.to_thread(level_of_image, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise CannotRun(f"Failed to download or read {name}: {type(error).__name__}") from error
        return SeenImage(
            name=name,
            address=address,
            body=body,
            content_type=content_type,
            size=size,
            level=level,
        )

    async def _fetched(self, address: str) -> tuple[bytes, str]:
        if address.startswith("data:"):
            return image_in(address), address[5:].partition(";")[0]
        own = f"{self._state.url}/files/"
        if address.startswith(own):
            stored = self._state.files.get(address.removeprefix(own))
            if stored is None:
                raise ValueError(address)
            return stored.body, stored.content_type
        for beginning, instead in self._state.ways.rewrites.items():
            if address.startswith(beginning):
                address = instead + address.removeprefix(beginning)
                break
        limit = aiohttp.ClientTimeout(total=10)
        async with self._http.get(address, timeout=limit, raise_for_status=True) as answer:
            return await answer.read(), answer.content_type

    # -- webhooks ---------------------------------------------------------------------------------

    async def announce_early(self, made: Made) -> None:
        """The `start` webhook, delivered before the create is answered."""
        if made.webhook and "start" in made.events:
            await self.deliver(made, "start")

    def _hook(self, made: Made, event: str) -> None:
        mode = self._state.ways.webhooks
        is_told_early = mode == "early" and event == "start"
        if not made.webhook or event not in made.events or mode == "dropped" or is_told_early:
            return
        copies = 2 if mode == "duplicate" else 1
        body = written(made.told(self._state.url, self._state.ways.now()))
        self._state.own(self._send(made, event, body, _SIGNINGS.get(mode, "rightly"), copies))

    async def _send(
        self, made: Made, event: str, body: bytes, signing: Signing, copies: int
    ) -> None:
        webhook_id = new_webhook_id()
        for _ in range(copies):
            waits = self._state.ways.hook_retries_s if event == "completed" else ()
            for attempt, wait_s in enumerate((0.0, *waits)):
                await asyncio.sleep(wait_s)
                delivery = await self.deliver(
                    made, event, body=body, signing=signing, webhook_id=webhook_id, attempt=attempt
                )
                if delivery.was_taken:
                    break

    async def deliver(
        self,
        made: Made,
        event: str = "completed",
        *,
        body: Mapping[str, Any] | bytes | None = None,
        url: str | None = None,
        signing: Signing = "rightly",
        webhook_id: str | None = None,
        attempt: int = 0,
    ) -> Delivery:
        """One webhook, now. `body`: the prediction as it is, unless something else is to be told."""
        to = url or made.webhook
        assert to is not None, "this prediction has no webhook"
        if body is None:
            body = made.told(self._state.url, self._state.ways.now())
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        webhook_id = webhook_id or new_webhook_id()
        at = self._state.ways.now()
        headers = signed_headers(self._state.webhook_secret, webhook_id, raw, at, signing)
        status = await post(self._http, to, raw, headers, self._state.ways.hook_limit_s)
        delivery = Delivery(
            prediction_id=made.id,
            event=event,
            url=to,
            webhook_id=webhook_id,
            attempt=attempt,
            status=status,
        )
        self._state.deliveries.append(delivery)
        self._state.moved()
        return delivery


def _addresses(made: Made) -> Iterator[tuple[str, str]]:
    for name, value in made.given.items():
        rule = made.model.inputs[name]
        if rule.get("format") == "uri":
            yield name, value
        elif rule.get("items", {}).get("format") == "uri" and name == "reference_images":
            for each in value:
                yield name, each


def _check_size(made: Made, image: SeenImage) -> None:
    asked = made.model.filled(made.given)
    width, height = image.size
    if made.slug == "openai/sora-2-pro":
        if image.size != _SORA_SIZES[asked["aspect_ratio"], asked["resolution"]]:
            raise CannotRun(SORA_SIZE)
    elif made.slug == "kwaivgi/kling-v3-video":
        is_small = min(width, height) < _KLING_SIDE
        if is_small or max(width / height, height / width) > _KLING_RATIO:
            raise CannotRun(f"{image.name}: the image's size or shape is not supported")
