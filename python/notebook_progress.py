"""A configuration of nbconvert: says on standard error which cell it executes, for whoever waits."""
import sys

c = get_config()  # noqa: F821
c.ExecutePreprocessor.on_cell_start = lambda cell, cell_index: print(f"[cell {cell_index + 1}]", file=sys.stderr, flush=True)
