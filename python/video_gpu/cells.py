"""What the sweep measures, and in which order. Pure: no clock, no torch, no GPU."""

import random
import re
from dataclasses import dataclass

DETECTORS = ("yolov5n", "yolov5s", "yolov5m", "yolov5l", "yolov5x")
CLASSIFIERS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
BATCHES = (1, 2, 4, 8, 16, 32, 64)
PRECISIONS = ("fp32", "fp16")
PIPELINE_BATCHES = (1, 8, 32)
SHARED_VARIANTS = ("yolov5s", "resnet50")
SHARED_BATCHES = (1, 8)
SHARED_TENANTS = (2, 4)
CONTROL_EVERY = 10


@dataclass(frozen=True)
class Cell:
    """`variants`: the stages in order, each fed by the one before. `tenants`: processes that run it at once."""

    variants: tuple
    batch: int
    precision: str
    tenants: int = 1

    @property
    def id(self):
        tenants = "" if self.tenants == 1 else f"/x{self.tenants}"
        return f"{'+'.join(self.variants)}/{self.precision}/b{self.batch}{tenants}"


CONTROL = Cell(("resnet50",), 16, "fp16")


@dataclass(frozen=True)
class Entry:
    """One window to measure. A control is the same cell each time, told apart by its number in the repetition."""

    cell: Cell
    repetition: int
    control: int = -1

    @property
    def key(self):
        name = self.cell.id if self.control < 0 else f"control.{self.control}"
        return f"{name}#{self.repetition}"


def grid():
    """Every cell: the stages alone, the pipelines, and those of several tenants."""
    single = [
        Cell((variant,), batch, precision)
        for variant in DETECTORS + CLASSIFIERS
        for precision in PRECISIONS
        for batch in BATCHES
    ]
    pipelines = [Cell(pair, batch, "fp16") for pair in zip(DETECTORS, CLASSIFIERS) for batch in PIPELINE_BATCHES]
    shared = [
        Cell((variant,), batch, "fp16", tenants)
        for tenants in SHARED_TENANTS
        for variant in SHARED_VARIANTS
        for batch in SHARED_BATCHES
    ]
    return single + pipelines + shared


def chosen(cells, pattern):
    """The cells whose id matches the whole regular expression; all without one."""
    return [cell for cell in cells if pattern is None or re.fullmatch(pattern, cell.id)]


def schedule(cells, repetitions, seed, control=CONTROL):
    """Windows in the order in which they are measured, a function of its arguments alone.

    Each repetition is shuffled anew. Its cells of several tenants stand together, by number of tenants, since they need
    processes of their own: these blocks are shuffled in among the others. A control opens the repetition, comes again
    once ten windows have passed (not inside a block, where other processes stand ready), and closes the whole.
    """
    entries = []
    for repetition in range(repetitions):
        # A string seeds through SHA-512, the same in every version of Python.
        source = random.Random(f"{seed}/{repetition}")
        items = [[cell] for cell in cells if cell.tenants == 1]
        for tenants in sorted({cell.tenants for cell in cells} - {1}):
            block = [cell for cell in cells if cell.tenants == tenants]
            source.shuffle(block)
            items.append(block)
        source.shuffle(items)
        controls, since = 0, CONTROL_EVERY
        for item in items:
            if since >= CONTROL_EVERY:
                entries.append(Entry(control, repetition, controls))
                controls, since = controls + 1, 0
            entries.extend(Entry(cell, repetition) for cell in item)
            since += len(item)
        if repetition == repetitions - 1 and items:
            entries.append(Entry(control, repetition, controls))
    return entries
