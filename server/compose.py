"""Settings become wired objects. The only place that names adapters; no choice is made anywhere else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from agent.models.offline import STARTERS, OfflineModel
from agent.models.poe.endpoint import base_url
from agent.models.poe.patience import Patience
from server.auth.published import PublishedKeys
from server.building import build
from server.clocks import mint, utc_now
from server.house import Adapters, House, UploadLimits
from server.http.files import FromBucket, FromFolder
from server.http.site import remembered
from server.settings import R2, Settings, SettingsError
from tools.domain.identity import JobId, MintId
from tools.media.editor import Editor
from tools.media.fetching import GuardedFetcher
from tools.media.images import MAX_BYTES, MAX_PIXELS, TAKEN_TYPES, ImageIntake
from tools.media.press import Press
from tools.providers.draft import DraftProvider
from tools.providers.refining import AnatomyRefiner
from tools.providers.refining_chat import ChatRefiner
from tools.rendering.ports import Places
from tools.storage.folder import FolderStorage

__all__ = ["Adapters", "House", "adapters_for", "compose"]


def compose(
    settings: Settings,
    *,
    public_url: str,
    adapters: Adapters | None = None,
    clock: Callable[[], datetime] = utc_now,
    mint_id: MintId = mint,
) -> House:
    """Raises SettingsError for data files that cannot be used."""
    return build(
        settings,
        adapters or adapters_for(settings),
        public_url=public_url,
        clock=clock,
        mint=mint_id,
    )


def adapters_for(settings: Settings) -> Adapters:
    """The embedded default, and in its places what a key was given for. Raises SettingsError."""
    adapters = _embedded(settings)
    if settings.jwt_jwks_url is not None:
        adapters = _with_issuer(adapters, settings.jwt_jwks_url)
    if settings.r2 is not None:
        adapters = _with_bucket(adapters, settings.r2)
    if settings.replicate_token is not None:
        adapters = _with_replicate(adapters, settings, settings.replicate_token)
    if settings.poe_api_key is not None:
        adapters = _with_language_model(adapters, settings, settings.poe_api_key)
    return adapters


def _embedded(settings: Settings) -> Adapters:
    """No key, no service."""
    draft = DraftProvider(work=settings.data_dir / "work" / "drafts")
    storage = FolderStorage(settings.data_dir / "media")
    return Adapters(
        chat_model=OfflineModel(),
        starters=STARTERS,
        refiner=AnatomyRefiner(),
        providers={draft.name: draft},
        # A draft has a line of its own, at its renderer.
        places={draft.name: Places(of_provider=None, of_user=None)},
        press=Press(),
        editor=Editor(),
        storage=storage,
        files=FromFolder(storage),
        intake=ImageIntake(),
        upload_limits=UploadLimits(size_bytes=MAX_BYTES, pixels=MAX_PIXELS, types=TAKEN_TYPES),
        fetcher=GuardedFetcher(),
        makers=(draft,),
        checks={"chat": _always_up},
    )


def _with_issuer(adapters: Adapters, url: str) -> Adapters:
    keys = PublishedKeys(url)
    return replace(
        adapters,
        published_keys=keys,
        services=(keys, *adapters.services),
        checks={**adapters.checks, "auth": keys.check},
    )


def _with_bucket(adapters: Adapters, r2: R2) -> Adapters:
    # boto3 is slow to import, and large: only with a bucket
    from tools.storage.r2 import R2Storage  # noqa: PLC0415

    storage = R2Storage(
        bucket=r2.bucket,
        access_key_id=r2.access_key_id,
        secret_access_key=r2.secret_access_key,
        endpoint_url=r2.endpoint_url,
        public_url=r2.public_url,
    )
    return replace(
        adapters,
        storage=storage,
        files=FromBucket(storage),
        media_hosts=tuple(each for each in (r2.endpoint_url, r2.public_url) if each),
        services=(storage, *adapters.services),
    )


def _with_replicate(adapters: Adapters, settings: Settings, token: str) -> Adapters:
    # its SDK is slow to import: only with a key
    from tools.providers.replicate.listening import Listener  # noqa: PLC0415
    from tools.providers.replicate.provider import ReplicateProvider  # noqa: PLC0415

    hooks = _hooks_of(settings)
    provider = ReplicateProvider(
        token=token,
        base_url=settings.replicate_base_url,
        lend=adapters.storage.lend,
        webhook=hooks,
        output_hosts=settings.replicate_output_hosts,
        log_prompts=settings.log_prompts,
    )
    places = Places(of_provider=settings.provider_concurrency, of_user=settings.user_concurrency)

    async def token_is_good() -> None:
        await provider.check_token()

    listener = Listener(provider.fetch_secret, secret=settings.replicate_webhook_secret)
    return replace(
        adapters,
        providers={**adapters.providers, provider.name: provider},
        places={**adapters.places, provider.name: places},
        verify_webhook=listener.verify if hooks else None,
        services=(*adapters.services, provider, *((listener,) if hooks else ())),
        checks={**adapters.checks, "video": remembered(token_is_good, life_s=60)},
    )


def _hooks_of(settings: Settings) -> Callable[[JobId, int], str] | None:
    """Where a clip's provider reports to. Replicate calls https addresses only."""
    if not (settings.public_url or "").startswith("https://"):
        return None
    door = f"{settings.public_url}/api/webhooks/replicate"
    return lambda job_id, clip: f"{door}?{urlencode({'job': job_id, 'clip': clip})}"


def _with_language_model(adapters: Adapters, settings: Settings, api_key: str) -> Adapters:
    # openai takes 0.3 s to import: only with a key
    from agent.models.poe.model import PoeModel  # noqa: PLC0415
    from tools.providers.poe_completion import PoeCompletion  # noqa: PLC0415

    try:
        url = base_url(settings.poe_api_url)
    except ValueError as error:
        message = f"POE_API_URL: {error}."
        raise SettingsError(message) from None
    model = PoeModel(
        base_url=url,
        api_key=api_key,
        models=(settings.poe_model, *settings.poe_fallback_models),
        patience=Patience(stall_s=settings.poe_stall_s),
    )
    completion = PoeCompletion(base_url=url, api_key=api_key, model=settings.poe_refine_model)
    return replace(
        adapters,
        chat_model=model,
        refiner=ChatRefiner(completion, name=settings.poe_refine_model),
        services=(*adapters.services, model, completion),
        checks={**adapters.checks, "chat": model.check},
    )


async def _always_up() -> None:
    """The check of a part that is in this process and asks nobody."""
