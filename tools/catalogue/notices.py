"""What the asker is told about the images of a film: which are left out, and which one opens it."""

from collections.abc import Iterator

from tools.domain.failures import Notice
from tools.domain.frames import AspectRatio
from tools.domain.models import ImageInput, ImageUse, VideoModel
from tools.domain.references import plan_images
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import VideoRequest

_CALLED = {
    ReferenceRole.LOGO: "The logo",
    ReferenceRole.PRODUCT: "The product image",
    ReferenceRole.STYLE: "The style image",
    None: "The image",
}


def about_images(model: VideoModel, request: VideoRequest, clip_s: int) -> Iterator[Notice]:
    """`clip_s`: of the film's first clip, the only one that is handed references."""
    references, ratio = request.references, request.aspect_ratio
    plan = plan_images(model, references, aspect_ratio=ratio, clip_s=clip_s)
    left_out = len(references) - len(plan.used)
    if left_out:
        images = "image was" if left_out == 1 else "images were"
        why = _why(model, plan.input, ratio, clip_s)
        yield Notice(
            code="references_not_supported",
            message=f"{left_out} reference {images} left out: {model.name} {why}.",
        )
    if plan.input is not None and plan.input.use is ImageUse.FIRST_FRAME:
        called = _CALLED[references[plan.used[0]].role]
        yield Notice(
            code="reference_opens_film",
            message=f"{called} becomes the opening shot: {model.name} begins the film with it.",
        )


def _why(model: VideoModel, used: ImageInput | None, ratio: AspectRatio, clip_s: int) -> str:
    if not model.inputs.images:
        return "takes none"
    best = max(model.inputs.images, key=lambda each: each.most)
    taken = used.most if used is not None else 0
    if best.takes(ratio, clip_s) or best.most <= taken:
        return f"takes {taken} at most"
    here = f"takes {taken} at most" if taken else "takes none"
    return f"{here} in this film ({best.most} {_conditions(best)})"


def _conditions(image: ImageInput) -> str:
    """As in: in 16:9 and clips of 8 seconds; whichever of the two there is."""
    lengths = " or ".join(map(str, image.clip_lengths))
    parts = (
        " or ".join(image.aspect_ratios),
        f"clips of {lengths} seconds" if lengths else "",
    )
    return f"in {' and '.join(part for part in parts if part)}"
