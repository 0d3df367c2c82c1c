"""The parts of the making of films, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from tools.domain.identity import MintId
from tools.rendering.advance import Advance
from tools.rendering.finishing import FilmPaths, Finishing
from tools.rendering.notes import Seconds, boot_seconds
from tools.rendering.ordering import Ordering
from tools.rendering.pictures import Intake, Pictures
from tools.rendering.ports import (
    FilmEditor,
    FilmPress,
    ImageFetcher,
    JobRecords,
    Places,
    Refiner,
    ReportProgress,
    Storage,
    VideoProvider,
)
from tools.rendering.remedies import BACKOFF_S, Catalogue, Remedies
from tools.rendering.strays import Strays
from tools.rendering.watching import Watching
from tools.rendering.workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who does the work: one for each port. `providers` and `places` by the provider's name."""

    providers: Mapping[str, VideoProvider]
    places: Mapping[str, Places]
    refiner: Refiner
    storage: Storage
    fetcher: ImageFetcher
    intake: Intake
    editor: FilmEditor
    press: FilmPress


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """`now` is the wall's. `boot_seconds` also counts what a sleeping process missed."""

    now: Callable[[], datetime]
    boot_seconds: Seconds = boot_seconds


class Models(Catalogue, Protocol):
    """What the making of films asks of the catalogue."""


def advance_for(
    *,
    hands: Hands,
    records: JobRecords,
    models: Models,
    work: Path,
    paths: FilmPaths,
    proposal_life: timedelta,
    mint: MintId,
    clocks: Clocks,
    report: ReportProgress,
    backoff_s: float = BACKOFF_S,
) -> Advance:
    """`work`: where each job has its folder. `proposal_life`: how long a question to a person stands."""
    life = token_hex(8)
    workshop = Workshop(work)
    remedies = Remedies(
        catalogue=models,
        proposal_life=proposal_life,
        backoff_s=backoff_s,
        boot_seconds=clocks.boot_seconds,
        clock=clocks.now,
    )
    pictures = Pictures(
        storage=hands.storage,
        fetcher=hands.fetcher,
        intake=hands.intake,
        editor=hands.editor,
        references=paths.references,
        folder_of=workshop.of,
    )
    watching = Watching(
        records=records,
        providers=hands.providers,
        models=models,
        remedies=remedies,
        folder_of=workshop.of,
        boot_seconds=clocks.boot_seconds,
        clock=clocks.now,
        report=report,
    )
    return Advance(
        records=records,
        providers=hands.providers,
        places=hands.places,
        models=models,
        refiner=hands.refiner,
        pictures=pictures,
        ordering=Ordering(
            records=records,
            providers=hands.providers,
            models=models,
            pictures=pictures,
            watching=watching,
            remedies=remedies,
            life=life,
            boot_seconds=clocks.boot_seconds,
            clock=clocks.now,
        ),
        watching=watching,
        strays=Strays(records=records, providers=hands.providers, clock=clocks.now),
        finishing=Finishing(
            watching=watching,
            editor=hands.editor,
            press=hands.press,
            storage=hands.storage,
            paths=paths,
            folder_of=workshop.of,
            mint=mint,
            clock=clocks.now,
        ),
        workshop=workshop,
        life=life,
        clock=clocks.now,
        report=report,
    )
