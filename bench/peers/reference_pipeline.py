"""The reference's denoising step in PyTorch: DRUNet inflated to 3D, its tiling, its batching; the peer of bench/denoiser.ts and bench/iteration.ts.

Written from the description of the experiment, not copied: 3x3 kernels sit in the middle slice of 3x3x3 kernels, 2x2 kernels are repeated
over z and halved (a kernel that already has three axes is taken as it is), windows and batches are those of deepinv's OverlapTilingStrategy,
and the network pads each window as the reference does. Arrays are float32 (D, H, W).
Command: reference_pipeline.py JOB.json, which names weights, volume, out and the settings; prints one line of JSON.
"""

import json
import sys
import time

import numpy
import torch
import torch.nn.functional as functional


def inflate(kernel):
    """(a, b, 3, 3) -> (a, b, 3, 3, 3) with zeros beside the middle; (a, b, 2, 2) -> (a, b, 2, 2, 2), halved."""
    if kernel.dim() == 5:
        return kernel.contiguous()
    if kernel.shape[-1] == 2:
        return torch.stack([kernel, kernel], 2).mul(0.5).contiguous()
    empty = torch.zeros_like(kernel)
    return torch.stack([empty, kernel, empty], 2).contiguous()


class Drunet:
    """The network as ordinary 3D convolutions, from a state_dict with the published names."""

    def __init__(self, path):
        weights = torch.load(path, map_location="cpu")
        self.weights = {name: inflate(value.float()) for name, value in weights.items()}
        self.blocks = sum(name.startswith("m_body.") and name.endswith(".res.0.weight") for name in weights)

    def residuals(self, x, stage, first):
        for block in range(first, first + self.blocks):
            inner = functional.conv3d(x, self.weights[f"{stage}.{block}.res.0.weight"], padding=1)
            x = x + functional.conv3d(functional.relu(inner), self.weights[f"{stage}.{block}.res.2.weight"], padding=1)
        return x

    def network(self, x):
        skips = [functional.conv3d(x, self.weights["m_head.weight"], padding=1)]
        for level in (1, 2, 3):
            y = self.residuals(skips[-1], f"m_down{level}", 0)
            skips.append(functional.conv3d(y, self.weights[f"m_down{level}.{self.blocks}.weight"], stride=2))
        y = self.residuals(skips[3], "m_body", 0)
        for level in (3, 2, 1):
            y = functional.conv_transpose3d(y + skips[level], self.weights[f"m_up{level}.0.weight"], stride=2)
            y = self.residuals(y, f"m_up{level}", 1)
        return functional.conv3d(y + skips[0], self.weights["m_tail.weight"], padding=1)

    def __call__(self, x, sigma):
        """x: (B, 1, D, H, W). The window is padded at its ends unless every axis is a multiple of 8 and above 31."""
        x = torch.cat([x, torch.full_like(x, sigma)], 1)
        shape = x.shape[2:]
        if all(size % 8 == 0 and size > 31 for size in shape):
            return self.network(x)
        padding = []
        for size in reversed(shape):
            padding += [0, -size % 16]
        y = self.network(functional.pad(x, padding, mode="replicate"))
        return y[:, :, : shape[0], : shape[1], : shape[2]]


def plan_axis(size, patch, halo):
    """Patch and halo in use, and the starts of the windows in the volume padded by the halo."""
    if patch > size:
        patch = size - 2 * halo
        if patch <= 0:
            patch, halo = size, size // 8
    window, padded = patch + 2 * halo, size + 2 * halo
    starts = list(range(0, padded - window, patch)) + [padded - window]
    return patch, halo, starts


def denoise(model, volume, sigma, patch, overlap, max_batch, limit):
    """The denoised volume and the number of windows; with a limit only the first windows are run."""
    plans = [plan_axis(size, patch[axis], overlap[axis]) for axis, size in enumerate(volume.shape)]
    padding = [halo for _, halo, _ in reversed(plans) for _ in range(2)]
    padded = functional.pad(volume[None, None], padding, mode="reflect")
    places = [(a, b, c) for a in range(len(plans[0][2])) for b in range(len(plans[1][2])) for c in range(len(plans[2][2]))]
    chosen = places[:limit] if limit else places
    result = torch.zeros_like(volume)
    size = max_batch or len(chosen)
    for first in range(0, len(chosen), size):
        batch = chosen[first : first + size]
        windows = []
        for place in batch:
            cut = [slice(starts[i], starts[i] + p + 2 * h) for (p, h, starts), i in zip(plans, place)]
            windows.append(padded[0, :, cut[0], cut[1], cut[2]])
        outputs = model(torch.stack(windows), sigma)
        for place, output in zip(batch, outputs):
            source, target = [], []
            for (p, h, starts), i in zip(plans, place):
                trim = max(0, starts[i - 1] + p - starts[i]) if i else 0
                source.append(slice(h + trim, h + p))
                target.append(slice(starts[i] + trim, starts[i] + p))
            result[tuple(target)] = output[(0, *source)]
    return result, len(places)


def main():
    job = json.load(open(sys.argv[1], encoding="utf8"))
    torch.set_num_threads(job["threads"])
    model = Drunet(job["weights"])
    x = torch.from_numpy(numpy.load(job["volume"]))
    gradient = torch.zeros_like(x)
    relaxation = job.get("relaxation", 1.0)
    limit = job.get("limit", 0)
    denoise_seconds, update_seconds = [], []
    windows = 0
    with torch.no_grad():
        for _ in range(job.get("warm_up", 1)):
            denoise(model, x, job["sigma"], job["patch"], job["overlap"], job["batch"], min(limit, job["batch"]) or job["batch"])
        for _ in range(job["repeats"]):
            # The updates of one iteration around the network, with a gradient that is already there.
            start = time.perf_counter()
            u = (x - 0.001 * gradient - 0.0) / 1.0
            update = time.perf_counter() - start
            start = time.perf_counter()
            d, windows = denoise(model, u, job["sigma"], job["patch"], job["overlap"], job["batch"], limit)
            denoise_seconds.append(time.perf_counter() - start)
            start = time.perf_counter()
            y = ((1 - relaxation) * u + relaxation * d) * 1.0 + 0.0
            update_seconds.append(update + time.perf_counter() - start)
    if job.get("out"):
        numpy.save(job["out"], y.numpy())
    run = min(limit, windows) if limit else windows
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
                "windows": windows,
                "windows_run": run,
                "denoise_seconds": denoise_seconds,
                "update_seconds": update_seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
