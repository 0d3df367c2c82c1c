"""The environment, read once. Everything absent has an embedded default; a half-given group stops the start."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tools.domain.money import Money

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
NOT_YET = {
    "replicate_api_key": "REPLICATE_API_KEY",
    "replicate_api_token": "REPLICATE_API_TOKEN",
    "r2_bucket_name": "R2_BUCKET_NAME",
    "r2_account_id": "R2_ACCOUNT_ID",
    "r2_access_key_id": "R2_ACCESS_KEY_ID",
    "r2_secret_access_key": "R2_SECRET_ACCESS_KEY",
    "r2_endpoint_url": "R2_ENDPOINT_URL",
    "jwt_jwks_url": "JWT_JWKS_URL",
    "redis_url": "REDIS_URL",
}
"""Settings of the contract that this version cannot honour. Ignoring one would be a lie about what runs."""
POE_WITHOUT_KEY = (
    "poe_api_url",
    "poe_model",
    "poe_fallback_models",
    "poe_refine_model",
    "poe_stall_s",
)
"""Settings that say which language model answers; without a key none does, and nobody would notice."""


class SettingsError(Exception):
    """The start stops here; the message names what is missing or wrong, never a value."""


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
    public_url: str | None = None
    data_dir: Path = Path("data")
    log_dir: Path = Path("logs")
    log_prompts: bool = False
    jwt_secret: str | None = Field(default=None, min_length=32)
    jwt_audience: str | None = None
    jwt_issuer: str | None = None
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    database_url: str | None = None
    video_storage_path: str = Field(default="videos/generated", pattern=r"^[\w-]+(/[\w-]+)*$")
    reference_image_storage_path: str = Field(
        default="videos/references", pattern=r"^[\w-]+(/[\w-]+)*$"
    )
    default_video_model: str = "sora-2-pro"
    default_duration_s: int = 6
    catalogue_path: Path | None = None
    templates_path: Path | None = None
    model_substitution: Literal["auto", "refuse"] = "auto"
    campaign_budget_usd: Decimal = Field(default=Decimal(25), ge=0)
    generate_wait_s: float = Field(default=1800, gt=0)

    poe_api_key: str | None = Field(default=None, pattern=r"^[!-~]+$", repr=False)
    poe_api_url: str = "https://api.poe.com"
    poe_model: str = Field(default="claude-sonnet-4.6", min_length=1)
    poe_fallback_models: Annotated[tuple[str, ...], NoDecode] = (
        "gpt-5.4-mini",
        "claude-haiku-4.5",
    )
    poe_refine_model: str = Field(default="GPT-4o", min_length=1)
    poe_stall_s: float = Field(default=25, ge=1, le=110)

    replicate_api_key: str | None = None
    replicate_api_token: str | None = None
    r2_bucket_name: str | None = None
    r2_account_id: str | None = None
    r2_access_key_id: str | None = None
    r2_secret_access_key: str | None = None
    r2_endpoint_url: str | None = None
    jwt_jwks_url: str | None = None
    redis_url: str | None = None

    @field_validator("allowed_origins", "poe_fallback_models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Comma-separated, as environments hold lists."""
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("poe_api_key", "poe_model", "poe_refine_model", mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        """As copied: with the line's end behind it."""
        return value.strip() if isinstance(value, str) else value

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK_HOSTS

    @property
    def has_guests(self) -> bool:
        """Nobody set up who may come in: only this machine may, as a guest."""
        return self.jwt_secret is None

    @property
    def campaign_budget(self) -> Money:
        return Money.usd(f"{self.campaign_budget_usd:f}")

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
            f"{'.'.join(str(part) for part in each['loc']).upper()}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        )
        message = f"These settings cannot be used: {wrong}"
        raise SettingsError(message) from None
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """What each setting alone cannot tell."""
    unknown = [name for field, name in NOT_YET.items() if getattr(settings, field)]
    if unknown:
        names, them = ", ".join(unknown), "them" if len(unknown) > 1 else "it"
        message = f"{names}: this version of Reelroom cannot use {them} yet. Unset {them} to start."
        raise SettingsError(message)
    half = [name.upper() for name in POE_WITHOUT_KEY if name in settings.model_fields_set]
    if half and settings.poe_api_key is None:
        message = (
            f"{', '.join(half)} without POE_API_KEY: no language model would answer. Set POE_API_KEY "
            "(a server that wants none takes any word), or unset the rest."
        )
        raise SettingsError(message)
    if settings.database_url and not settings.database_url.startswith("sqlite:///"):
        message = "DATABASE_URL: only SQLite (sqlite:///file) until scaling is built."
        raise SettingsError(message)
    if settings.has_guests and not settings.is_loopback:
        message = (
            f"JWT_SECRET is not set, and HOST={settings.host} is not a loopback address: "
            "anybody could come in. Set JWT_SECRET (at least 32 characters), or HOST=127.0.0.1."
        )
        raise SettingsError(message)
