"""IPA with exact decisions and energy: `install()` gives its Optimizer optimization_method="exact"."""

from .client import Client
from .errors import (
    AnswerTimeout,
    CommandNotFound,
    Infeasible,
    InvalidAnswer,
    ProcessDied,
    RejectedRequest,
    SettingsError,
    SustainableIpaError,
    UnsupportedPipeline,
)
from .hook import install, uninstall
from .settings import Settings

__all__ = [
    "AnswerTimeout",
    "Client",
    "CommandNotFound",
    "Infeasible",
    "InvalidAnswer",
    "ProcessDied",
    "RejectedRequest",
    "Settings",
    "SettingsError",
    "SustainableIpaError",
    "UnsupportedPipeline",
    "install",
    "uninstall",
]
