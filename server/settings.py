"""The environment, read once. Everything absent has an embedded default; a half-given group stops the start."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.given import (
    LOOPBACK_HOSTS,
    AccountId,
    Address,
    ApiAddress,
    BucketEndpoint,
    BucketName,
    Key,
    KeySetAddress,
    Listed,
    ModelName,
    StoragePath,
    WebhookSecret,
    host_names,
    origins,
)
from tools.domain.money import Money

NOT_YET = {"redis_url": "REDIS_URL"}
"""Settings of the contract that this version cannot honour. Ignoring one would be a lie about what runs."""
POE_WITHOUT_KEY = (
    "poe_api_url",
    "poe_model",
    "poe_fallback_models",
    "poe_refine_model",
    "poe_stall_s",
)
"""Settings that say which language model answers; without a key none does, and nobody would notice."""
REPLICATE_WITHOUT_KEY = (
    "replicate_base_url",
    "replicate_output_hosts",
    "replicate_webhook_secret",
)
"""Settings that say how films are bought; without a key every film is a draft."""
R2_NEEDED = ("r2_bucket_name", "r2_access_key_id", "r2_secret_access_key")
R2_PLACE = ("r2_account_id", "r2_endpoint_url")
"""One of the two says where the bucket is; the endpoint counts where both do."""


class SettingsError(Exception):
    """The start stops here; the message names what is missing or wrong, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class R2:
    """A bucket of Cloudflare R2, or of anything else that speaks S3."""

    bucket: str
    endpoint_url: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    public_url: str | None
    """The domain that serves the bucket to everybody; None without one."""


class Settings(BaseSettings):
    """Names as in the contract, section 7."""

    model_config = SettingsConfigDict(
        env_file=".env",
        # A copied template leaves `JWT_SECRET=` behind: empty is not set.
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Address | None = None
    data_dir: Path = Path("data")
    log_dir: Path = Path("logs")
    log_prompts: bool = False
    jwt_secret: str | None = Field(default=None, min_length=32, repr=False)
    jwt_jwks_url: KeySetAddress | None = None
    reelroom_token: str | None = Field(default=None, repr=False)
    """On whose behalf `reelroom mcp` asks."""
    jwt_audience: str | None = None
    jwt_issuer: str | None = None
    allowed_origins: Annotated[tuple[str, ...], NoDecode, Listed, AfterValidator(origins)] = ()
    database_url: str | None = None
    video_storage_path: StoragePath = "videos/generated"
    reference_image_storage_path: StoragePath = "videos/references"
    default_video_model: str = "sora-2-pro"
    default_duration_s: int = 6
    catalogue_path: Path | None = None
    templates_path: Path | None = None
    model_substitution: Literal["auto", "refuse"] = "auto"
    generate_wait_s: float = Field(default=1800, gt=0)

    auto_approve_below_usd: Decimal = Field(default=Decimal(0), ge=0)
    campaign_budget_usd: Decimal = Field(default=Decimal(25), ge=0)
    user_daily_limit_usd: Decimal | None = Field(default=None, ge=0)
    proposal_life_h: float = Field(default=24, gt=0, le=24 * 30)
    provider_concurrency: int = Field(default=8, ge=1, le=1000)
    user_concurrency: int = Field(default=4, ge=1, le=1000)
    rate_messages_per_min: int = Field(default=60, ge=0, le=100_000)
    rate_uploads_per_min: int = Field(default=60, ge=0, le=100_000)
    rate_generations_per_min: int = Field(default=30, ge=0, le=100_000)
    rate_tenant_times: int = Field(default=10, ge=1, le=1000)

    poe_api_key: Key | None = Field(default=None, repr=False)
    poe_api_url: str = "https://api.poe.com"
    poe_model: ModelName = "claude-sonnet-4.6"
    poe_fallback_models: Annotated[tuple[str, ...], NoDecode, Listed] = (
        "gpt-5.4-mini",
        "claude-haiku-4.5",
    )
    poe_refine_model: ModelName = "GPT-4o"
    poe_stall_s: float = Field(default=25, ge=1, le=110)

    replicate_api_key: Key | None = Field(default=None, repr=False)
    replicate_api_token: Key | None = Field(default=None, repr=False)
    replicate_base_url: ApiAddress = "https://api.replicate.com/v1"
    replicate_output_hosts: Annotated[
        tuple[str, ...], NoDecode, Listed, AfterValidator(host_names)
    ] = ("replicate.delivery",)
    replicate_webhook_secret: WebhookSecret | None = Field(default=None, repr=False)

    r2_bucket_name: BucketName | None = None
    r2_account_id: AccountId | None = None
    r2_access_key_id: Key | None = Field(default=None, repr=False)
    r2_secret_access_key: Key | None = Field(default=None, repr=False)
    r2_endpoint_url: BucketEndpoint | None = None
    r2_public_url: Address | None = None

    redis_url: str | None = None

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK_HOSTS

    @property
    def has_guests(self) -> bool:
        """Nobody set up who may come in: only this machine may, as a guest."""
        return self.jwt_secret is None and self.jwt_jwks_url is None

    @property
    def campaign_budget(self) -> Money:
        return _money(self.campaign_budget_usd)

    @property
    def auto_approve_below(self) -> Money:
        return _money(self.auto_approve_below_usd)

    @property
    def user_daily_limit(self) -> Money | None:
        return None if self.user_daily_limit_usd is None else _money(self.user_daily_limit_usd)

    @property
    def replicate_token(self) -> str | None:
        """Under the seed's name or under Replicate's own."""
        return self.replicate_api_key or self.replicate_api_token

    @property
    def r2(self) -> R2 | None:
        """The bucket, where one was given; else films stay in a folder."""
        endpoint_url = self.r2_endpoint_url or (
            self.r2_account_id and f"https://{self.r2_account_id}.r2.cloudflarestorage.com"
        )
        if not (
            self.r2_bucket_name
            and self.r2_access_key_id
            and self.r2_secret_access_key
            and endpoint_url
        ):
            return None
        return R2(
            bucket=self.r2_bucket_name,
            endpoint_url=endpoint_url,
            access_key_id=self.r2_access_key_id,
            secret_access_key=self.r2_secret_access_key,
            public_url=self.r2_public_url,
        )

    @property
    def database_file(self) -> Path:
        if self.database_url is None:
            return self.data_dir / "reelroom.sqlite3"
        return Path(self.database_url.removeprefix("sqlite:///"))


def load_settings() -> Settings:
    """From the environment and `.env`. Raises SettingsError in words for the operator."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in each['loc']).upper()}: "
            f"{each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_url=False, include_input=False)
        )
        message = f"These settings cannot be used: {wrong}"
        raise SettingsError(message) from None
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """What each setting alone cannot tell."""
    unknown = [name for field_name, name in NOT_YET.items() if getattr(settings, field_name)]
    if unknown:
        names, them = ", ".join(unknown), "them" if len(unknown) > 1 else "it"
        message = f"{names}: this version of Reelroom cannot use {them} yet. Unset {them} to start."
        raise SettingsError(message)
    _check_sign_in(settings)
    _check_keys(settings)
    _check_bucket(settings)
    if settings.database_url and not settings.database_url.startswith("sqlite:///"):
        message = "DATABASE_URL: only SQLite (sqlite:///file) until scaling is built."
        raise SettingsError(message)


def _check_sign_in(settings: Settings) -> None:
    """One way to come in, and not an open door."""
    if settings.jwt_secret and settings.jwt_jwks_url:
        message = (
            "JWT_SECRET and JWT_JWKS_URL are two ways to sign in, and a token is checked in one. "
            "Unset JWT_SECRET to take the tokens of an issuer, or JWT_JWKS_URL to take your own."
        )
        raise SettingsError(message)
    if settings.has_guests and not settings.is_loopback:
        message = (
            f"JWT_SECRET is not set, and HOST={settings.host} is not a loopback address: "
            "anybody could come in. Set JWT_SECRET (at least 32 characters) or JWT_JWKS_URL, or "
            "HOST=127.0.0.1."
        )
        raise SettingsError(message)


def _check_keys(settings: Settings) -> None:
    """Nothing that is meant for a provider may be set without its key: nobody would notice."""
    half = _given(settings, POE_WITHOUT_KEY)
    if half and settings.poe_api_key is None:
        message = (
            f"{half} without POE_API_KEY: no language model would answer. Set POE_API_KEY "
            "(a server that wants none takes any word), or unset the rest."
        )
        raise SettingsError(message)
    half = _given(settings, REPLICATE_WITHOUT_KEY)
    if half and settings.replicate_token is None:
        message = (
            f"{half} without REPLICATE_API_KEY: every film would be a draft. Set "
            "REPLICATE_API_KEY, or unset the rest."
        )
        raise SettingsError(message)
    both = {settings.replicate_api_key, settings.replicate_api_token} - {None}
    if len(both) > 1:
        message = (
            "REPLICATE_API_KEY and REPLICATE_API_TOKEN are two names of one key, and they differ. "
            "Set one of them."
        )
        raise SettingsError(message)


def _check_bucket(settings: Settings) -> None:
    """A bucket is given whole or not at all."""
    given = _given(settings, (*R2_NEEDED, *R2_PLACE, "r2_public_url"))
    missing = [name.upper() for name in R2_NEEDED if getattr(settings, name) is None]
    if not any(getattr(settings, name) for name in R2_PLACE):
        missing.append("R2_ACCOUNT_ID (or R2_ENDPOINT_URL)")
    if given and missing:
        message = (
            f"{given} without {', '.join(missing)}: nothing could be stored in R2. Set what is "
            "missing, or unset the rest to keep films in DATA_DIR."
        )
        raise SettingsError(message)


def _given(settings: Settings, names: tuple[str, ...]) -> str:
    """Those that were set, as an operator knows them; "" for none."""
    return ", ".join(name.upper() for name in names if name in settings.model_fields_set)


def _money(usd: Decimal) -> Money:
    return Money.usd(f"{usd:f}")
