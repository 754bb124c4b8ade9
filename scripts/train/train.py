"""Trains the small DRUNet on synthetic volumes within a time budget; writes checkpoints that training resumes from.

Loss: absolute error, then in the last part squared error (what PSNR measures), both weighted so that every noise level
counts about the same. Adam; the learning rate falls as a cosine of the share of the wall time spent, so that any budget
ends settled. The weights kept are an exponential moving average. What is done to crops and noise is left to augment.py.
With --iterates, crops of a share of the steps are what the denoiser is given within PnP-fast (iterates.py) instead of white noise.
Command: train.py POOL --out checkpoint.pt --minutes 90 [--init earlier.pt] [--threads 1] [--iterates FOLDER]   (POOL as written by volumes.py)
"""

import argparse
import math
import os
import pathlib
import sys
import time

# Freed memory is kept for the next step instead of being handed back and cleared again; glibc reads these at start only.
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}
if __name__ == "__main__" and "MALLOC_TOP_PAD_" not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})

import numpy  # noqa: E402
import torch  # noqa: E402
from augment import random_contrast, random_noise, random_texture  # noqa: E402
from drunet import Drunet  # noqa: E402
from iterates import load_iterates, random_iterate_crop, validate_iterates  # noqa: E402

LARGEST_SIGMA = 0.22
# Crops of a step, and their depth, height and width: deep ones teach the coupling of slices, many ones steady the step.
BATCHES = ((2, 16, 64, 64), (1, 32, 64, 64), (2, 32, 48, 48), (4, 16, 48, 48))
SQUARED_FROM = 0.4
CHECKPOINT_SECONDS = 240


def load_pool(folder, first, last):
    """All volumes in memory as float16; the last ones are left out for validation by the caller's range."""
    paths = sorted(pathlib.Path(folder).glob("*.npy"))[first:last]
    return [numpy.load(path) for path in paths]


def random_crop(rng, volume, shape):
    """An array of `shape` (D, H, W), float32, from a random place, seen from a random side, with random texture and contrast."""
    volume = numpy.transpose(volume, rng.permutation(3))
    start = [rng.integers(0, size - crop + 1) for size, crop in zip(volume.shape, shape)]
    crop = volume[tuple(slice(first, first + size) for first, size in zip(start, shape))]
    for axis in range(3):
        if rng.random() < 0.5:
            crop = numpy.flip(crop, axis)
    return random_contrast(rng, random_texture(rng, crop.astype(numpy.float32)))


def random_sigma(rng):
    """Denser at low noise, where the network has to leave edges as they are."""
    return LARGEST_SIGMA * rng.random() ** 1.4


def make_batch(rng, pool):
    """Input (N, 2, H, W), clean target (N, 1, H, W) and noise level (N, 1, 1, 1); N = crops * depth."""
    count, *shape = BATCHES[rng.integers(len(BATCHES))]
    clean = numpy.stack([random_crop(rng, pool[rng.integers(len(pool))], shape) for _ in range(count)])
    sigma = numpy.array([random_sigma(rng) for _ in range(count)], numpy.float32)[:, None, None, None]
    noisy = clean + sigma * numpy.stack([random_noise(rng, shape) for _ in range(count)])
    inputs = numpy.stack([noisy, numpy.broadcast_to(sigma, clean.shape)], 2)
    sigmas = numpy.repeat(sigma[:, :, :, 0].reshape(count), shape[0])
    return as_tensors(inputs, clean, sigmas)


def make_iterate_batch(rng, scans):
    """As make_batch, of iterates; the noise level answered is the real error of the crop, which the loss is weighted by."""
    count, *shape = BATCHES[rng.integers(len(BATCHES))]
    noisy, clean, labels = zip(*(random_iterate_crop(rng, scans, shape) for _ in range(count)))
    noisy, clean = numpy.stack(noisy), numpy.stack(clean)
    label = numpy.array(labels, numpy.float32)[:, None, None, None]
    inputs = numpy.stack([noisy, numpy.broadcast_to(label, clean.shape)], 2)
    errors = numpy.sqrt(((noisy - clean) ** 2).mean((1, 2, 3)))
    return as_tensors(inputs, clean, numpy.repeat(errors, shape[0]))


def as_tensors(inputs, clean, sigmas):
    height, width = clean.shape[2:]
    return (
        torch.from_numpy(inputs.reshape(-1, 2, height, width)),
        torch.from_numpy(clean.reshape(-1, 1, height, width)),
        torch.from_numpy(sigmas)[:, None, None, None],
    )


def loss_of(difference, sigma, squared):
    """Mean error, weighted by the inverse of how the error of a good denoiser grows with sigma (about sigma^0.8)."""
    weighted = difference * (0.1 * (sigma + 0.008) ** -0.8)
    if squared:
        return 30 * weighted.square().mean()
    # Smooth close to zero, so that flat regions settle instead of jittering with the sign.
    return (weighted.square() + 1e-6).sqrt().mean()


def validate(network, pool):
    """PSNR in dB by sigma, mean squared error over the whole set with fixed noise."""
    result = {}
    for sigma in (0.02, 0.05, 0.1, 0.2):
        rng = numpy.random.default_rng(7)
        error = 0.0
        with torch.no_grad():
            for volume in pool:
                clean = volume[:64, :64, :64].astype(numpy.float32)
                noisy = clean + sigma * rng.standard_normal(clean.shape, dtype=numpy.float32)
                stack = numpy.stack([noisy, numpy.full_like(noisy, sigma)], 1)
                output = network(torch.from_numpy(stack))[:, 0].numpy()
                error += float(((output - clean) ** 2).mean())
        result[sigma] = -10 * math.log10(error / len(pool))
    return result


def save(path, **content):
    """Whole or not at all: an interrupted write never replaces the last checkpoint."""
    partial = f"{path}.part"
    torch.save(content, partial)
    os.replace(partial, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pool", type=pathlib.Path)
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--init", help="checkpoint whose weights and optimiser state start a new run")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--iterates", type=pathlib.Path, nargs="+", help="folders of npm run bench -- denoiserInputs")
    parser.add_argument("--iterate-share", type=float, default=0.6, help="share of the steps that learn from them")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    budget = options.minutes * 60

    validation = load_pool(options.pool, 0, 12)
    pool = load_pool(options.pool, 12, None)
    scans, held_out = load_iterates(options.iterates) if options.iterates else ([], [])
    network = Drunet()
    average = Drunet()
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.Adam(network.parameters(), options.learning_rate)
    step, spent = 0, 0.0
    resuming = os.path.exists(options.out)
    if resuming or options.init:
        saved = torch.load(options.out if resuming else options.init)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        if "optimiser" in saved:
            optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
        spent = saved["seconds"] if resuming else 0.0
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.to(memory_format=torch.channels_last)
    rng = numpy.random.default_rng([options.seed, step])

    written = spent
    running = None
    begun = time.perf_counter() - spent
    while spent < budget:
        share = spent / budget
        warm = min(1.0, (step + 1) / 200)
        for group in optimiser.param_groups:
            group["lr"] = warm * options.learning_rate * (0.5 * (1 + math.cos(math.pi * share)) * 0.995 + 0.005)
        from_iterates = scans and rng.random() < options.iterate_share
        inputs, targets, sigma = make_iterate_batch(rng, scans) if from_iterates else make_batch(rng, pool)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = network(inputs.contiguous(memory_format=torch.channels_last))
        difference = outputs.float() - targets
        loss = loss_of(difference, sigma, share >= SQUARED_FROM)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        decay = min(0.999, (step + 1) / (step + 10))
        with torch.no_grad():
            for kept, current in zip(average.parameters(), network.parameters()):
                kept.lerp_(current, 1 - decay)
        absolute = float(difference.detach().abs().mean())
        running = absolute if running is None else 0.99 * running + 0.01 * absolute
        spent = time.perf_counter() - begun
        if spent - written >= CHECKPOINT_SECONDS or spent >= budget:
            written = spent
            scores = validate(average, validation)
            save(
                options.out,
                network=network.state_dict(),
                average=average.state_dict(),
                optimiser=optimiser.state_dict(),
                step=step,
                seconds=spent,
                scores=scores,
            )
            print(
                f"step {step}  {spent / 60:.1f} of {options.minutes:g} min  L1 {running:.5f}  validation "
                + "  ".join(f"{sigma}: {score:.2f} dB" for sigma, score in scores.items())
                + validate_iterates(average, held_out),
                flush=True,
            )


if __name__ == "__main__":
    main()
