"""DRUNet over volumes, computed as a 2D network; training and export are left to train.py and export_onnx.py.

A volume batch (B, C, D, H, W) is laid out as (B*D, C, H, W). The 3x3 convolutions then work slice by slice, and
only the three strided stages couple slices: pairing two neighbouring slices is the free reshape
(N, C, H, W) -> (N/2, 2C, H, W), so a 2x2x2 kernel of stride 2 is a 2x2 kernel over 2C channels.
Parameter names follow the published DRUNet; the strided stages keep their true 2x2x2 kernels in the state_dict.
"""

import torch
import torch.nn.functional as functional
from torch import nn

# Depth, height and width must be multiples of this: three stages, each halving every axis.
AXIS_MULTIPLE = 8


class ResidualBlock(nn.Module):
    """x + conv3(relu(conv3(x))), in plane, without biases."""

    def __init__(self, channels):
        super().__init__()
        self.res = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        )

    def forward(self, x):
        return x + self.res(x)


class DownStage(nn.Module):
    """Convolution 2x2x2 of stride 2: (N, Cin, H, W) -> (N/2, Cout, H/2, W/2). weight: (Cout, Cin, 2, 2, 2)."""

    def __init__(self, channels_in, channels_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels_out, channels_in, 2, 2, 2))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def folded_weight(self):
        """(Cout, 2*Cin, 2, 2): the channels of the first slice of a pair come before those of the second."""
        return self.weight.transpose(1, 2).flatten(1, 2)

    def forward(self, x):
        slices, channels, height, width = x.shape
        pairs = x.reshape(slices // 2, 2 * channels, height, width)
        return functional.conv2d(pairs, self.folded_weight(), stride=2)


class UpStage(nn.Module):
    """Transposed DownStage: (N, Cin, H, W) -> (2N, Cout, 2H, 2W). weight: (Cin, Cout, 2, 2, 2)."""

    def __init__(self, channels_in, channels_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels_in, channels_out, 2, 2, 2))
        # Each output voxel is reached by one tap only, so the fan-in is the number of input channels.
        nn.init.uniform_(self.weight, -(channels_in**-0.5), channels_in**-0.5)

    def folded_weight(self):
        """(Cin, 2*Cout, 2, 2), in the same order of channels as DownStage."""
        return self.weight.transpose(1, 2).flatten(1, 2)

    def forward(self, x):
        # A 1x1 convolution and a pixel shuffle are the same sum; PyTorch 1.13's transposed convolution is slow.
        taps = self.folded_weight().flatten(1).t()[:, :, None, None]
        pairs = functional.pixel_shuffle(functional.conv2d(x, taps), 2)
        slices, channels, height, width = pairs.shape
        return pairs.reshape(2 * slices, channels // 2, height, width)


class Drunet(nn.Module):
    """(N, 2, H, W) of image in [0, 1] and constant noise level -> (N, 1, H, W); N = batch * depth.

    Depth, H and W must be multiples of AXIS_MULTIPLE. There are no biases, so the network is equivariant to
    scaling the image and the noise level together.
    """

    def __init__(self, channels=(16, 32, 64, 128), blocks=2):
        super().__init__()
        first, second, third, fourth = channels

        def residuals(width):
            return [ResidualBlock(width) for _ in range(blocks)]

        self.m_head = nn.Conv2d(2, first, 3, padding=1, bias=False)
        self.m_down1 = nn.Sequential(*residuals(first), DownStage(first, second))
        self.m_down2 = nn.Sequential(*residuals(second), DownStage(second, third))
        self.m_down3 = nn.Sequential(*residuals(third), DownStage(third, fourth))
        self.m_body = nn.Sequential(*residuals(fourth))
        self.m_up3 = nn.Sequential(UpStage(fourth, third), *residuals(third))
        self.m_up2 = nn.Sequential(UpStage(third, second), *residuals(second))
        self.m_up1 = nn.Sequential(UpStage(second, first), *residuals(first))
        self.m_tail = nn.Conv2d(first, 1, 3, padding=1, bias=False)

    def forward(self, x):
        x1 = self.m_head(x)
        x2 = self.m_down1(x1)
        x3 = self.m_down2(x2)
        x4 = self.m_down3(x3)
        y = self.m_body(x4)
        y = self.m_up3(y + x4)
        y = self.m_up2(y + x3)
        y = self.m_up1(y + x2)
        return self.m_tail(y + x1)
