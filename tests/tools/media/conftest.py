"""Three short films, rendered once for all tests that look into them."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import brand
from tools.domain.frames import FULL_HD, AspectRatio
from tools.domain.prompts import Anatomy
from tools.domain.storyboard import Storyboard, storyboard_for
from tools.domain.uploads import ReferenceRole
from tools.media.children import Facts, run_child
from tools.media.plan import FilmPlan

ANATOMY = Anatomy(
    subject="oat drink",
    action="pours in slow motion",
    tagline="Slow mornings",
    palette=("deep teal", "cream"),
)


@dataclass(frozen=True, slots=True)
class RenderedDraft:
    path: Path
    board: Storyboard
    plan: FilmPlan
    told: tuple[Facts, ...]


async def rendered(folder: Path, ratio: AspectRatio) -> RenderedDraft:
    """A 4 second film with a logo and a product, by the renderer's own process."""
    board = storyboard_for(
        prompt="use our logo",
        anatomy=ANATOMY,
        length_s=4,
        aspect_ratio=ratio,
        references=(ReferenceRole.LOGO, ReferenceRole.PRODUCT),
    )
    files = (brand.logo(folder / "logo.png"), brand.product(folder / "product.png"))
    plan = FilmPlan(
        storyboard=board,
        frame=FULL_HD[ratio],
        pictures=tuple(str(file) for file in files),
        part=str(folder / "film.part"),
        film=str(folder / "film.mp4"),
        cpu_s=120,
    )
    told: list[Facts] = []
    await run_child("tools.media.draft_film", plan.to_json(), limit_s=120, told=told.append)
    return RenderedDraft(Path(plan.film), board, plan, tuple(told))


@pytest.fixture(scope="session")
async def drafts(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[AspectRatio, RenderedDraft]:
    return {
        ratio: await rendered(tmp_path_factory.mktemp(ratio.name), ratio) for ratio in AspectRatio
    }


@pytest.fixture(params=AspectRatio, ids=lambda ratio: ratio.name.lower())
def any_film(
    request: pytest.FixtureRequest, drafts: dict[AspectRatio, RenderedDraft]
) -> RenderedDraft:
    return drafts[request.param]


@pytest.fixture
def tall_film(drafts: dict[AspectRatio, RenderedDraft]) -> RenderedDraft:
    return drafts[AspectRatio.TALL]


@pytest.fixture
def wide_film(drafts: dict[AspectRatio, RenderedDraft]) -> RenderedDraft:
    return drafts[AspectRatio.WIDE]
