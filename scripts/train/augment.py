"""What training does to a crop before noise, and the noise itself; which crop and how strong a noise is left to train.py.

A reconstructed volume differs from a voxelised solid: its edges are as wide as the point spread of detector and
interpolation, its materials have grain, and part of its noise is streaks that lie in the plane of rotation.
Arrays are float32 of shape (D, H, W); the plane of rotation is (H, W).
"""

import numpy

SOFT_SHARE = 0.5
GRAIN_SHARE = 0.25
STREAK_SHARE = 0.1


def soften(volume, width):
    """Gaussian blur of `width` voxels (standard deviation, at most 1.2) along each axis; edges are repeated."""
    taps = numpy.exp(-0.5 * (numpy.arange(-3, 4) / width) ** 2).astype(numpy.float32)
    taps /= taps.sum()
    for axis in range(3):
        padding = [(0, 0)] * 3
        padding[axis] = (3, 3)
        padded = numpy.pad(volume, padding, mode="edge")
        size = volume.shape[axis]
        volume = sum(
            tap * numpy.take(padded, range(first, first + size), axis) for first, tap in enumerate(taps) if tap > 1e-4
        )
    return volume


def random_texture(rng, crop):
    """Half of the crops with softened edges, a quarter with grain in what is not empty; values in [0, 1]."""
    if rng.random() < SOFT_SHARE:
        crop = soften(crop, rng.uniform(0.3, 1.0))
    if rng.random() < GRAIN_SHARE:
        grain = soften(rng.standard_normal(crop.shape, dtype=numpy.float32), rng.uniform(0.5, 1.2))
        strength = rng.uniform(0, 0.04) / grain.std()
        crop = numpy.clip(crop + strength * grain * (crop > 0.05), 0, 1)
    return crop


def random_contrast(rng, crop):
    """A fifth of the crops within a random part of [0, 1], a tenth with values turned over."""
    choice = rng.random()
    if choice < 0.2:
        low, high = sorted(rng.random(2))
        return low + crop * (high - low)
    if choice < 0.3:
        return 1 - crop
    return crop


def streaks(rng, shape):
    """Unit noise of few projections: a ramp spectrum that is zero between the spokes of the projection directions."""
    height, width = shape[1:]
    down = numpy.fft.fftfreq(height)[:, None]
    across = numpy.fft.rfftfreq(width)[None, :]
    views = rng.integers(12, 60)
    spoke = numpy.cos(numpy.arctan2(down, across + 1e-9) * views + rng.uniform(0, 6.28)) ** 2
    gain = numpy.hypot(down, across) ** 0.5 * spoke ** rng.integers(1, 6)
    noise = rng.standard_normal(shape, dtype=numpy.float32)
    result = numpy.fft.irfft2(numpy.fft.rfft2(noise) * gain, shape[1:]).astype(numpy.float32)
    return result / result.std()


def random_noise(rng, shape):
    """Unit noise: white, and in a tenth of the crops partly streaks."""
    white = rng.standard_normal(shape, dtype=numpy.float32)
    if rng.random() >= STREAK_SHARE:
        return white
    part = rng.uniform(0.2, 0.9)
    return (1 - part) ** 0.5 * white + part**0.5 * streaks(rng, shape)
