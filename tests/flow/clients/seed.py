"""The seed's usage examples and endpoint examples, translated; the bodies are as it prints them.

Where it writes "https://..." a whole address stands.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.pictures import upload_form

Answer = dict[str, Any]
"""`{path, status, body}`, as the JavaScript client tells it."""


@dataclass
class SeedClient:
    """`http` carries the token. Keeps every answer under the name of its example, and what is printed."""

    http: aiohttp.ClientSession
    image: bytes
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    _example: str = ""

    async def run(self) -> None:
        for name, example in {
            "health": self.health,
            "generate": self.generate,
            "brandAnimation": self.brand_animation,
            "productShowcase": self.product_showcase,
            "socialMedia": self.social_media,
            "example1": self.example_1,
            "example2": self.example_2,
            "example3": self.example_3,
            "example4": self.example_4,
            "fourthModel": self.fourth_model,
        }.items():
            self._example = name
            await example()

    async def health(self) -> None:
        await self._kept(self.http.get("/api/video/models"))

    async def generate(self) -> None:
        body = {
            "prompt": "Brand logo animation with motion graphics",
            "model": "sora-2-pro",
            "duration": 8,
            "referenceImageUrls": ["https://example.com/logo.png"],
            "refinementPrompt": "Make it cinematic with dramatic lighting",
        }
        await self._ordered("/api/video/generate", body)

    async def brand_animation(self) -> None:
        body = {
            "brandLogoUrl": "https://example.com/logo.png",
            "productName": "ProductName",
            "tagline": "Your tagline here",
        }
        await self._ordered("/api/video/examples/brand-animation", body)

    async def product_showcase(self) -> None:
        body = {
            "productName": "iPhone 15",
            "productDescription": "Latest flagship smartphone",
            "referenceImageUrls": ["https://example.com/logo.png"],
        }
        await self._ordered("/api/video/examples/product-showcase", body)

    async def social_media(self) -> None:
        body = {
            "concept": "Product unboxing",
            "platform": "tiktok",
            "brandImages": ["https://example.com/logo.png"],
        }
        await self._ordered("/api/video/examples/social-media", body)

    async def example_1(self) -> None:
        body = {
            "prompt": "Animated brand logo with motion graphics and transitions",
            "model": "sora-2-pro",
            "duration": 6,
            "referenceImageUrls": [
                "https://company.com/logo.png",
                "https://company.com/brand-colors.png",
            ],
            "refinementPrompt": "Professional, cinematic, premium quality",
        }
        result = await self._ordered("/api/video/generate", body)
        self.printed += [
            f"Video URL: {result['videoUrl']}",
            f"Refined Prompt: {result['refinedPrompt']}",
        ]

    async def example_2(self) -> None:
        upload = self.http.post("/api/storage/upload", data=upload_form(self.image))
        uploaded_image = await self._kept(upload)
        body = {
            "prompt": "Professional product showcase video",
            "model": "sora-2-pro",
            "duration": 10,
            "referenceImageUrls": [uploaded_image["url"]],
            "refinementPrompt": "Modern, clean, corporate aesthetic",
        }
        await self._ordered("/api/video/generate", body)

    async def example_3(self) -> None:
        videos = await asyncio.gather(
            *(self._for_platform(each) for each in ("instagram", "tiktok", "youtube"))
        )
        self.printed += [
            f"{video['metadata']['generatedAt']}: {video['videoUrl']}" for video in videos
        ]

    async def _for_platform(self, platform: str) -> Answer:
        body = {
            "concept": "Product announcement",
            "platform": platform,
            "brandImages": [
                "https://company.com/product.png",
                "https://company.com/logo.png",
            ],
        }
        return await self._ordered("/api/video/examples/social-media", body)

    async def example_4(self) -> None:
        await self._compare(["sora-2-pro", "veo-3.1", "runway-gen3"])

    async def fourth_model(self) -> None:
        """The one of the table of supported models that example 4 leaves out."""
        await self._compare(["runway-gen2"])

    async def _compare(self, models: Sequence[str]) -> None:
        comparisons = await asyncio.gather(*(self._sunset_by(model) for model in models))
        self.printed += [f"{video['model']} - {video['videoUrl']}" for video in comparisons]

    async def _sunset_by(self, model: str) -> Answer:
        body = {
            "prompt": "Sunset on a beach with crashing waves",
            "model": model,
            "duration": 6,
            "refinementPrompt": "Cinematography: golden hour, calm, serene",
        }
        return await self._ordered("/api/video/generate", body)

    async def _ordered(self, path: str, body: Mapping[str, Any]) -> Answer:
        answer: Answer = await self._kept(self.http.post(path, json=body))
        return answer

    async def _kept(self, call: Any) -> Any:
        # In the order in which they were asked for: several are under way at once.
        answer: Answer = {}
        self.answers.setdefault(self._example, []).append(answer)
        async with call as reply:
            body = await reply.json()
            answer |= {"path": reply.url.path, "status": reply.status, "body": body}
            return body
