"""The steps of bare-metal.ipynb with python-chi (1.x): each either does its work or raises StepError, which says what failed
and what to do next. Names of lease and server are fixed by the settings, so that a step that is run again finds what it made."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    site: str
    project: str | None
    node_type: str
    image: str
    hours: int
    plan: str
    repository: str = "https://github.com/csce585-mlsystems/Sustainable-IPA"

    @property
    def name(self) -> str:
        return f"sustainable-ipa-{os.environ.get('USER', 'user')}-{self.plan}"


class StepError(RuntimeError):
    """A step failed: what, why, and the next step."""

    def __init__(self, step: str, reason: object, then: str) -> None:
        super().__init__(f"{step} failed: {reason}. Next: {then}")


def _context(settings: Settings) -> None:
    try:
        from chi import context, lease, server  # noqa: F401: all that the steps need, so that a part that lacks is told here
    except ImportError as error:
        raise StepError("python-chi", error, "open this notebook in jupyter.chameleoncloud.org, or pip install 'python-chi>=1'") from error
    context.use_site(settings.site)
    if settings.project is None:
        context.choose_project()
    else:
        context.use_project(settings.project)


def reserve(settings: Settings):
    _context(settings)
    from datetime import timedelta
    from chi import lease

    try:
        found = lease.Lease(settings.name, duration=timedelta(hours=settings.hours))
        found.add_node_reservation(amount=1, node_type=settings.node_type)
        found.add_fip_reservation(1)
        found.submit(idempotent=True)
    except Exception as error:
        raise StepError("reserving", error, f"see the site's calendar for a free {settings.node_type}, or name another node_type or site") from error
    return found


def launch(settings: Settings, lease):
    from chi import server

    try:
        node = server.Server(
            settings.name, reservation_id=lease.node_reservations[0]["id"], image_name=settings.image
        )
        node.submit(idempotent=True)  # ten minutes, until the system is up
        node.associate_floating_ip()
        node.check_connectivity()
    except Exception as error:
        raise StepError("launching", error, "run the cell again; where the node is in state ERROR, release and reserve another") from error
    return node


def _run(node, step: str, command: str, then: str) -> str:
    try:
        result = node.execute(command)
    except Exception as error:
        raise StepError(step, error, then) from error
    if getattr(result, "exited", 0) != 0:
        raise StepError(step, (result.stderr or result.stdout).strip()[-500:], then)
    return result.stdout


def install(node, repository: str = Settings.repository) -> None:
    again = "run the cell again: nothing is done twice"
    _run(
        node,
        "Node.js",
        "command -v node >/dev/null || (curl -fsSL https://deb.nodesource.com/setup_22.x | sudo -E bash - && "
        "sudo apt-get install -y nodejs make git python3-venv freeipmi-tools)",
        again,
    )
    _run(node, "cloning", f"test -d sustainable-ipa || git clone --depth 1 {repository} sustainable-ipa", again)
    _run(node, "building", "cd sustainable-ipa && make build", again)
    _run(
        node,
        "opening the energy counters",
        "sudo sysctl -w kernel.perf_event_paranoid=0 && sudo chmod a+r /sys/class/powercap/*/energy_uj",
        "a virtual machine has no counters: reserve a bare-metal node",
    )
    print(_run(node, "probes", "cd sustainable-ipa && node dist/cli/main.js probes", again))


def measure(node, settings: Settings) -> None:
    then = "run the cell again: it goes on after the last finished repetition"
    print(_run(node, "measuring", f"cd sustainable-ipa && node dist/cli/main.js measure {settings.plan}", then))


def fetch(node, settings: Settings) -> str:
    then = "run the cell again"
    archive = f"{settings.plan}.tar.gz"
    _run(node, "packing", f"tar czf {archive} -C sustainable-ipa/measurements {settings.plan}", "was anything measured? see step 4")
    try:
        with open(archive, "wb") as file:
            node.ssh_connection().get(archive, local=file)
    except Exception as error:
        raise StepError("fetching", error, then) from error
    return archive


def release(settings: Settings) -> None:
    _context(settings)
    from chi import lease, server

    for kind, find in (("server", lambda: server.get_server(settings.name)), ("lease", lambda: lease.get_lease(settings.name))):
        try:
            found = find()
        except Exception:
            print(f"no {kind} {settings.name}")
            continue
        try:
            found.delete()
        except Exception as error:
            raise StepError(f"releasing the {kind}", error, "delete it in the site's web page: it goes on costing service units") from error
        print(f"{kind} {settings.name} released")
