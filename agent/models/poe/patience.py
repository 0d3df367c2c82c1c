"""How long a person waits for a language model, step by step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what, in seconds. Each is spent at most twice a model (reactions)."""

    connect_s: float = 5.0
    stall_s: float = 25.0
    """Between two chunks that say something, and before the first."""
    whole_s: float = 40.0
    """For an answer that is not streamed."""
    ending_s: float = 2.0
    """For the rest of a stream whose answer is complete."""
    list_s: float = 5.0
