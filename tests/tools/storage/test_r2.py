"""What only a bucket can show: what goes over the wire, what it refuses, and what a stranger may read."""

import asyncio
import logging
import os
import socket
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.fakes.bucket import moto_server, new_bucket
from tests.fakes.s3_sink import SECRET, STRANGERS_WORDS, refusal, s3_sink
from tests.patience import AT_ONCE_S
from tools.errors import NotFound, StorageUnavailable
from tools.storage.expiry import ExpiryRefused
from tools.storage.slices import PART_BYTES

FILM = "videos/generated/video-1.mp4"
IMAGE = "videos/references/logo.png"


@pytest.fixture
async def sink():
    async with s3_sink() as opened:
        yield opened


@pytest.fixture(scope="module")
def s3():
    with moto_server() as url:
        yield url


@pytest.fixture
def bucket(s3):
    return new_bucket(s3)


@pytest.fixture
def small(tmp_path):
    file = tmp_path / "small.mp4"
    file.write_bytes(os.urandom(10_000))
    return file


@pytest.fixture
def film(tmp_path):
    """Two whole parts and a byte."""
    file = tmp_path / "film.mp4"
    file.write_bytes(os.urandom(2 * PART_BYTES + 1))
    return file


class TestTheWire:
    async def test_all_parts_but_the_last_are_of_one_size(self, sink, film):
        async with sink.storage() as storage:
            await storage.store(film, FILM, "video/mp4")

        assert sink.objects[FILM].part_sizes == (PART_BYTES, PART_BYTES, 1)

    async def test_a_file_of_one_part_goes_in_one_request(self, sink, tmp_path):
        one = tmp_path / "one.mp4"
        one.write_bytes(b"x" * PART_BYTES)
        async with sink.storage() as storage:
            await storage.store(one, FILM, "video/mp4")

        assert sink.operations() == ["PutObject"]

    async def test_nothing_is_sent_that_r2_does_not_understand(self, sink, film, small):
        async with sink.storage() as storage:
            await storage.store(film, FILM, "video/mp4")
            await storage.store(small, IMAGE, "image/png")
            await storage.remove(FILM)

        sent = {name for seen in sink.seen for name in seen.headers}
        assert {name for name in sent if "acl" in name or "checksum" in name} == set()
        assert (
            sent & {"expect", "x-amz-trailer", "content-encoding", "x-amz-decoded-content-length"}
            == set()
        )

    @pytest.mark.parametrize(
        ("path", "content_type", "cache"),
        [
            (FILM, "video/mp4", "public, max-age=31536000, immutable"),
            (IMAGE, "image/png", "public, max-age=604800"),
        ],
    )
    async def test_a_file_is_kept_with_its_type_and_how_long_it_may_be_cached(
        self, sink, small, path, content_type, cache
    ):
        async with sink.storage() as storage:
            await storage.store(small, path, content_type)

        headers = sink.objects[path].headers
        assert (headers["content-type"], headers["cache-control"]) == (content_type, cache)

    async def test_a_film_in_parts_is_kept_with_its_type_too(self, sink, film):
        async with sink.storage() as storage:
            await storage.store(film, FILM, "video/mp4")

        headers = sink.objects[FILM].headers
        assert headers["content-type"] == "video/mp4"
        assert headers["cache-control"] == "public, max-age=31536000, immutable"

    async def test_a_part_that_fails_once_is_sent_again_from_the_same_file(self, sink, film):
        failures = iter([refusal(500, "InternalError")])
        sink.fault = lambda operation: next(failures, None) if operation == "UploadPart" else None
        async with sink.storage(attempts=3) as storage:
            await storage.store(film, FILM, "video/mp4")

        assert sink.objects[FILM].size_bytes == film.stat().st_size
        assert sink.operations().count("UploadPart") == 4

    async def test_loose_ends_of_two_films_at_once_do_not_mix(self, sink, film, tmp_path):
        other = tmp_path / "other.mp4"
        other.write_bytes(b"x" * (PART_BYTES + 7))
        async with sink.storage() as storage:
            await asyncio.gather(
                storage.store(film, FILM, "video/mp4"),
                storage.store(other, "videos/generated/other.mp4", "video/mp4"),
            )

        sizes = {key: kept.size_bytes for key, kept in sink.objects.items()}
        assert sizes == {
            FILM: film.stat().st_size,
            "videos/generated/other.mp4": other.stat().st_size,
        }


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "code", "words"),
        [
            (401, "Unauthorized", "keys"),
            (403, "SignatureDoesNotMatch", "keys"),
            (403, "AccessDenied", "keys"),
            (403, "RequestTimeTooSkewed", "clock"),
            (404, "NoSuchBucket", "no bucket"),
            (412, "PreconditionFailed", "properly"),
            (429, "TooManyRequests", "busy"),
            (500, "InternalError", "properly"),
            (503, "ServiceUnavailable", "properly"),
        ],
    )
    async def test_a_refusal_is_told_in_words_of_ours(self, sink, small, status, code, words):
        sink.fault = lambda _: refusal(status, code)
        async with sink.storage() as storage:
            with pytest.raises(StorageUnavailable, match=words):
                await storage.store(small, FILM, "video/mp4")

    async def test_a_busy_storage_says_when_to_come_again(self, sink, small):
        sink.fault = lambda _: refusal(429, "TooManyRequests")
        async with sink.storage() as storage:
            with pytest.raises(StorageUnavailable) as raised:
                await storage.store(small, FILM, "video/mp4")

        assert raised.value.retry_after_ms == 1_000

    async def test_neither_keys_nor_the_strangers_words_are_repeated(self, sink, film, caplog):
        sink.fault = lambda operation: (
            refusal(403, "AccessDenied") if operation == "UploadPart" else None
        )
        with caplog.at_level(logging.INFO):
            async with sink.storage() as storage:
                with pytest.raises(StorageUnavailable) as raised:
                    await storage.store(film, FILM, "video/mp4")
                logging.getLogger("tests").error("It failed", exc_info=raised.value)

        told = caplog.text + raised.value.message
        assert [secret for secret in (SECRET, STRANGERS_WORDS, "Signature") if secret in told] == []

    async def test_the_log_is_told_the_status_and_the_code(self, sink, small, caplog):
        sink.fault = lambda _: refusal(403, "AccessDenied")
        with caplog.at_level(logging.INFO):
            async with sink.storage() as storage:
                with pytest.raises(StorageUnavailable):
                    await storage.store(small, FILM, "video/mp4")

        assert "could not store: 403 AccessDenied" in caplog.text

    @pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
    async def test_an_upload_that_fails_is_given_up_and_nothing_is_there(
        self, sink, film, operation
    ):
        sink.fault = lambda seen: refusal(400, "InvalidPart") if seen == operation else None
        async with sink.storage() as storage:
            with pytest.raises(StorageUnavailable):
                await storage.store(film, FILM, "video/mp4")

        assert (sink.objects, sink.uploads) == ({}, {})

    async def test_nobody_at_the_address_is_told_as_such(self, sink, small):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            sink.url = f"http://127.0.0.1:{closed.getsockname()[1]}"
            async with sink.storage() as storage:
                with pytest.raises(StorageUnavailable, match="could not be reached"):
                    await storage.store(small, FILM, "video/mp4")

    async def test_a_film_that_arrives_cut_off_is_not_kept(self, sink, tmp_path):
        sink.cuts_off = True
        async with sink.storage() as storage:
            with pytest.raises(StorageUnavailable):
                await storage.fetch(FILM, tmp_path)

        assert list(tmp_path.iterdir()) == []


class TestStopping:
    async def test_cancelling_in_the_middle_of_a_part_leaves_nothing_behind(self, sink, film):
        sink.gate.clear()
        async with sink.storage() as storage:
            storing = asyncio.create_task(storage.store(film, FILM, "video/mp4"))
            await sink.arrived.wait()
            storing.cancel()
            asyncio.get_running_loop().call_later(0.2, sink.gate.set)
            with pytest.raises(asyncio.CancelledError):
                await storing

            assert (sink.objects, sink.uploads) == ({}, {})
        assert "CompleteMultipartUpload" not in sink.operations()

    async def test_cancelling_stops_long_before_the_last_part(self, sink, tmp_path):
        long = tmp_path / "long.mp4"
        with long.open("wb") as file:
            file.truncate(12 * PART_BYTES)
        async with sink.storage() as storage:
            storing = asyncio.create_task(storage.store(long, FILM, "video/mp4"))
            await sink.arrived.wait()
            storing.cancel()
            await asyncio.wait({storing})

        assert sink.operations().count("UploadPart") < 4

    async def test_closing_stops_what_is_running_and_says_so(self, sink, film):
        sink.gate.clear()
        storage = sink.storage()
        async with storage:
            storing = asyncio.create_task(storage.store(film, FILM, "video/mp4"))
            await sink.arrived.wait()
            asyncio.get_running_loop().call_later(0.2, sink.gate.set)

        with pytest.raises(StorageUnavailable, match="closing"):
            await storing
        assert (sink.objects, sink.uploads) == ({}, {})

    async def test_closing_tells_also_those_who_wait_for_a_thread(self, sink, small):
        sink.gate.clear()
        async with sink.storage() as storage:
            storing = [
                asyncio.create_task(storage.store(small, f"videos/{number}.mp4", "video/mp4"))
                for number in range(3)
            ]
            await sink.arrived.wait()
            asyncio.get_running_loop().call_later(0.2, sink.gate.set)

        with pytest.raises(StorageUnavailable, match="closing"):
            await storing[2]
        await asyncio.wait(storing)

    async def test_what_waits_for_a_thread_is_cancelled_at_once(self, sink, small):
        sink.gate.clear()
        async with sink.storage() as storage:
            tasks = [
                asyncio.create_task(storage.store(small, f"videos/{number}.mp4", "video/mp4"))
                for number in range(3)
            ]
            await sink.arrived.wait()
            tasks[2].cancel()
            done, _ = await asyncio.wait({tasks[2]}, timeout=AT_ONCE_S)
            assert done
            sink.gate.set()
            await asyncio.gather(*tasks[:2])

        assert set(sink.objects) == {"videos/0.mp4", "videos/1.mp4"}


class TestAddresses:
    async def test_without_a_domain_a_stranger_reads_by_a_signed_address(self, bucket, small):
        async with bucket.storage() as storage:
            await storage.store(small, IMAGE, "image/png")
            address = await storage.lend(IMAGE, 7200)
            assert address is not None
            async with aiohttp.ClientSession() as stranger, stranger.get(address) as answer:
                read = await answer.read()

        assert read == small.read_bytes()
        assert parse_qs(urlsplit(address).query)["X-Amz-Expires"] == ["7200"]

    async def test_with_a_domain_that_is_where_a_stranger_reads(self, bucket):
        async with bucket.storage(public_url="https://media.example/") as storage:
            assert await storage.lend(IMAGE, 7200) == f"https://media.example/{IMAGE}"

    async def test_an_address_for_ever_holds_the_name_in_any_language(self, bucket):
        storage = bucket.storage(public_url="https://media.example")

        address = storage.public_address("videos/film & 晴れ.mp4")

        assert address == "https://media.example/videos/film%20%26%20%E6%99%B4%E3%82%8C.mp4"

    async def test_without_a_domain_no_address_is_for_ever(self, bucket):
        assert bucket.storage().public_address(FILM) is None

    async def test_an_address_can_say_under_what_name_to_save(self, bucket, small):
        async with bucket.storage() as storage:
            await storage.store(small, FILM, "video/mp4")
            address = await storage.presigned(FILM, 60, download_name='Spring "26" – 晴れ.mp4')
        assert address is not None

        said = parse_qs(urlsplit(address).query)["response-content-disposition"]
        plain, as_it_is = said[0].removeprefix("attachment; ").split("; ")
        assert plain == 'filename="Spring _26_ _ __.mp4"'
        assert as_it_is == "filename*=UTF-8''Spring%20%2226%22%20%E2%80%93%20%E6%99%B4%E3%82%8C.mp4"

    async def test_nothing_is_promised_for_longer_than_r2_signs(self, bucket):
        async with bucket.storage() as storage:
            assert await storage.lend(IMAGE, 8 * 24 * 3600) is None

    async def test_no_address_is_given_for_what_leads_astray(self, bucket):
        async with bucket.storage(public_url="https://media.example") as storage:
            with pytest.raises(NotFound):
                await storage.lend("../secrets", 60)


class TestChecking:
    async def test_a_bucket_that_can_be_read_is_ready(self, bucket):
        async with bucket.storage() as storage:
            await storage.check()

    async def test_a_bucket_that_is_not_there_is_not_ready(self, bucket):
        async with bucket.storage(name="somebody-elses") as storage:
            with pytest.raises(StorageUnavailable, match="no bucket"):
                await storage.check()

    async def test_keys_that_are_refused_are_not_ready(self, sink):
        sink.fault = lambda _: refusal(403, "AccessDenied")
        async with sink.storage() as storage:
            with pytest.raises(StorageUnavailable, match="keys"):
                await storage.check()

    async def test_a_storage_that_hangs_is_not_ready_in_time_and_the_next_check_hangs_no_longer(
        self, sink
    ):
        sink.gate.clear()
        async with sink.storage(check_limit_s=0.2) as storage:
            async with asyncio.timeout(AT_ONCE_S):
                for _ in range(2):
                    with pytest.raises(StorageUnavailable, match="in time"):
                        await storage.check()
            sink.gate.set()

    async def test_the_doctors_probe_leaves_nothing_behind(self, bucket):
        async with bucket.storage() as storage:
            await storage.probe()
            left = await asyncio.to_thread(
                lambda: storage._bucket.client.list_objects_v2(Bucket=bucket.name)
            )
        assert left["KeyCount"] == 0

    async def test_the_doctors_probe_tells_keys_that_may_only_read(self, sink):
        sink.fault = lambda operation: (
            refusal(403, "AccessDenied") if operation == "PutObject" else None
        )
        async with sink.storage() as storage:
            with pytest.raises(StorageUnavailable, match="keys"):
                await storage.probe()


class TestExpiry:
    async def _rules(self, bucket, storage):
        client = storage._bucket.client
        return await asyncio.to_thread(
            lambda: client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
        )

    async def test_a_rule_is_set_for_what_begins_with_the_prefix(self, bucket):
        async with bucket.storage() as storage:
            await storage.expire_after("videos/references/", 30)

            (rule,) = await self._rules(bucket, storage)
        assert rule["Filter"]["Prefix"] == "videos/references/"
        assert (rule["Status"], rule["Expiration"]["Days"]) == ("Enabled", 30)

    async def test_rules_of_others_stay_and_ours_is_replaced(self, bucket):
        async with bucket.storage() as storage:
            await storage.expire_after("somebody/elses/", 7)
            await storage.expire_after("videos/references/", 30)
            await storage.expire_after("videos/references/", 60)

            rules = await self._rules(bucket, storage)
        found = {rule["Filter"]["Prefix"]: rule["Expiration"]["Days"] for rule in rules}
        assert found == {"somebody/elses/": 7, "videos/references/": 60}

    async def test_r2_is_not_sent_the_checksum_it_does_not_know(self, sink):
        async with sink.storage() as storage:
            await storage.expire_after("videos/references/", 30)

        put = sink.seen[-1]
        assert put.operation == "PutBucketLifecycleConfiguration"
        assert [name for name in put.headers if "checksum" in name] == []
        assert put.headers["content-md5"]

    @pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (501, "NotImplemented")])
    async def test_a_bucket_that_refuses_says_what_to_do_instead(self, sink, status, code):
        sink.fault = lambda _: refusal(status, code)
        async with sink.storage() as storage:
            with pytest.raises(ExpiryRefused, match="by hand"):
                await storage.expire_after("videos/references/", 30)
