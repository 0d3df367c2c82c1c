"""The upload door and the stored files: what a form may look like, and whose a file is."""

import io

import aiohttp
import pytest
from PIL import Image

from tests.fakes.house import OpenHouse

FORM = "multipart/form-data; boundary=x"
BROKEN = {
    "no boundary": ("multipart/form-data", b"hello"),
    "no form": (FORM, b"hello"),
    "cut off": (FORM, b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\nabc"),
    "a header that is none": (FORM, b"--x\r\nbroken header\r\n\r\nabc\r\n--x--\r\n"),
    "a form in the form": (FORM, b"--x\r\nContent-Type: multipart/mixed\r\n\r\nabc\r\n--x--\r\n"),
}


@pytest.mark.parametrize(("kind", "body"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_form_that_cannot_be_read_is_refused_in_words(
    studio: OpenHouse, kind: str, body: bytes
):
    async with (
        studio.http() as http,
        http.post("/api/storage/upload", data=body, headers={"Content-Type": kind}) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == "invalid_payload"


async def taken(http: aiohttp.ClientSession, session_id: str) -> str:
    """The path of an image in this session."""
    picture = io.BytesIO()
    Image.new("RGB", (600, 600), "red").save(picture, "PNG")
    form = aiohttp.FormData({"sessionId": session_id})
    form.add_field("file", picture.getvalue(), filename="logo.png", content_type="image/png")
    async with http.post("/api/storage/upload", data=form) as answer:
        assert answer.status == 201
        path: str = (await answer.json())["path"]
        return path


@pytest.mark.parametrize(
    ("user", "claims", "status"),
    [
        ("ada", {"tenant": "acme"}, 200),
        ("bob", {"tenant": "acme", "campaigns": ["spring"]}, 200),
        ("bob", {"tenant": "acme", "campaigns": ["autumn"]}, 404),
        ("mallory", {"tenant": "rivals"}, 404),
    ],
)
async def test_an_image_is_there_for_whoever_has_its_sessions_campaign(
    studio: OpenHouse, user: str, claims: dict[str, object], status: int
):
    async with (
        studio.visitor("ada", tenant="acme") as ada,
        studio.http("ada", tenant="acme") as http,
    ):
        await ada.open(campaignId="spring")
        path = await taken(http, ada.session_id)
    async with studio.http(user, **claims) as other, other.get(f"/media/{path}") as answer:
        assert answer.status == status


async def test_another_tenants_file_answers_like_one_that_does_not_exist(studio: OpenHouse):
    async with studio.visitor("ada") as ada, studio.http("ada") as http:
        await ada.open()
        path = await taken(http, ada.session_id)
    async with studio.http("mallory") as mallory:
        async with mallory.get(f"/media/{path}") as theirs:
            of_ada = await theirs.json()
        async with mallory.get("/media/videos/references/upload-0.png") as nobodys:
            assert of_ada == await nobodys.json()
