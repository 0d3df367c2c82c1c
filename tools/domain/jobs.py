"""One film being made: what it is, and where it stands.

    proposed → queued → refining → uploading → submitting ⇄ rendering → storing → finished
       │          └────────┴───────────┴────────────┴───────────┴──────────┴────→ failed, cancelled
       └→ declined, cancelled (expired)

A chained film goes through submitting and rendering once for each clip. The ways from one stage to
the next are in `transitions`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tools.domain.clips import Clip, Outcome, Purchase
from tools.domain.creatives import Creative
from tools.domain.events import Charged, SessionEvent
from tools.domain.failures import Failure
from tools.domain.identity import CampaignId, JobId, SessionId, TenantId, TurnId, UserId
from tools.domain.money import Money, total
from tools.domain.videos import Quote, VideoRequest


class Stage(StrEnum):
    PROPOSED = "proposed"
    QUEUED = "queued"
    REFINING = "refining"
    UPLOADING = "uploading"
    SUBMITTING = "submitting"
    RENDERING = "rendering"
    STORING = "storing"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DECLINED = "declined"

    @property
    def is_final(self) -> bool:
        return self in _FINAL

    @property
    def is_running(self) -> bool:
        """Somebody works on it: it takes one of the provider's and of the user's places."""
        return not self.is_final and self not in _WAITING

    @property
    def state(self) -> str:
        """The word of the public contract: every stage between queued and final is `running`."""
        return "running" if self.is_running else self.value


_FINAL = frozenset({Stage.FINISHED, Stage.FAILED, Stage.CANCELLED, Stage.DECLINED})
_WAITING = frozenset({Stage.PROPOSED, Stage.QUEUED})


class Origin(StrEnum):
    """Who asked, and so who can be asked back: the agent or a person in the chat, or a program."""

    AGENT = "agent"
    PERSON = "person"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoJob:
    """A film on its way. `provider` is who makes it, by the quote that was agreed to.

    `agreed`: up to what somebody said yes to. `spent`: what the orders that are over have cost; an
    upper bound while `is_in_doubt`. `failed_models`: those that were tried for it in vain.
    """

    id: JobId
    tenant_id: TenantId
    user_id: UserId
    session_id: SessionId
    campaign_id: CampaignId
    turn_id: TurnId | None
    origin: Origin = Origin.AGENT
    request: VideoRequest
    quote: Quote
    provider: str
    clips: tuple[Clip, ...] = ()
    created_at: datetime
    stage: Stage = Stage.QUEUED
    version: int = 1
    refined_prompt: str | None = None
    expires_at: datetime | None = None
    """Until when a proposal waits for its answer."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_requested: bool = False
    agreed: Money = Money()  # noqa: RUF009  immutable
    spent: Money = Money()  # noqa: RUF009  immutable
    failed_models: tuple[str, ...] = ()
    is_in_doubt: bool = False
    failure: Failure | None = None
    charged: Charged | None = None
    creative: Creative | None = None

    @property
    def sent_prompt(self) -> str:
        """What the provider is given: the refined prompt where there is one."""
        return self.request.refined_prompt or self.refined_prompt or self.request.prompt

    @property
    def clip(self) -> Clip | None:
        """The one that is being made, or is next; None when all are here."""
        return next((each for each in self.clips if not each.is_collected), None)

    @property
    def still_to_pay(self) -> Money:
        """For the clips that are not here yet."""
        return total(tuple(each.price for each in self.clips if not each.is_collected))

    @property
    def was_charged(self) -> Charged:
        """Of what is over so far."""
        if self.is_in_doubt:
            return "unknown"
        return "yes" if self.spent else "no"

    @property
    def may_have_bought(self) -> bool:
        """An order of the running clip exists, or may."""
        clip = self.clip
        return clip is not None and (clip.prediction_id is not None or clip.fence is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnd:
    """How the running clip's order came to nothing. `cost`: an upper bound where `charged` is unknown."""

    outcome: Outcome
    charged: Charged
    cost: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A job's new state, what may be told of it, and what it does to the books.

    `reserves`: hold this much back for the whole job, in the place of what was held before.
    `settles`: what it came to; the rest is free again. None: nothing changes. `purchases` are kept
    as they are given, new ones and known ones.
    """

    job: VideoJob
    events: tuple[SessionEvent, ...] = ()
    reserves: Money | None = None
    settles: Money | None = None
    purchases: tuple[Purchase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Another way to make a film: by which quote, of which clips. `over`: orders that ended before it."""

    request: VideoRequest
    quote: Quote
    provider: str
    clips: tuple[Clip, ...]
    spent: Money = Money()  # noqa: RUF009  immutable
    is_in_doubt: bool = False
    failed_models: tuple[str, ...] = ()
    over: tuple[Purchase, ...] = ()

    def on(self, job: VideoJob) -> VideoJob:
        return replace(
            job,
            request=self.request,
            quote=self.quote,
            provider=self.provider,
            clips=self.clips,
            spent=self.spent,
            is_in_doubt=self.is_in_doubt,
            failed_models=self.failed_models,
        )
