"""A process that works on cells as it is told over a pipe, until it is told to stop. One for each tenant."""

import multiprocessing
import signal
import time

# How often a batch loop looks for word from the parent.
LOOK_EVERY_S = 0.02
KILLED_WITHIN_S = 5
# Relative error of a convolution and a product in fp32: some 1e-6, by TF32 some 1e-3.
FP32_WITHIN = 1e-4


def serve(pipe, device, seed):
    """Answers ("run", cell) with ("ready", warm-up), works on until any word comes, and answers that with ("done", ...).

    A fault is answered with ("failed", reason) in place of either.
    """
    # Ctrl-C reaches the whole group: the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import models
    import torch
    from work import Work, fp32_error, strict

    settings = strict()
    work = Work(device, seed)
    settings["fp32_is_fp32"] = fp32_error(work.device) < FP32_WITHIN
    # The context is open from here on, so that idle power is that of a server at rest.
    torch.zeros(1, device=work.device)
    pipe.send(("started", about(torch, work, settings)))
    while True:
        try:
            word = pipe.recv()
        except EOFError:
            return
        if word[0] == "close":
            return
        if word[0] == "count":
            pipe.send(("counted", counted(models)))
        if word[0] != "run":
            continue
        try:
            warm_up = warmed(work, word[1], torch.cuda.OutOfMemoryError)
            if warm_up is None:
                # Once more with the room that other cells' models took, outside of the handler: the error held on to it.
                work.forget()
                warm_up = warmed(work, word[1], ())
            # The warm-up's end stands first: the next batch goes on from it.
            ends, parts, looked = [time.monotonic()], [], 0.0
            pipe.send(("ready", warm_up))
            while True:
                parts.append(work.batch())
                ends.append(time.monotonic())
                if ends[-1] - looked >= LOOK_EVERY_S:
                    looked = ends[-1]
                    if pipe.poll():
                        break
            # The word is a time that the last batch must have passed: the window's end.
            word, limit = pipe.recv()
            if word == "close":
                return
            while ends[-1] < limit:
                parts.append(work.batch())
                ends.append(time.monotonic())
            pipe.send(("done", {"ends": ends, "parts": parts}))
        except EOFError:
            return
        except Exception as error:  # a cell that fails must not end the sweep
            pipe.send(("failed", f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"))


def warmed(work, cell, spared):
    """The warm-up of a cell, or None at an error that is to be spared."""
    try:
        work.prepare(cell)
        return work.warm_up()
    except spared:
        return None


def counted(models):
    return {
        name: {"counted": models.count_parameters(name), "published": published}
        for name, published in models.PUBLISHED_PARAMETERS.items()
    }


def about(torch, work, settings):
    """Versions, settings, and the GPU's UUID, by which NVML finds the one that CUDA uses."""
    import torchvision

    found = {
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "threads": torch.get_num_threads(),
        "settings": settings,
    }
    if work.cuda:
        properties = torch.cuda.get_device_properties(work.device)
        found["memory_mib"] = properties.total_memory // 2**20
        if hasattr(properties, "uuid"):
            uuid = str(properties.uuid)
            found["uuid"] = uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}"
    return found


class WorkerFailed(Exception):
    """A worker said that the cell failed, or is gone. Whatever state it is in, it must be replaced."""


class Worker:
    """The parent's end of a worker process."""

    def __init__(self, device, seed):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, device, seed), daemon=True)
        self.process.start()
        theirs.close()

    def send(self, *word):
        try:
            self.pipe.send(word)
        except OSError as error:
            raise WorkerFailed(f"the worker is gone: {error}") from error

    def heard(self):
        """Whether an answer waits."""
        return self.pipe.poll()

    def answer(self, expected, timeout_s, look=lambda: None):
        """The answer that is due; `look` is called now and then and may raise."""
        limit = time.monotonic() + timeout_s
        while not self.pipe.poll(0.05):
            look()
            if time.monotonic() > limit:
                raise WorkerFailed(f"no answer within {timeout_s:g} s")
            if not self.process.is_alive() and not self.pipe.poll():
                raise WorkerFailed(f"the worker ended with {self.process.exitcode}")
        try:
            word, content = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerFailed(f"the worker ended with {self.process.exitcode}") from error
        if word == "failed":
            raise WorkerFailed(content)
        if word != expected:
            raise WorkerFailed(f"answered {word} where {expected} was due")
        return content

    def close(self):
        try:
            self.pipe.send(("close", None))
        except OSError:
            pass
        self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
            # One that hangs in the driver cannot even be killed: the sweep goes on, or ends, without it.
            self.process.join(KILLED_WITHIN_S)
        self.pipe.close()
