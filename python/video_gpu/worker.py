"""The Video pipeline's models as a runner of `sustainable-ipa measure`: a line of JSON a batch in, its times out.

    python3 worker.py [--device cuda|cpu] [--seed N]

Takes {"variant": "yolov5n" or "yolov5n+resnet18", "batch": 8, "cores": 4, "knobs": {"precision": "fp16"}} and answers
{"latency_s": ..., "draw_s": ..., "stage_1_s": ...}, or {"error": ...}; {"describe": true} is answered with what only
this process knows of its device and versions. Needs torch and torchvision.
"""

import argparse
import json
import sys

# Relative error of a convolution and a product in fp32: some 1e-6, by TF32 some 1e-3.
FP32_WITHIN = 1e-4


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--seed", type=int, default=20240711, help="of the weights and the images")
    given = parser.parse_args(argv)
    # Whatever a library prints must not stand between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr

    import torch

    import work as working

    settings = working.strict()
    if given.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("torch sees no GPU (its CUDA build and the driver must fit): --device cpu tries this out without")
    work = working.Work(given.device, given.seed)
    # The context is open from here on, so that idle power is that of a server at rest.
    torch.zeros(1, device=work.device)
    for line in sys.stdin:
        try:
            asked = json.loads(line)
            answer = about(torch, work, settings, working) if asked.get("describe") else times(torch, work, asked)
        except Exception as error:  # a cell that fails is the harness's to judge
            answer = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        print(json.dumps(answer), file=answers, flush=True)


def times(torch, work, asked):
    """Seconds of a batch: its latency is that of the stages, without the drawing of its images."""
    cell = (tuple(asked["variant"].split("+")), asked.get("knobs", {}).get("precision", "fp32"), asked["batch"])
    if cell[1] not in ("fp32", "fp16"):
        raise ValueError(f"the knob precision must be fp32 or fp16, received {cell[1]!r}")
    parts = tried(work, cell, torch.cuda.OutOfMemoryError)
    if parts is None:
        # Once more with the room that other cells' models took, outside of the handler: the error held on to it.
        work.forget()
        parts = tried(work, cell, ())
    draw_s, *stages = parts
    return {"latency_s": sum(stages), "draw_s": draw_s, **{f"stage_{i + 1}_s": own for i, own in enumerate(stages)}}


def tried(work, cell, spared):
    """The batch's times, or None at an error that is to be spared."""
    try:
        work.prepare(*cell)
        return work.batch()
    except spared:
        return None


def about(torch, work, settings, working):
    """Versions and settings; refused where fp32 is not computed as such, or a model is not the published one."""
    import models
    import torchvision

    error = working.fp32_error(work.device)
    if error > FP32_WITHIN:
        raise ArithmeticError(f"fp32 is not computed as fp32 here: relative error {error:.1e}, at most {FP32_WITHIN:.0e}")
    for name, published in models.PUBLISHED_PARAMETERS.items():
        counted = models.count_parameters(name)
        if counted != published:
            raise ArithmeticError(f"{name} has {counted} parameters, {published} are published")
    found = {"torch": torch.__version__, "torchvision": torchvision.__version__, **settings}
    if not work.cuda:
        return {"trial": "on the CPU: nothing here is of a GPU", "torch_threads": torch.get_num_threads(), **found}
    properties = torch.cuda.get_device_properties(work.device)
    return {
        "hardware": properties.name,
        "gpu_memory_mib": properties.total_memory // 2**20,
        "gpu_uuid": str(getattr(properties, "uuid", "unknown")),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        **found,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
