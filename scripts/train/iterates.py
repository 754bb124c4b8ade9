"""What the denoiser is given within PnP-fast, as training data: reads the folders of `npm run bench -- denoiserInputs`.

The errors of an iterate are streaks and edges that are too soft or too sharp, not white noise; they are learnt with the noise level
that the solver names there, a little varied. The last scan of each folder is kept for validation.
"""

import json
import math
import pathlib

import numpy
import torch

LABEL_SPREAD = 0.15


def load_scan(description):
    """Iterates and truth on the solver's scale (reference minimum 0, maximum 1), float16, with the noise levels of the iterates."""
    kept = json.loads(description.read_text())
    reference = torch.load(kept["data"])["dense_reconstruction"].numpy()
    low, high = reference.min(), reference.max()
    clean = ((reference - low) / (high - low)).astype(numpy.float16)
    files = sorted(description.parent.glob(f"{description.stem}-*.npy"))
    iterates = [numpy.load(file).astype(numpy.float16) for file in files]
    return clean, list(zip(kept["sigmas"], iterates))


def load_iterates(folders):
    """(scans to train on, scans to validate on)"""
    training, held_out = [], []
    for folder in folders:
        *first, last = [load_scan(path) for path in sorted(pathlib.Path(folder).glob("*.json"))]
        training += first
        held_out.append(last)
    return training, held_out


def random_iterate_crop(rng, scans, shape):
    """(iterate, truth, noise level): a random place of a random iterate, mirrored, rows and columns perhaps exchanged."""
    clean, iterates = scans[rng.integers(len(scans))]
    sigma, noisy = iterates[rng.integers(len(iterates))]
    start = [rng.integers(0, size - crop + 1) for size, crop in zip(clean.shape, shape)]
    box = tuple(slice(first, first + size) for first, size in zip(start, shape))
    pair = numpy.stack([noisy[box], clean[box]])
    for axis in (1, 2, 3):
        if rng.random() < 0.5:
            pair = numpy.flip(pair, axis)
    if rng.random() < 0.5:
        pair = numpy.swapaxes(pair, 2, 3)
    noisy, clean = pair.astype(numpy.float32)
    return noisy, clean, sigma * math.exp(rng.normal() * LABEL_SPREAD)


def validate_iterates(network, scans):
    """PSNR in dB of iterates before and after the network, as text; the middle 64 voxels of each axis."""
    text = ""
    for clean, iterates in scans:
        box = tuple(slice((size - 64) // 2, (size - 64) // 2 + 64) for size in clean.shape)
        truth = clean[box].astype(numpy.float32)
        for sigma, noisy in (iterates[0], iterates[len(iterates) // 2], iterates[-1]):
            crop = noisy[box].astype(numpy.float32)
            with torch.no_grad():
                stack = numpy.stack([crop, numpy.full_like(crop, sigma)], 1)
                output = network(torch.from_numpy(stack))[:, 0].numpy()
            before, after = (-10 * math.log10(float(((each - truth) ** 2).mean())) for each in (crop, output))
            text += f"  | {sigma:.3f}: {before:.2f} -> {after:.2f}"
    return text
