"""YOLOv5 n/s/m/l/x as published (ultralytics/yolov5 v6.0 to v7.0: models/yolov5*.yaml and models/common.py) and
torchvision's ResNets, with seeded random weights."""

import math

import torch
from torch import nn
from torchvision import models as vision

# depth_multiple and width_multiple of each size.
YOLOV5 = {
    "yolov5n": (0.33, 0.25),
    "yolov5s": (0.33, 0.50),
    "yolov5m": (0.67, 0.75),
    "yolov5l": (1.00, 1.00),
    "yolov5x": (1.33, 1.25),
}
RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
CLASSES = 80
# Anchors of P3, P4, P5 in pixels (yolov5*.yaml).
ANCHORS = (
    (10, 13, 16, 30, 33, 23),
    (30, 61, 62, 45, 59, 119),
    (116, 90, 156, 198, 373, 326),
)
STRIDES = (8, 16, 32)

# Parameters as published: ultralytics' model summaries of the training form (batch normalisation not fused), and
# torchvision's documentation.
PUBLISHED_PARAMETERS = {
    "yolov5n": 1_872_157,
    "yolov5s": 7_235_389,
    "yolov5m": 21_190_557,
    "yolov5l": 46_563_709,
    "yolov5x": 86_749_405,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
}


class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel=1, stride=1, padding=None):
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.cv1 = Conv(channels, channels, 1)
        self.cv2 = Conv(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, x):
        y = self.cv2(self.cv1(x))
        return x + y if self.shortcut else y


class C3(nn.Module):
    """Cross-stage-partial block with three convolutions."""

    def __init__(self, inputs, outputs, repeats, shortcut=True):
        super().__init__()
        hidden = outputs // 2
        self.cv1 = Conv(inputs, hidden)
        self.cv2 = Conv(inputs, hidden)
        self.cv3 = Conv(2 * hidden, outputs)
        self.m = nn.Sequential(*(Bottleneck(hidden, shortcut) for _ in range(repeats)))

    def forward(self, x):
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))


class SPPF(nn.Module):
    """Spatial pyramid pooling, fast form."""

    def __init__(self, inputs, outputs, kernel=5):
        super().__init__()
        hidden = inputs // 2
        self.cv1 = Conv(inputs, hidden)
        self.cv2 = Conv(4 * hidden, outputs)
        self.pool = nn.MaxPool2d(kernel, 1, kernel // 2)

    def forward(self, x):
        x = self.cv1(x)
        y = self.pool(x)
        z = self.pool(y)
        return self.cv2(torch.cat((x, y, z, self.pool(z)), 1))


class Detect(nn.Module):
    """The three heads with their boxes decoded, as in inference; no non-maximum suppression."""

    def __init__(self, channels):
        super().__init__()
        self.heads = nn.ModuleList(nn.Conv2d(c, 3 * (5 + CLASSES), 1) for c in channels)
        self.register_buffer("anchors", torch.tensor(ANCHORS, dtype=torch.float32).view(3, 3, 2))

    def forward(self, features):
        decoded = []
        for head, x, anchors, stride in zip(self.heads, features, self.anchors, STRIDES):
            x = head(x)
            batch, _, height, width = x.shape
            x = x.view(batch, 3, 5 + CLASSES, height, width).permute(0, 1, 3, 4, 2).sigmoid()
            ys, xs = torch.meshgrid(
                torch.arange(height, device=x.device, dtype=x.dtype),
                torch.arange(width, device=x.device, dtype=x.dtype),
                indexing="ij",
            )
            grid = torch.stack((xs, ys), 2) - 0.5
            centre = (x[..., :2] * 2 + grid) * stride
            size = (x[..., 2:4] * 2) ** 2 * anchors.to(x.dtype).view(1, 3, 1, 1, 2)
            decoded.append(torch.cat((centre, size, x[..., 4:]), 4).view(batch, -1, 5 + CLASSES))
        return torch.cat(decoded, 1)


class YoloV5(nn.Module):
    def __init__(self, depth, width):
        super().__init__()

        def c(channels):
            return math.ceil(channels * width / 8) * 8

        def n(repeats):
            return max(round(repeats * depth), 1)

        self.stem = Conv(3, c(64), 6, 2, 2)
        self.down2 = Conv(c(64), c(128), 3, 2)
        self.c2 = C3(c(128), c(128), n(3))
        self.down3 = Conv(c(128), c(256), 3, 2)
        self.c3 = C3(c(256), c(256), n(6))
        self.down4 = Conv(c(256), c(512), 3, 2)
        self.c4 = C3(c(512), c(512), n(9))
        self.down5 = Conv(c(512), c(1024), 3, 2)
        self.c5 = C3(c(1024), c(1024), n(3))
        self.sppf = SPPF(c(1024), c(1024))
        self.lateral5 = Conv(c(1024), c(512))
        self.up4 = C3(2 * c(512), c(512), n(3), shortcut=False)
        self.lateral4 = Conv(c(512), c(256))
        self.up3 = C3(2 * c(256), c(256), n(3), shortcut=False)
        self.pan4 = Conv(c(256), c(256), 3, 2)
        self.out4 = C3(2 * c(256), c(512), n(3), shortcut=False)
        self.pan5 = Conv(c(512), c(512), 3, 2)
        self.out5 = C3(2 * c(512), c(1024), n(3), shortcut=False)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.detect = Detect((c(256), c(512), c(1024)))

    def forward(self, x):
        p3 = self.c3(self.down3(self.c2(self.down2(self.stem(x)))))
        p4 = self.c4(self.down4(p3))
        top = self.lateral5(self.sppf(self.c5(self.down5(p4))))
        middle = self.lateral4(self.up4(torch.cat((self.up(top), p4), 1)))
        small = self.up3(torch.cat((self.up(middle), p3), 1))
        medium = self.out4(torch.cat((self.pan4(small), middle), 1))
        large = self.out5(torch.cat((self.pan5(medium), top), 1))
        return self.detect((small, medium, large))


def fused(model):
    """Batch normalisation folded into the convolutions before it, as YOLOv5 is served."""
    for module in model.modules():
        if isinstance(module, Conv):
            module.conv = nn.utils.fusion.fuse_conv_bn_eval(module.conv, module.bn)
            module.bn = nn.Identity()
    return model


def count_parameters(variant):
    """Parameters of the training form, counted without memory for them."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in architecture(variant).parameters())


def image_size(variant):
    """Side of the square images that a variant takes, pixels."""
    return 640 if variant in YOLOV5 else 224


def architecture(variant):
    if variant in YOLOV5:
        return YoloV5(*YOLOV5[variant])
    if variant in RESNETS:
        return getattr(vision, variant)(weights=None)
    raise ValueError(f"unknown variant {variant!r}")


def standardise(model, images):
    """Batch normalisation's statistics from one pass of images, as training would leave them.

    With the statistics of a new model (0 and 1), random weights let the activations of YOLOv5 die away to 0 and those of
    ResNet-152 overflow half precision: both are cheaper to compute than activations of a usual scale.
    """
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
    model.train()
    with torch.no_grad():
        model(images)
    model.eval()


def build(variant, seed, device="cpu"):
    """The model in evaluation mode, fp32, with weights and statistics drawn from the seed; YOLOv5 fused."""
    torch.manual_seed(seed)
    model = architecture(variant).to(device)
    generator = torch.Generator(device=device).manual_seed(seed)
    side = image_size(variant)
    standardise(model, torch.empty(2, 3, side, side, device=device).uniform_(generator=generator))
    return fused(model) if variant in YOLOV5 else model
