"""The models the fake Replicate serves, with what a second of film costs.

The fields are those of the models' own pages; alibaba/wan-3 was never read, its fields are chosen here.
"""

from typing import Any

from tests.fakes.replicate_schema import Model, Property


def _text(**more: Any) -> Property:
    return {"type": "string", **more}


def _choice(*values: str | int, default: str | int) -> Property:
    kind = "integer" if isinstance(values[0], int) else "string"
    return {"type": kind, "enum": list(values), "default": default}


def _whole(low: int, high: int, default: int) -> Property:
    return {"type": "integer", "minimum": low, "maximum": high, "default": default}


def _flag(*, default: bool) -> Property:
    return {"type": "boolean", "default": default}


def _image() -> Property:
    return {"type": "string", "format": "uri", "nullable": True}


def _images(most: int) -> Property:
    items = {"type": "string", "format": "uri"}
    return {"type": "array", "items": items, "maxItems": most, "default": []}


_PROMPT = _text()
_SEED: Property = {"type": "integer", "nullable": True}
_NEGATIVE = _text(nullable=True)

_VEO = {
    "prompt": _PROMPT,
    "aspect_ratio": _choice("16:9", "9:16", default="16:9"),
    "duration": _choice(4, 6, 8, default=8),
    "image": _image(),
    "last_frame": _image(),
    "negative_prompt": _NEGATIVE,
    "resolution": _choice("720p", "1080p", default="1080p"),
    "generate_audio": _flag(default=True),
    "seed": _SEED,
}
_KLING_PRICES = {
    "standard": (168_000, 252_000),
    "pro": (224_000, 336_000),
    "4k": (420_000, 420_000),
}
_WIDE = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
_SEEDANCE_PRICES = {"480p": 150_000, "720p": 300_000, "1080p": 450_000}
_WAN_PRICES = {"480p": 50_000, "720p": 100_000, "1080p": 200_000}

MODELS = {
    model.slug: model
    for model in (
        Model(
            slug="openai/sora-2-pro",
            inputs={
                "prompt": _PROMPT,
                "seconds": _choice(4, 8, 12, default=4),
                "aspect_ratio": _choice("portrait", "landscape", default="portrait"),
                "resolution": _choice("standard", "high", default="standard"),
                "input_reference": _image(),
                "openai_api_key": _text(nullable=True, format="password"),
            },
            price=lambda given: 500_000 if given["resolution"] == "high" else 300_000,
            sound="always",
            length="seconds",
            first_frame="input_reference",
            forbidden=frozenset({"openai_api_key"}),
        ),
        Model(
            slug="google/veo-3.1",
            inputs={**_VEO, "reference_images": _images(3)},
            price=lambda given: 400_000 if given["generate_audio"] else 200_000,
            sound="asked",
        ),
        Model(
            slug="google/veo-3.1-fast",
            inputs=_VEO,
            price=lambda given: 150_000 if given["generate_audio"] else 100_000,
            sound="asked",
        ),
        Model(
            slug="runwayml/gen-4.5",
            inputs={
                "prompt": _PROMPT,
                "image": _image(),
                "duration": _choice(5, 10, default=5),
                "aspect_ratio": _choice(
                    "16:9", "9:16", "4:3", "3:4", "1:1", "21:9", default="16:9"
                ),
                "seed": _SEED,
            },
            price=lambda _: 120_000,
            sound="never",
        ),
        Model(
            slug="kwaivgi/kling-v3-video",
            inputs={
                "prompt": _text(maxLength=2500),
                "negative_prompt": _text(default="", maxLength=2500),
                "start_image": _image(),
                "end_image": _image(),
                "mode": _choice("standard", "pro", "4k", default="pro"),
                "duration": _whole(3, 15, 5),
                "aspect_ratio": _choice("16:9", "9:16", "1:1", default="16:9"),
                "generate_audio": _flag(default=False),
                "multi_prompt": _text(nullable=True),
            },
            price=lambda given: _KLING_PRICES[given["mode"]][given["generate_audio"]],
            sound="asked",
            first_frame="start_image",
        ),
        Model(
            slug="bytedance/seedance-2.0",
            inputs={
                "prompt": _PROMPT,
                "image": _image(),
                "last_frame_image": _image(),
                "reference_images": _images(9),
                "reference_videos": _images(3),
                "reference_audios": _images(3),
                "duration": _whole(-1, 15, 5),
                "resolution": _choice("480p", "720p", "1080p", default="720p"),
                "aspect_ratio": _choice(*_WIDE, "9:21", "adaptive", default="16:9"),
                "generate_audio": _flag(default=True),
                "seed": _SEED,
            },
            price=lambda given: _SEEDANCE_PRICES[given["resolution"]],
            sound="asked",
        ),
        Model(
            slug="minimax/hailuo-2.3",
            inputs={
                "prompt": _PROMPT,
                "first_frame_image": _image(),
                "duration": _choice(6, 10, default=6),
                "resolution": _choice("768p", "1080p", default="768p"),
                "prompt_optimizer": _flag(default=True),
            },
            price=lambda given: 490_000 // 6 if given["resolution"] == "1080p" else 280_000 // 6,
            sound="never",
            first_frame="first_frame_image",
        ),
        Model(
            slug="alibaba/wan-3",
            inputs={
                "prompt": _PROMPT,
                "image": _image(),
                "duration": _whole(2, 30, 5),
                "resolution": _choice("480p", "720p", "1080p", default="720p"),
                "aspect_ratio": _choice("16:9", "9:16", "1:1", "adaptive", default="16:9"),
                "negative_prompt": _NEGATIVE,
                "seed": _SEED,
            },
            price=lambda given: _WAN_PRICES[given["resolution"]],
            sound="always",
        ),
    )
}
