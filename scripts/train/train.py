"""Trains the small DRUNet on synthetic volumes within a time budget; writes checkpoints that training resumes from.

Loss: L1, then squared error in the last fifth (what PSNR measures). Adam, learning rate 1e-3 falling as a cosine of the
share of the budget spent, so that any budget ends settled. The weights kept are an exponential moving average.
Command: train.py POOL --out checkpoint.pt --minutes 90 [--threads 1]   (POOL as written by volumes.py)
"""

import argparse
import math
import os
import pathlib
import time

import numpy
import torch
from drunet import Drunet

LEARNING_RATE = 1e-3
LARGEST_SIGMA = 0.25
DEPTH, EDGE, BATCH = 16, 64, 2
SQUARED_FROM = 0.8
CHECKPOINT_SECONDS = 240


def load_pool(folder, first, last):
    """All volumes in memory as float16; the last ones are left out for validation by the caller's range."""
    paths = sorted(pathlib.Path(folder).glob("*.npy"))[first:last]
    return [numpy.load(path) for path in paths]


def random_crop(rng, volume):
    """(DEPTH, EDGE, EDGE) float32 from a random place, seen from a random side, with random contrast inside [0, 1]."""
    volume = numpy.transpose(volume, rng.permutation(3))
    start = [rng.integers(0, size - crop + 1) for size, crop in zip(volume.shape, (DEPTH, EDGE, EDGE))]
    crop = volume[start[0] : start[0] + DEPTH, start[1] : start[1] + EDGE, start[2] : start[2] + EDGE]
    for axis in range(3):
        if rng.random() < 0.5:
            crop = numpy.flip(crop, axis)
    crop = crop.astype(numpy.float32)
    choice = rng.random()
    if choice < 0.2:
        low, high = sorted(rng.random(2))
        crop = low + crop * (high - low)
    elif choice < 0.3:
        crop = 1 - crop
    return crop


def random_sigma(rng):
    """Denser at low noise; a small share is almost clean."""
    draw = rng.random()
    if draw < 0.05:
        return rng.uniform(0, 0.01)
    if draw < 0.55:
        return rng.uniform(0.01, 0.08)
    return rng.uniform(0.05, LARGEST_SIGMA)


def make_batch(rng, pool):
    """Input (BATCH*DEPTH, 2, EDGE, EDGE) and clean target (BATCH*DEPTH, 1, EDGE, EDGE)."""
    inputs = numpy.empty((BATCH, DEPTH, 2, EDGE, EDGE), numpy.float32)
    targets = numpy.empty((BATCH, DEPTH, 1, EDGE, EDGE), numpy.float32)
    for item in range(BATCH):
        clean = random_crop(rng, pool[rng.integers(len(pool))])
        sigma = random_sigma(rng)
        targets[item, :, 0] = clean
        inputs[item, :, 0] = clean + sigma * rng.standard_normal(clean.shape, dtype=numpy.float32)
        inputs[item, :, 1] = sigma
    shape = (BATCH * DEPTH, -1, EDGE, EDGE)
    return torch.from_numpy(inputs.reshape(shape)), torch.from_numpy(targets.reshape(shape))


def validate(network, pool):
    """PSNR in dB by sigma, mean squared error over the whole set with fixed noise."""
    result = {}
    for sigma in (0.05, 0.1):
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
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    budget = options.minutes * 60

    validation = load_pool(options.pool, 0, 12)
    pool = load_pool(options.pool, 12, None)
    network = Drunet()
    average = Drunet()
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    step, spent = 0, 0.0
    if os.path.exists(options.out):
        saved = torch.load(options.out)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["seconds"]
    rng = numpy.random.default_rng([options.seed, step])

    written = spent
    running = None
    while spent < budget:
        start = time.perf_counter()
        share = spent / budget
        warm = min(1.0, (step + 1) / 200)
        for group in optimiser.param_groups:
            group["lr"] = warm * LEARNING_RATE * (0.5 * (1 + math.cos(math.pi * share)) * 0.995 + 0.005)
        inputs, targets = make_batch(rng, pool)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = network(inputs)
        difference = outputs.float() - targets
        loss = difference.abs().mean() if share < SQUARED_FROM else 20 * difference.square().mean()
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
        spent += time.perf_counter() - start
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
                + "  ".join(f"{sigma}: {score:.2f} dB" for sigma, score in scores.items()),
                flush=True,
            )


if __name__ == "__main__":
    main()
