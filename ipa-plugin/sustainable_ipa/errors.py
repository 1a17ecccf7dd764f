"""What may go wrong between IPA and `sustainable-ipa optimize --serve`: one class a thing to do about it."""


class SustainableIpaError(Exception):
    """Any error of this package. The message says what to do."""


class CommandNotFound(SustainableIpaError):
    """The program `sustainable-ipa` cannot be started."""


class ProcessDied(SustainableIpaError):
    """The program ended before it answered. The next question starts a new one."""


class InvalidAnswer(SustainableIpaError):
    """The program's line is not an answer to the question: most often another version of the program."""


class AnswerTimeout(SustainableIpaError):
    """No answer within the time limit. The program was stopped; the next question starts a new one."""


class RejectedRequest(SustainableIpaError):
    """The program refused the pipeline: a field breaks a rule, or a weight on energy meets a cell without energy."""


class SettingsError(SustainableIpaError):
    """A key of the YAML file (docs: ipa-plugin/README.md) breaks a rule."""


class UnsupportedPipeline(SustainableIpaError):
    """IPA's pipeline or call asks for something that the exact method does not have, such as GPU allocations."""


class Infeasible(SustainableIpaError):
    """No configuration carries the load within the SLA and the bounds.

    `bound` names what cannot be kept; `best` and `limit` are given where one bound alone decides.
    """

    def __init__(self, detail, bound, best=None, limit=None):
        super().__init__(f"{detail}. Lower the load, loosen the bound ({bound}) or allow more replicas")
        self.bound = bound
        self.detail = detail
        self.best = best
        self.limit = limit
