import unittest
from collections import Counter

from cells import CONTROL, CONTROL_EVERY, Cell, chosen, grid, schedule


class Grid(unittest.TestCase):
    def test_is_that_of_the_study(self):
        cells = grid()
        kinds = Counter((len(cell.variants), cell.tenants) for cell in cells)
        # 10 variants x 7 batches x 2 precisions; 5 pipelines x 3 batches; 2 variants x 2 batches for 2 and 4 tenants.
        self.assertEqual(kinds, {(1, 1): 140, (2, 1): 15, (1, 2): 4, (1, 4): 4})
        self.assertEqual(len({cell.id for cell in cells}), 163)
        self.assertIn(CONTROL, cells)

    def test_every_shared_cell_has_its_cell_of_one_tenant(self):
        cells = set(grid())
        for cell in cells:
            self.assertIn(Cell(cell.variants, cell.batch, cell.precision), cells)

    def test_chosen_matches_the_whole_id(self):
        self.assertEqual([cell.id for cell in chosen(grid(), r"yolov5n/fp16/b1")], ["yolov5n/fp16/b1"])
        self.assertEqual(len(chosen(grid(), r"resnet\d+/.*")), 5 * 14 + 4)
        self.assertEqual(chosen(grid(), "none"), [])


class Schedule(unittest.TestCase):
    def setUp(self):
        self.entries = schedule(grid(), 5, 11)

    def test_has_each_cell_once_a_repetition(self):
        cells = Counter((entry.cell.id, entry.repetition) for entry in self.entries if entry.control < 0)
        self.assertEqual(len(cells), 163 * 5)
        self.assertEqual(set(cells.values()), {1})
        self.assertEqual(len({entry.key for entry in self.entries}), len(self.entries))

    def test_repetitions_come_one_after_another_each_in_an_order_of_its_own(self):
        orders = [[e.cell.id for e in self.entries if e.repetition == r and e.control < 0] for r in range(5)]
        self.assertEqual([e.repetition for e in self.entries], sorted(e.repetition for e in self.entries))
        self.assertEqual(len({tuple(order) for order in orders}), 5)

    def test_depends_on_the_seed_alone(self):
        self.assertEqual(self.entries, schedule(grid(), 5, 11))
        self.assertNotEqual(self.entries, schedule(grid(), 5, 12))
        # More repetitions add to the end: what was measured keeps its place.
        self.assertEqual(self.entries[:-1], schedule(grid(), 6, 11)[: len(self.entries) - 1])

    def test_the_control_comes_every_ten_windows_first_and_last(self):
        controls = [i for i, entry in enumerate(self.entries) if entry.control >= 0]
        self.assertEqual((controls[0], controls[-1]), (0, len(self.entries) - 1))
        self.assertTrue(all(self.entries[i].cell == CONTROL for i in controls))
        # A block of four cells of several tenants is not broken up.
        self.assertLessEqual(max(b - a - 1 for a, b in zip(controls, controls[1:])), CONTROL_EVERY - 1 + 4)

    def test_cells_of_as_many_tenants_stand_together(self):
        for repetition in range(5):
            tenants = [e.cell.tenants for e in self.entries if e.repetition == repetition]
            for many in (2, 4):
                places = [i for i, t in enumerate(tenants) if t == many]
                self.assertEqual(places, list(range(places[0], places[0] + 4)))
