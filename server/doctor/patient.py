"""Who is looked at: whatever was set up and can be examined, found by what it can do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from server.auth.published import PublishedKeys
from server.compose import adapters_for
from server.house import Adapters
from server.settings import Settings
from server.shelves import catalogue_for
from tools.catalogue.catalogue import Catalogue
from tools.domain.models import VideoModel


@runtime_checkable
class ExaminedProvider(Protocol):
    """Sells films over an API that can drift away from the catalogue."""

    @property
    def name(self) -> str: ...

    async def check_token(self) -> str:
        """The name of the account. Raises ProviderRefused, ProviderUnavailable."""
        ...

    async def examine(self, models: Iterable[VideoModel]) -> Mapping[str, str | None]:
        """By key: why a model cannot be ordered, None where it can; one not read now is left out."""
        ...


@runtime_checkable
class ProbedStorage(Protocol):
    """A bucket somewhere else."""

    async def probe(self) -> None:
        """Put, get and delete a small file. Raises StorageUnavailable."""
        ...

    async def expire_after(self, prefix: str, days: int) -> None: ...


@runtime_checkable
class ListedChat(Protocol):
    """A language model behind a provider that lists what it offers."""

    @property
    def name(self) -> str: ...

    @property
    def objections(self) -> tuple[str, ...]: ...

    def is_offered(self, name: str) -> bool: ...

    async def check(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at; None: it was not set up. Nothing of it is open."""

    settings: Settings
    catalogue: Catalogue
    provider: ExaminedProvider | None
    storage: ProbedStorage | None
    chat: ListedChat | None
    keys: PublishedKeys | None


def patient_for(settings: Settings) -> Patient:
    """Raises SettingsError."""
    adapters = adapters_for(settings)
    storage, chat, keys = adapters.storage, adapters.chat_model, adapters.published_keys
    return Patient(
        settings=settings,
        catalogue=catalogue_for(settings),
        provider=examined_provider(adapters),
        storage=storage if isinstance(storage, ProbedStorage) else None,
        chat=chat if isinstance(chat, ListedChat) else None,
        keys=keys if isinstance(keys, PublishedKeys) else None,
    )


def examined_provider(adapters: Adapters) -> ExaminedProvider | None:
    able = (each for each in adapters.providers.values() if isinstance(each, ExaminedProvider))
    return next(able, None)
