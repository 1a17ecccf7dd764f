"""Needs torch and torchvision."""

import unittest

import torch

import models

# ultralytics' model summaries of the training form and torchvision's model pages, written out here once more.
PUBLISHED = {
    "yolov5n": 1872157,
    "yolov5s": 7235389,
    "yolov5m": 21190557,
    "yolov5l": 46563709,
    "yolov5x": 86749405,
    "resnet18": 11689512,
    "resnet34": 21797672,
    "resnet50": 25557032,
    "resnet101": 44549160,
    "resnet152": 60192808,
}


class Models(unittest.TestCase):
    def test_parameters_are_those_published(self):
        self.assertEqual({name: models.count_parameters(name) for name in PUBLISHED}, PUBLISHED)

    def test_activations_keep_a_usual_scale_in_both_precisions(self):
        # Of all variants the deepest, and the one whose activations die away; without statistics both fail.
        for name in ("yolov5n", "resnet152"):
            model = models.build(name, 3)
            side = models.image_size(name)
            images = torch.empty(1, 3, side, side).uniform_(generator=torch.Generator().manual_seed(9))
            scales = []

            def keep(module, _, output):
                scales.append(output.std().item())

            hooks = [m.register_forward_hook(keep) for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
            with torch.inference_mode():
                model(images)
                for hook in hooks:
                    hook.remove()
                half = model.half()(images.half())
            self.assertGreater(min(scales), 0.05, name)
            self.assertLess(max(scales), 100, name)
            self.assertTrue(torch.isfinite(half).all(), name)

    def test_yolov5_gives_a_box_for_each_anchor(self):
        with torch.inference_mode():
            output = models.build("yolov5n", 3)(torch.rand(1, 3, 640, 640))
        # Three anchors at strides of 8, 16 and 32 pixels; 4 coordinates, 1 objectness, 80 classes.
        self.assertEqual(tuple(output.shape), (1, 3 * (80**2 + 40**2 + 20**2), 85))

    def test_the_seed_draws_the_weights(self):
        weight = [models.build("resnet18", seed).conv1.weight for seed in (3, 3, 4)]
        self.assertTrue(torch.equal(weight[0], weight[1]))
        self.assertFalse(torch.equal(weight[0], weight[2]))
