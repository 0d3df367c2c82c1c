import os
from pathlib import Path

import pytest

from server.settings import NOT_YET, Settings, SettingsError, load_settings
from tools.domain.money import Money

LONG_SECRET = "a secret of at least thirty-two letters"
PRECIOUS = "hunter2-hunter2"
WEBHOOK_SECRET = "whsec_c2VjcmV0IG9mIHRoZSB3ZWJob29rcw=="


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Nothing set, in a folder of our own: neither the machine's settings nor a `.env` count."""
    known = {name.upper() for name in Settings.model_fields}
    for name in tuple(os.environ):
        if name.upper() in known:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture
def started(environment):
    """The settings of a start with these variables set."""

    def start(**variables: str) -> Settings:
        for name, value in variables.items():
            environment.setenv(name, value)
        return load_settings()

    return start


def test_with_nothing_set_everything_has_an_embedded_default(started):
    settings = started()

    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_file == Path("data/reelroom.sqlite3")
    assert settings.default_video_model == "sora-2-pro"
    assert settings.default_duration_s == 6
    assert settings.campaign_budget == Money.usd("25")
    assert settings.video_storage_path == "videos/generated"
    assert settings.has_guests


@pytest.mark.parametrize("name", sorted(NOT_YET.values()))
def test_a_setting_that_cannot_be_used_yet_stops_the_start_by_name(started, name):
    with pytest.raises(SettingsError) as refused:
        started(**{name: PRECIOUS})

    assert name in str(refused.value)
    assert PRECIOUS not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.example/.well-known/jwks.json",
        "https://acme.example/keys?p=sign_in",
        "http://127.0.0.1:9000/keys",
        "http://localhost/keys",
        "http://[::1]:9000/keys",
    ],
)
def test_an_issuers_keys_are_taken_from_a_secure_address_or_from_this_machine(started, address):
    settings = started(JWT_JWKS_URL=f"{address}\n", HOST="0.0.0.0")

    assert settings.jwt_jwks_url == address
    assert not settings.has_guests


@pytest.mark.parametrize(
    "address",
    [
        "http://acme.example/keys",
        "http://127.0.0.1.acme.example/keys",
        "http://localhost@acme.example/keys",
        "ftp://acme.example/keys",
        "file:///etc/keys.json",
        "acme.example/keys",
        "https:///keys",
        "https://acme.example:port/keys",
        f"https://ada:{PRECIOUS}@acme.example/keys",
        f"https://acme.example/keys#{PRECIOUS}",
    ],
)
def test_an_issuers_keys_from_anywhere_else_stop_the_start(started, address):
    with pytest.raises(SettingsError, match="JWT_JWKS_URL") as refused:
        started(JWT_JWKS_URL=address)

    assert PRECIOUS not in str(refused.value)


def test_two_ways_to_sign_in_stop_the_start(started):
    with pytest.raises(SettingsError, match="JWT_SECRET and JWT_JWKS_URL") as refused:
        started(JWT_SECRET=PRECIOUS * 3, JWT_JWKS_URL="https://acme.example/keys")

    assert PRECIOUS not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", PRECIOUS),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PUBLIC_URL", PRECIOUS),
        ("PUBLIC_URL", f"https://studio.example/?key={PRECIOUS}"),
        ("JWT_SECRET", PRECIOUS),
        ("MODEL_SUBSTITUTION", PRECIOUS),
        ("CAMPAIGN_BUDGET_USD", PRECIOUS),
        ("CAMPAIGN_BUDGET_USD", "-0.01"),
        ("CAMPAIGN_BUDGET_USD", "Infinity"),
        ("CAMPAIGN_BUDGET_USD", "NaN"),
        ("DEFAULT_DURATION_S", PRECIOUS),
        ("GENERATE_WAIT_S", "0"),
        ("GENERATE_WAIT_S", PRECIOUS),
        ("VIDEO_STORAGE_PATH", "../" + PRECIOUS),
        ("VIDEO_STORAGE_PATH", "/" + PRECIOUS),
        ("REFERENCE_IMAGE_STORAGE_PATH", PRECIOUS + "/"),
        ("LOG_PROMPTS", PRECIOUS),
        ("POE_API_KEY", f"{PRECIOUS} {PRECIOUS}"),
        ("POE_STALL_S", "0"),
        ("POE_STALL_S", "1000"),
        ("AUTO_APPROVE_BELOW_USD", PRECIOUS),
        ("AUTO_APPROVE_BELOW_USD", "-1"),
        ("USER_DAILY_LIMIT_USD", PRECIOUS),
        ("PROVIDER_CONCURRENCY", "0"),
        ("USER_CONCURRENCY", "many"),
        ("PROPOSAL_LIFE_H", "0"),
        ("REPLICATE_API_KEY", f"{PRECIOUS} {PRECIOUS}"),
        ("REPLICATE_BASE_URL", PRECIOUS),
        ("REPLICATE_BASE_URL", f"https://ada:{PRECIOUS}@gateway.example/v1"),
        ("REPLICATE_BASE_URL", f"https://gateway.example/v1?key={PRECIOUS}"),
        ("REPLICATE_OUTPUT_HOSTS", f"https://{PRECIOUS}.example"),
        ("REPLICATE_OUTPUT_HOSTS", f"{PRECIOUS}/films"),
        ("REPLICATE_WEBHOOK_SECRET", PRECIOUS),
        ("REPLICATE_WEBHOOK_SECRET", f"whsec_{PRECIOUS}"),
        ("R2_BUCKET_NAME", f"{PRECIOUS}/films"),
        ("R2_ACCOUNT_ID", f"{PRECIOUS}.example"),
        ("R2_ACCESS_KEY_ID", f"{PRECIOUS} {PRECIOUS}"),
        ("R2_ENDPOINT_URL", PRECIOUS),
        ("R2_ENDPOINT_URL", f"https://{PRECIOUS}.r2.cloudflarestorage.com/films"),
        ("R2_PUBLIC_URL", PRECIOUS),
        ("DATABASE_URL", "postgresql://ada:" + PRECIOUS + "@db/reelroom"),
    ],
)
def test_a_wrong_setting_stops_the_start_by_name_and_its_value_is_not_told(started, name, value):
    with pytest.raises(SettingsError) as refused:
        started(**{name: value})

    assert name in str(refused.value)
    assert PRECIOUS not in str(refused.value)


def test_every_wrong_setting_is_named_at_once(started):
    with pytest.raises(SettingsError, match=r"PORT.*JWT_SECRET"):
        started(PORT="x", JWT_SECRET="short")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "studio.example", "127.0.0.1.x"])
def test_nobody_may_come_in_as_a_guest_from_elsewhere(started, host):
    with pytest.raises(SettingsError, match="JWT_SECRET is not set"):
        started(HOST=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_guests_may_come_in(started, host):
    assert started(HOST=host).has_guests


def test_with_a_secret_it_may_listen_anywhere_and_has_no_guests(started):
    settings = started(HOST="0.0.0.0", JWT_SECRET=LONG_SECRET)

    assert not settings.has_guests


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("https://a.example", ("https://a.example",)),
        (" https://a.example/ ,http://b.example:81,", ("https://a.example", "http://b.example:81")),
        ("HTTPS://A.example:443,http://b.example:80", ("https://a.example", "http://b.example")),
        ("https://bücher.example", ("https://xn--bcher-kva.example",)),
        ("http://[::1]:3000", ("http://[::1]:3000",)),
        ("capacitor://localhost", ("capacitor://localhost",)),
        ("", ()),
        (" , ", ()),
    ],
)
def test_origins_are_a_list_between_commas(started, value, origins):
    assert started(ALLOWED_ORIGINS=value).allowed_origins == origins


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "null",
        "https://*.example",
        "a.example",
        "https://",
        "https://a.example/path",
        "https://a.example?x",
        f"https://ada:{PRECIOUS}@a.example",
        "https://a.example:port",
        "https://a.example https://b.example",
    ],
)
def test_what_is_no_exact_origin_stops_the_start(started, value):
    with pytest.raises(SettingsError, match="ALLOWED_ORIGINS: exact origins") as refused:
        started(ALLOWED_ORIGINS=f"https://good.example,{value}")

    assert PRECIOUS not in str(refused.value)


@pytest.mark.parametrize("name", ["PORT", "JWT_SECRET", "CAMPAIGN_BUDGET_USD", "POE_API_KEY"])
def test_a_variable_that_is_empty_is_not_set(started, name):
    assert started(**{name: ""}) == Settings()


@pytest.mark.parametrize(
    ("value", "budget"),
    [("0", "0"), ("0.48", "0.48"), ("1e3", "1000"), ("1E-2", "0.01"), ("+5", "5"), (".5", "0.5")],
)
def test_a_budget_is_exact_however_it_is_written(started, value, budget):
    assert started(CAMPAIGN_BUDGET_USD=value).campaign_budget == Money.usd(budget)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///films.db", "films.db"),
        ("sqlite:////var/lib/reelroom/films.db", "/var/lib/reelroom/films.db"),
    ],
)
def test_a_database_url_names_a_file(started, url, file):
    assert started(DATABASE_URL=url).database_file == Path(file)


def test_the_studios_own_address_has_no_slash_at_its_end(started):
    assert started(PUBLIC_URL="https://studio.example/reels/").public_url == (
        "https://studio.example/reels"
    )


def test_a_dot_env_file_counts_and_the_environment_counts_more(started):
    Path(".env").write_text("PORT=8181\nHOST=localhost\nUNKNOWN=1\n")

    settings = started(PORT="8282")

    assert (settings.host, settings.port) == ("localhost", 8282)


def test_a_key_alone_brings_a_language_model(started):
    settings = started(POE_API_KEY=PRECIOUS)

    assert settings.poe_api_key == PRECIOUS
    assert settings.poe_api_url == "https://api.poe.com"
    assert settings.poe_model == "claude-sonnet-4.6"
    assert settings.poe_refine_model == "GPT-4o"


def test_fallback_models_are_a_list_between_commas(started):
    settings = started(POE_API_KEY=PRECIOUS, POE_FALLBACK_MODELS=" gpt-5.4-mini , ,kimi-k2 ")

    assert settings.poe_fallback_models == ("gpt-5.4-mini", "kimi-k2")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POE_API_URL", "https://api.poe.com"),
        ("POE_MODEL", "kimi-k2"),
        ("POE_FALLBACK_MODELS", "kimi-k2"),
        ("POE_REFINE_MODEL", "GPT-4o"),
        ("POE_STALL_S", "30"),
    ],
)
def test_a_language_model_without_a_key_stops_the_start_and_names_the_key(started, name, value):
    with pytest.raises(SettingsError, match=rf"{name} without POE_API_KEY"):
        started(**{name: value})


def test_a_key_copied_with_the_end_of_its_line_is_the_key(started):
    assert started(POE_API_KEY=f"{PRECIOUS}\r\n").poe_api_key == PRECIOUS


def test_the_key_is_not_part_of_what_the_settings_look_like(started):
    assert PRECIOUS not in repr(started(POE_API_KEY=PRECIOUS))


def test_the_seeds_own_names_are_kept():
    fields = {name.upper() for name in Settings.model_fields}

    assert {
        "REPLICATE_API_KEY",
        "REPLICATE_API_TOKEN",
        "POE_API_KEY",
        "POE_API_URL",
        "R2_BUCKET_NAME",
        "R2_ACCOUNT_ID",
        "R2_ACCESS_KEY_ID",
        "R2_SECRET_ACCESS_KEY",
        "R2_ENDPOINT_URL",
        "VIDEO_STORAGE_PATH",
        "REFERENCE_IMAGE_STORAGE_PATH",
    } <= fields


# -- Replicate -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["REPLICATE_API_KEY", "REPLICATE_API_TOKEN"])
def test_a_replicate_key_is_taken_under_the_seeds_name_and_under_replicates_own(started, name):
    settings = started(**{name: f" {PRECIOUS}\r\n"})

    assert settings.replicate_token == PRECIOUS
    assert settings.replicate_base_url == "https://api.replicate.com/v1"
    assert settings.replicate_output_hosts == ("replicate.delivery",)


def test_the_same_replicate_key_under_both_names_is_one_key(started):
    settings = started(REPLICATE_API_KEY=PRECIOUS, REPLICATE_API_TOKEN=PRECIOUS)

    assert settings.replicate_token == PRECIOUS


def test_two_different_replicate_keys_stop_the_start(started):
    with pytest.raises(
        SettingsError, match=r"REPLICATE_API_KEY and REPLICATE_API_TOKEN"
    ) as refused:
        started(REPLICATE_API_KEY=PRECIOUS, REPLICATE_API_TOKEN=PRECIOUS + "2")

    assert PRECIOUS not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/v1"),
        ("https://api.replicate.com/", "https://api.replicate.com/v1"),
        ("https://api.replicate.com/v1/", "https://api.replicate.com/v1"),
        ("https://gateway.example/v1/abc/replicate", "https://gateway.example/v1/abc/replicate"),
    ],
)
def test_replicates_address_is_taken_as_it_stands_and_a_bare_host_gets_its_version(
    started, given, taken
):
    settings = started(REPLICATE_API_KEY=PRECIOUS, REPLICATE_BASE_URL=given)

    assert settings.replicate_base_url == taken


def test_films_hosts_are_a_list_of_names(started):
    settings = started(
        REPLICATE_API_KEY=PRECIOUS, REPLICATE_OUTPUT_HOSTS="*.Replicate.delivery, 127.0.0.1:9000,"
    )

    assert settings.replicate_output_hosts == ("replicate.delivery", "127.0.0.1:9000")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLICATE_BASE_URL", "https://api.replicate.com/v1"),
        ("REPLICATE_OUTPUT_HOSTS", "replicate.delivery"),
        ("REPLICATE_WEBHOOK_SECRET", WEBHOOK_SECRET),
    ],
)
def test_replicate_without_a_key_stops_the_start_and_names_the_key(started, name, value):
    with pytest.raises(SettingsError, match=rf"{name} without REPLICATE_API_KEY"):
        started(**{name: value})


# -- R2 --------------------------------------------------------------------------------------------

BUCKET = {
    "R2_BUCKET_NAME": "films",
    "R2_ACCOUNT_ID": "0123456789abcdef",
    "R2_ACCESS_KEY_ID": "an-access-key",
    "R2_SECRET_ACCESS_KEY": PRECIOUS,
}


def test_a_bucket_is_found_by_its_account(started):
    bucket = started(**BUCKET).r2

    assert bucket is not None
    assert bucket.endpoint_url == "https://0123456789abcdef.r2.cloudflarestorage.com"
    assert (bucket.bucket, bucket.access_key_id) == ("films", "an-access-key")
    assert bucket.secret_access_key == PRECIOUS
    assert bucket.public_url is None


def test_an_endpoint_counts_more_than_the_account(started):
    bucket = started(**BUCKET, R2_ENDPOINT_URL="http://127.0.0.1:5000/").r2

    assert bucket is not None
    assert bucket.endpoint_url == "http://127.0.0.1:5000"


def test_a_bucket_may_have_a_domain_of_its_own(started):
    bucket = started(**BUCKET, R2_PUBLIC_URL="https://media.brand.example/").r2

    assert bucket is not None
    assert bucket.public_url == "https://media.brand.example"


def test_without_a_bucket_films_stay_here(started):
    assert started().r2 is None


@pytest.mark.parametrize("missing", sorted(BUCKET))
def test_half_a_bucket_stops_the_start_and_names_what_is_missing(started, missing):
    half = {name: value for name, value in BUCKET.items() if name != missing}

    with pytest.raises(SettingsError, match=rf"without {missing}") as refused:
        started(**half)

    assert PRECIOUS not in str(refused.value)


def test_a_domain_without_a_bucket_stops_the_start(started):
    with pytest.raises(SettingsError, match="R2_PUBLIC_URL without R2_BUCKET_NAME"):
        started(R2_PUBLIC_URL="https://media.brand.example")


def test_the_endpoint_of_the_seeds_example_is_refused_with_the_right_one(started):
    seeds = "https://0123456789abcdef.r2.cloudflarecustomdomain.com"

    with pytest.raises(SettingsError, match=r"<account-id>\.r2\.cloudflarestorage\.com"):
        started(**BUCKET, R2_ENDPOINT_URL=seeds)


# -- money and places --------------------------------------------------------------------------


def test_without_a_word_every_price_is_asked_for_and_nobody_has_a_limit_of_their_own(started):
    settings = started()

    assert settings.auto_approve_below == Money()
    assert settings.user_daily_limit is None
    assert (settings.provider_concurrency, settings.user_concurrency) == (8, 4)
    assert settings.proposal_life_h == 24


def test_amounts_are_exact(started):
    settings = started(AUTO_APPROVE_BELOW_USD="0.485", USER_DAILY_LIMIT_USD="1e1")

    assert settings.auto_approve_below == Money.usd("0.485")
    assert settings.user_daily_limit == Money.usd("10")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLICATE_API_KEY", PRECIOUS),
        ("REPLICATE_API_TOKEN", PRECIOUS),
        ("JWT_SECRET", PRECIOUS * 3),
        ("R2_SECRET_ACCESS_KEY", PRECIOUS),
    ],
)
def test_no_key_is_part_of_what_the_settings_look_like(started, name, value):
    settings = started(**{**BUCKET, name: value})

    assert PRECIOUS not in repr(settings)
    assert PRECIOUS not in repr(settings.r2)
