"""What a tool is, to the agent, to MCP and to a test: a name, arguments, one async call.

Tool  ──  name, title, description, Arguments (pydantic, camelCase on the wire)
 └─ call(context, arguments) -> ToolOutput      raises StudioError, which the model is told
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from tools.domain.identity import CallId, CampaignId, SessionId, TenantId, TurnId, UserId


class Arguments(BaseModel):
    """Arguments as a language model writes them: camelCase, nothing unknown, nothing coerced."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, strict=False
    )


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """On whose behalf a tool works. Ids in arguments are checked against it."""

    tenant_id: TenantId
    user_id: UserId
    campaign_id: CampaignId
    session_id: SessionId
    turn_id: TurnId | None = None
    call_id: CallId | None = None
    other_campaigns: frozenset[CampaignId] | None = frozenset()
    """Beside `campaign_id`: those whose images may be used too. None: all of the tenant's."""

    def may_see(self, tenant_id: TenantId, campaign_id: CampaignId) -> bool:
        is_open = self.other_campaigns is None or campaign_id in self.other_campaigns
        return tenant_id == self.tenant_id and (is_open or campaign_id == self.campaign_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutput:
    """`result` is JSON in camelCase: the model reads it, the timeline keeps it, MCP returns it."""

    result: Mapping[str, object]


class Tool(Protocol[A]):
    """One verb of the studio, with arguments of its own class."""

    name: str
    description: str
    arguments: type[A]
    is_free_of_effects: bool
    """Nothing is different after it: it may run beside others, and again."""

    def title(self, arguments: A) -> str:
        """What a person sees while it runs: "Asking for a 6 second film"."""
        ...

    async def call(self, context: ToolContext, arguments: A) -> ToolOutput: ...


AnyTool = Tool[Any]
"""A tool in a box of tools: its arguments were validated by its own class just before."""
