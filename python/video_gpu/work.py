"""The work of a cell on one device: models kept, images drawn fresh for each batch, forward passes timed."""

import time

import torch
import torch.nn.functional as functional

import models

# The pipeline's crop: of a fixed size, since the boxes of random weights mean nothing. A centred quarter of the image.
CROP = (160, 480)


def strict():
    """fp32 means fp32: no TF32 in matrix products or convolutions. What is set is what is recorded."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    return {
        "matmul_allow_tf32": torch.backends.cuda.matmul.allow_tf32,
        "cudnn_allow_tf32": torch.backends.cudnn.allow_tf32,
        "fp16_reduced_precision_reduction": torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction,
        "cudnn_benchmark": torch.backends.cudnn.benchmark,
    }


def fp32_error(device, prepared=lambda tensor: tensor):
    """Largest error of a convolution and a matrix product in fp32, relative to the root mean square of the exact result.

    Settings say what was asked for and their names change; this says what the device does. `prepared` is applied to the
    fp32 operands (a test rounds them as TF32 would).
    """
    generator = torch.Generator(device=device).manual_seed(1)

    def drawn(*shape):
        return torch.randn(*shape, device=device, dtype=torch.float64, generator=generator).float().double()

    def error(function, *operands):
        exact = function(*operands)
        found = function(*(prepared(operand.float()) for operand in operands)).double()
        return ((found - exact).abs().max() / exact.square().mean().sqrt()).item()

    with torch.inference_mode():
        return max(
            error(functional.conv2d, drawn(1, 64, 32, 32), drawn(64, 64, 3, 3)),
            error(torch.matmul, drawn(256, 512), drawn(512, 256)),
        )


class Work:
    """Batches of cells, one at a time. `seed` draws the weights and the images."""

    def __init__(self, device, seed):
        self.device, self.seed = torch.device(device), seed
        self.cuda = self.device.type == "cuda"
        self.cache = {}
        self.cell = None
        self.generator = torch.Generator(device=self.device).manual_seed(seed)

    def prepare(self, variants, precision, batch):
        """The cell's models, kept for the next time. Memory that earlier cells left unused goes back to the GPU."""
        if self.cell == (variants, precision, batch):
            return
        self.cell, self.checked = None, False
        if self.cuda:
            torch.cuda.empty_cache()
        for variant in variants:
            if (variant, precision) not in self.cache:
                model = models.build(variant, self.seed, self.device)
                self.cache[variant, precision] = model.half() if precision == "fp16" else model
        self.stages = [self.cache[variant, precision] for variant in variants]
        side = models.image_size(variants[0])
        self.shape = (batch, 3, side, side)
        self.dtype = torch.float16 if precision == "fp16" else torch.float32
        self.cell = (variants, precision, batch)

    def forget(self):
        self.cell, self.stages = None, []
        self.cache.clear()
        if self.cuda:
            torch.cuda.empty_cache()

    @torch.inference_mode()
    def batch(self):
        """One batch: seconds of drawing the images and of each stage. Done when it returns."""
        marks = [self._mark()]
        images = torch.empty(self.shape, device=self.device, dtype=self.dtype).uniform_(generator=self.generator)
        marks.append(self._mark())
        output = self.stages[0](images)
        marks.append(self._mark())
        if len(self.stages) == 2:
            low, high = CROP
            crops = functional.interpolate(images[:, :, low:high, low:high], size=(224, 224), mode="bilinear")
            output = self.stages[1](crops)
            marks.append(self._mark())
        if self.cuda:
            marks[-1].synchronize()
        # Once a visit, in the warm-up: arithmetic on infinities is cheaper than that of a model at work.
        if not self.checked:
            if not torch.isfinite(output).all():
                raise FloatingPointError("the outputs are not all finite")
            self.checked = True
        return [self._between(a, b) for a, b in zip(marks, marks[1:])]

    def _mark(self):
        if not self.cuda:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def _between(self, a, b):
        return a.elapsed_time(b) / 1000 if self.cuda else b - a
