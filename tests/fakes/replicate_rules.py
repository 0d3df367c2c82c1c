"""What a careful client of Replicate never does: the fake notes it, also where Replicate lets it pass."""

from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from tests.fakes.replicate_ledger import seconds_in
from tests.fakes.replicate_schema import Model
from tests.fakes.replicate_words import invalid_field

_DATA_URI_CHARS = 256 * 1024 * 4 // 3 + 100
"""Replicate takes data URIs up to 256 kB of image."""
_FIELDS = {"input": dict, "webhook": str, "webhook_events_filter": list}
_EVENTS = {"start", "output", "logs", "completed"}
_SHORTEST_LIFE_S = 5
_SEEDANCE_REFERENCES = ("reference_images", "reference_videos", "reference_audios")


def request_complaints(request: web.Request) -> Iterator[str]:
    if "Prefer" in request.headers:
        yield f"Prefer: {request.headers['Prefer']}"
    known = {"created_after", "created_before", "cursor"}
    if request.path.endswith("/predictions") and request.method == "GET":
        for name in request.query.keys() - known:
            yield f"unknown query parameter {name}"
    cancel_after = request.headers.get("Cancel-After")
    if cancel_after is not None:
        try:
            if seconds_in(cancel_after) < _SHORTEST_LIFE_S:
                yield f"Cancel-After: {cancel_after} is under 5 s"
        except ValueError:
            yield f"Cancel-After: {cancel_after} is no duration"


def body_faults(body: object) -> list[dict[str, str]]:
    """What is wrong with the body of a create, its input apart."""
    if not isinstance(body, dict):
        return [invalid_field("invalid_type", "", "Invalid type. Expected: object")]
    faults = [
        invalid_field(
            "additional_property_not_allowed", "", f"Additional property {name} is not allowed"
        )
        for name in body
        if name not in _FIELDS
    ]
    if "input" not in body:
        faults.append(invalid_field("required", "", "input is required"))
    faults += [
        invalid_field("invalid_type", name, f"Invalid type. Expected: {kind.__name__}")
        for name, kind in _FIELDS.items()
        if name in body and not isinstance(body[name], kind)
    ]
    if not faults:
        faults += _hook_faults(body)
    return faults


def _hook_faults(body: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    if not body.get("webhook", "http").startswith("http"):
        yield invalid_field("format", "webhook", "Does not match format 'uri'")
    for event in body.get("webhook_events_filter", []):
        if event not in _EVENTS:
            yield invalid_field("enum", "webhook_events_filter", f"{event} is no event")


def input_complaints(model: Model, given: Mapping[str, Any]) -> Iterator[str]:
    """What the models' pages say of inputs together; Replicate ignores some of it in silence."""
    for name in model.forbidden & given.keys():
        yield f"{model.slug}: {name} was sent"
    for name, value in given.items():
        for each in value if isinstance(value, list) else [value]:
            text = str(each)
            if text.startswith("data:") and len(text) > _DATA_URI_CHARS:
                yield f"{model.slug}: {name} is a data URI of more than 256 kB"
    yield from _pair_complaints(model, given)


def _pair_complaints(model: Model, given: Mapping[str, Any]) -> Iterator[str]:
    asked = model.filled(given)
    if asked.get("last_frame") and not asked.get("image"):
        yield f"{model.slug}: last_frame without image"
    if asked.get("end_image") and not asked.get("start_image"):
        yield f"{model.slug}: end_image without start_image"
    references = any(asked.get(name) for name in _SEEDANCE_REFERENCES)
    if model.slug == "google/veo-3.1" and references:
        if (asked["aspect_ratio"], asked["duration"]) != ("16:9", 8):
            yield f"{model.slug}: reference_images want 16:9 and 8 seconds"
        if asked.get("last_frame"):
            yield f"{model.slug}: last_frame is ignored beside reference_images"
    if model.slug == "bytedance/seedance-2.0":
        if references and (asked.get("image") or asked.get("last_frame_image")):
            yield f"{model.slug}: image and reference_images exclude each other"
        if asked["duration"] < 4:  # -1 lets the model choose what we pay for
            yield f"{model.slug}: duration {asked['duration']}"
    if model.slug == "minimax/hailuo-2.3" and (asked["resolution"], asked["duration"]) == (
        "1080p",
        10,
    ):
        yield f"{model.slug}: 10 seconds are 768p only"
