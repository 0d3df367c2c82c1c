"""The images that go into a film: brought once, fitted to the model's picture, kept for its provider."""

from dataclasses import replace

import pytest
from PIL import Image as Picture

from tests.fakes.painter import Stalls
from tests.fakes.pictures import logo_png
from tests.fakes.samples import REFERENCE, UPLOAD, a_job, a_request
from tools.domain.identity import UploadId
from tools.domain.jobs import Stage
from tools.domain.uploads import ReferenceRole
from tools.errors import StorageUnavailable, UnsupportedMedia

ADDRESS = "https://brand.example/logo.png"
BY_ADDRESS = replace(REFERENCE, upload_id=None, path=None, role=None, given_url=ADDRESS)
KLING = a_request(model_key="kling-v3", length_s=8)
SEEDANCE = a_request(model_key="seedance-2.0", length_s=8)


@pytest.fixture
def logo(room, tmp_path):
    """What lies at the address."""
    file = tmp_path / "there.png"
    file.write_bytes(logo_png(64))
    room.courier.images[ADDRESS] = file
    return file


def with_images(request, *references):
    return replace(request, references=references)


async def stored(room, name, *, role=None, colour="red"):
    """An upload of one colour."""
    path = f"videos/references/{name}.png"
    file = room.work / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    Picture.new("RGB", (64, 64), colour).save(file)
    await room.storage.store(file, path, "image/png")
    file.unlink()
    return replace(REFERENCE, upload_id=UploadId(name), path=path, role=role)


@pytest.fixture
def handed(room):
    """What the dealer found in each image when it was ordered: role, size, middle colour."""
    seen = []
    submit = room.dealer.submit

    async def look(order):
        for image in order.images:
            with Picture.open(image.file) as picture:
                middle = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
                seen.append((image.role, picture.size, middle))
        return await submit(order)

    room.dealer.submit = look
    return seen


# -- where they come from --------------------------------------------------------------------------


async def test_an_upload_is_taken_from_the_storage_at_the_model_s_exact_size(room, handed):
    red = await stored(room, "red", role=ReferenceRole.PRODUCT)
    done = await room.finish((await room.order(with_images(KLING, red))).id)

    assert done.stage is Stage.FINISHED
    assert handed == [(ReferenceRole.PRODUCT, (1920, 1080), (255, 0, 0))]
    assert room.courier.fetched == []


async def test_an_address_is_fetched_once_and_goes_through_the_intake(room, logo, handed):
    job = await room.order(with_images(KLING, BY_ADDRESS))
    done = await room.finish(job.id)

    assert done.stage is Stage.FINISHED
    assert room.courier.fetched == [ADDRESS]
    assert [size for _, size, _ in handed] == [(1920, 1080)]


async def test_an_image_that_the_intake_refuses_ends_the_film_in_its_words(room, logo):
    async def refuse(source, folder):
        raise UnsupportedMedia("This is no image.")

    room.doorman.take_in = refuse
    failed = await room.finish((await room.order(with_images(KLING, BY_ADDRESS))).id)

    assert (failed.failure.code, failed.failure.message) == (
        "unsupported_media",
        "This is no image.",
    )
    assert (failed.charged, room.dealer.sold) == ("no", [])


@pytest.mark.parametrize("reference", [REFERENCE, BY_ADDRESS], ids=["upload", "address"])
async def test_a_reference_that_is_gone_ends_the_film_in_the_seeds_words(room, reference):
    failed = await room.finish((await room.order(with_images(KLING, reference))).id)

    assert (failed.stage, failed.failure.code) == (Stage.FAILED, "reference_unreachable")
    assert failed.failure.message.startswith("Reference images failed to upload")
    assert (failed.charged, room.dealer.sold) == ("no", [])
    assert not (await room.balance()).reserved


async def test_a_storage_that_is_away_for_a_moment_is_waited_for(room, handed):
    red = await stored(room, "red")
    room.storage.refusals = 4
    done = await room.finish((await room.order(with_images(KLING, red))).id)

    assert (done.stage, len(handed)) == (Stage.FINISHED, 1)


# -- which of them, and how ------------------------------------------------------------------------


async def test_the_product_opens_the_film_whatever_was_given_first(room, handed):
    logo = await stored(room, "logo", role=ReferenceRole.LOGO, colour="blue")
    product = await stored(room, "product", role=ReferenceRole.PRODUCT, colour="red")
    await room.finish((await room.order(with_images(KLING, logo, product))).id)

    assert handed == [(ReferenceRole.PRODUCT, (1920, 1080), (255, 0, 0))]


async def test_a_model_that_takes_many_is_given_all_in_their_order(room, handed):
    logo = await stored(room, "logo", role=ReferenceRole.LOGO, colour="blue")
    product = await stored(room, "product", role=ReferenceRole.PRODUCT, colour="red")
    await room.finish((await room.order(with_images(SEEDANCE, logo, product))).id)

    assert [role for role, _, _ in handed] == [ReferenceRole.LOGO, ReferenceRole.PRODUCT]
    (order,) = [sold.order for sold in room.dealer.sold]
    assert order.image_input.name == "reference_images"


@pytest.mark.parametrize(
    ("role", "how"),
    [(ReferenceRole.LOGO, "contain"), (ReferenceRole.PRODUCT, "cover"), (None, "cover")],
)
async def test_a_logo_is_shown_whole_where_other_pictures_fill_the_shot(room, role, how):
    image = await stored(room, "image", role=role)
    await room.finish((await room.order(with_images(KLING, image))).id)

    assert room.editor.fitted == [how]


async def test_what_is_only_shown_in_a_film_is_never_cropped(room):
    image = await stored(room, "image", role=ReferenceRole.PRODUCT)
    await room.finish((await room.order(with_images(SEEDANCE, image))).id)

    assert room.editor.fitted == ["contain"]


async def test_the_draft_is_given_them_as_they_are(room):
    await room.store_reference()
    room.painter.will(Stalls())
    job = await room.begin(a_job(request=a_request(references=(REFERENCE,))))
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)

    (image,) = room.painter.orders[0].images
    assert image.file.read_bytes() == logo_png(64)
    assert (image.role, image.path) == (UPLOAD.role, REFERENCE.path)
    assert room.editor.fitted == []


async def test_a_model_that_takes_no_images_is_handed_none(room):
    """They were promised to be left out: nobody fetches them either."""
    no_images = replace(room.catalogue.model("kling-v3"), key="bare")
    bare = replace(no_images, inputs=replace(no_images.inputs, images=()))
    room.add_model(bare)
    request = with_images(replace(KLING, model_key="bare"), BY_ADDRESS)
    done = await room.finish((await room.order(request)).id)

    assert done.stage is Stage.FINISHED
    assert room.courier.fetched == []
    assert room.dealer.sold[0].order.images == ()


# -- where they are kept ---------------------------------------------------------------------------


async def test_the_copies_for_the_provider_lie_under_the_references_in_a_place_of_their_own(room):
    red = await stored(room, "red")
    job = await room.order(with_images(KLING, red))
    await room.finish(job.id)

    (image,) = room.dealer.sold[0].order.images
    assert image.path == f"videos/references/handed/{job.id}-kling-v3-0.png"
    with Picture.open(room.storage.locate(image.path)) as kept:
        assert kept.size == (1920, 1080)


async def test_the_picture_that_a_clip_goes_on_from_is_kept_there_too(room):
    job = await room.order(replace(KLING, length_s=20))
    await room.finish(job.id)

    (image,) = room.dealer.sold[1].order.images
    assert image.path == f"videos/references/handed/{job.id}-kling-v3-clip-2.png"
    assert room.storage.locate(image.path).is_file()


# -- after a crash ---------------------------------------------------------------------------------


async def test_after_a_restart_nothing_is_fetched_or_fitted_again(room, logo, handed):
    job = await room.order(with_images(KLING, BY_ADDRESS))
    await room.until(job.id, Stage.SUBMITTING, room.advance())
    logo.unlink()
    done = await room.finish(job.id)

    assert done.stage is Stage.FINISHED
    assert room.courier.fetched == [ADDRESS]
    assert len(room.editor.fitted) == len(handed) == 1


async def test_after_a_crash_between_fetching_and_fitting_it_is_not_fetched_again(room, logo):
    job = await room.order(with_images(KLING, BY_ADDRESS))
    room.storage.refusals = 1
    advance = room.advance()
    await room.until(job.id, Stage.UPLOADING, advance)
    await advance.step(job.id)

    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert room.courier.fetched == [ADDRESS]


async def test_an_unfinished_image_is_made_anew(room, logo, handed):
    job = await room.order(with_images(KLING, BY_ADDRESS))
    await room.until(job.id, Stage.UPLOADING, room.advance())
    unfinished = room.work / job.id / "kling-v3-0.png.making"
    unfinished.mkdir(parents=True)
    (unfinished / "fitted.png").write_bytes(b"half an ima")

    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert len(handed) == 1


async def test_images_are_brought_before_anything_is_bought(room):
    """The second one is gone: the first one's model has cost nothing yet."""
    red = await stored(room, "red")
    gone = replace(red, upload_id=UploadId("gone"), path="videos/references/gone.png")
    failed = await room.finish((await room.order(with_images(SEEDANCE, red, gone))).id)

    assert (failed.stage, room.dealer.sold) == (Stage.FAILED, [])


async def test_a_provider_that_cannot_take_an_image_now_is_asked_again(room, handed):
    red = await stored(room, "red")
    refusals = 3

    def may(call):
        nonlocal refusals
        if call == "hand over" and refusals:
            refusals -= 1
            raise StorageUnavailable("No address for it now.")

    room.dealer.may = may
    done = await room.finish((await room.order(with_images(KLING, red))).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)
