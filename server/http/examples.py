"""`/api/video/examples`: the seed's three, each a template of the library filled and then generated."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from aiohttp import web
from pydantic.alias_generators import to_camel

from server.http.doors import Reception, read_json
from server.http.orders import Orders, call_of
from server.http.parts import FILM_ANSWERS, FILM_REFUSALS, ORDERED_WITH
from server.http.routes import Route, post
from server.wire import samples
from server.wire.bodies import (
    BrandAnimationBody,
    ExampleBody,
    GenerateVideoBody,
    ProductShowcaseBody,
    SocialMediaBody,
)
from server.wire.described import Content, Operation, Tag
from tools.domain.templates import ParameterKind, Template
from tools.errors import MissingPlaceholder, ReferenceUnreachable, UnknownTemplate
from tools.library.library import fill


def _example(name: str, summary: str, text: str, body: Content) -> Operation:
    """The same answers, headers and keys as generate."""
    return Operation(
        name=name,
        tag=Tag.EXAMPLES,
        summary=summary,
        text=text,
        parameters=ORDERED_WITH,
        body=(body,),
        answers=FILM_ANSWERS,
        refusals=(*FILM_REFUSALS, UnknownTemplate, MissingPlaceholder),
    )


BRAND = _example(
    "brandAnimation",
    "A logo comes alive",
    "A cinematic brand animation, by the best model for it.",
    Content(shapes=(BrandAnimationBody,), samples={"A brand": samples.BRAND_ANIMATION}),
)
PRODUCT = _example(
    "productShowcase",
    "A product is shown",
    "A professional product film for a shop and for social media.",
    Content(shapes=(ProductShowcaseBody,), samples={"A product": samples.PRODUCT_SHOWCASE}),
)
SOCIAL = _example(
    "socialMedia",
    "A film for one platform",
    "Instagram 9:16, 15 s; TikTok 9:16, 12 s; YouTube 16:9, 15 s; Facebook 1:1, 15 s.",
    Content(shapes=(SocialMediaBody,), samples={"For TikTok": samples.SOCIAL_MEDIA}),
)


class Shelf(Protocol):
    def template(self, name: str) -> Template:
        """By key. Raises UnknownTemplate."""
        ...


class Examples:
    """An operator's template of the same key stands in for ours here too."""

    def __init__(self, *, reception: Reception, orders: Orders, library: Shelf) -> None:
        self._reception = reception
        self._orders = orders
        self._library = library

    def routes(self) -> list[Route]:
        return [
            post(
                "/api/video/examples/brand-animation",
                self.brand_animation,
                self._held("brand-animation", BRAND),
            ),
            post(
                "/api/video/examples/product-showcase",
                self.product_showcase,
                self._held("product-showcase", PRODUCT),
            ),
            post(
                "/api/video/examples/social-media",
                self.social_media,
                self._held("social-media", SOCIAL),
            ),
        ]

    async def brand_animation(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        body = await read_json(request, BrandAnimationBody)
        words = {"product_name": body.product_name, "tagline": body.tagline or ""}
        images = [body.brand_logo_url] if body.brand_logo_url else []
        wanted = self._filled("brand-animation", words, body, images)
        with _images_called("brandLogoUrl"):
            return await self._orders.film(call_of(request, principal, body), wanted)

    async def product_showcase(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        body = await read_json(request, ProductShowcaseBody)
        words = {
            "product_name": body.product_name,
            "product_description": body.product_description,
        }
        wanted = self._filled("product-showcase", words, body, body.reference_image_urls)
        return await self._orders.film(call_of(request, principal, body), wanted)

    async def social_media(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        body = await read_json(request, SocialMediaBody)
        words = {"concept": body.concept, "platform": body.platform}
        wanted = self._filled("social-media", words, body, body.brand_images)
        with _images_called("brandImages"):
            return await self._orders.film(call_of(request, principal, body), wanted)

    def _held(self, key: str, told: Operation) -> Operation:
        """With the lengths that the template takes: an operator's may be another."""
        longest = {
            to_camel(each.name): each.max_chars
            for each in self._library.template(key).parameters
            if each.kind is ParameterKind.TEXT
        }
        return replace(told, body=tuple(replace(each, longest=longest) for each in told.body))

    def _filled(
        self, key: str, words: Mapping[str, str], body: ExampleBody, images: list[str]
    ) -> GenerateVideoBody:
        """Generate's body. Raises InvalidPayload, MissingPlaceholder, UnknownTemplate."""
        template = self._library.template(key)
        # A parameter's name is known however it is written: product_name is productName.
        filled = fill(template, words)
        if filled.missing:
            name, question = filled.missing[0]
            raise MissingPlaceholder(f"{template.title}: {question}", field=name)
        return GenerateVideoBody(
            prompt=filled.prompt,
            model=filled.model_key,
            duration=filled.length_s,
            aspect_ratio=filled.aspect_ratio,
            reference_image_urls=images,
            refinement_prompt=filled.refinement or None,
            campaign_id=body.campaign_id,
            session_id=body.session_id,
        )


@contextmanager
def _images_called(name: str) -> Iterator[None]:
    """A refusal names the field that was filled in, not generate's."""
    try:
        yield
    except ReferenceUnreachable as error:
        error.field = name
        raise
