"""What IPA's own configuration does not say: energy, its weight, its bounds, and the program."""

from dataclasses import dataclass, field

from .client import TIMEOUT_S


@dataclass(frozen=True)
class Settings:
    """Keys of `sustainable_ipa:` in IPA's YAML file, worked out."""

    delta: float = 0.0
    prices: dict = None
    bounds: dict = field(default_factory=dict)
    # (task, variant, cores, batch) -> the cell's energy, as docs/protocol.md has it.
    energies: dict = field(default_factory=dict)
    semantics: str = "published"
    infeasible: str = "raise"
    command: list = None
    timeout_s: float = TIMEOUT_S
