"""Makes the synthetic training volumes (random curved shapes in a cube); noise and crops are left to train.py.

A volume is painted object by object on a grid finer than the voxels and then averaged, so edges are one voxel wide
like those of a voxelised body, or left sharp. Nothing here knows of any measured or bundled sample.
Command: volumes.py FOLDER --scenes KIND --count N --seed S writes FOLDER/KIND-NNNNN.npy, float16 (EDGE, EDGE, EDGE),
values in [0, 1].
"""

import argparse
import os
import pathlib

import numpy

EDGE = 80

# How full a volume is: numbers of bodies (from, below), of parts in a body (below) and of scattered details (one of),
# the largest and the least radius of a body in voxels, and how far outside the cube its centre may lie.
SCENES = {
    "sparse": {"bodies": (1, 5), "parts": 7, "details": (0, 4, 12, 40), "largest": (20, 40, 70), "least": 6, "margin": 0.1},
    "dense": {"bodies": (3, 14), "parts": 8, "details": (0, 5, 15, 60), "largest": (20, 35, 60), "least": 7, "margin": 0.0},
}


def random_rotation(rng):
    """A rotation matrix (3, 3): none a quarter of the time, otherwise uniform over all rotations."""
    if rng.random() < 0.25:
        return numpy.eye(3)
    basis, upper = numpy.linalg.qr(rng.normal(size=(3, 3)))
    return basis * numpy.sign(numpy.diag(upper))


class Canvas:
    """A cube of EDGE voxels painted at `fine` samples a voxel along each axis; coordinates are in voxels."""

    def __init__(self, rng, fine, background):
        self.rng = rng
        self.fine = fine
        self.values = numpy.full((EDGE * fine,) * 3, background, numpy.float32)

    def paint(self, centre, radii, rotation, inside, value):
        """Sets to value the samples whose local coordinates (axes scaled to 1 at the radii) satisfy inside."""
        reach = numpy.sqrt(((rotation * radii[:, None]) ** 2).sum(0)) * 1.35
        lower = numpy.maximum(numpy.floor((centre - reach) * self.fine), 0).astype(int)
        upper = numpy.minimum(numpy.ceil((centre + reach) * self.fine), EDGE * self.fine).astype(int)
        if (upper <= lower).any():
            return
        axes = [
            ((numpy.arange(lower[a], upper[a]) + 0.5) / self.fine - centre[a]).astype(numpy.float32) for a in range(3)
        ]
        scaled = (rotation / radii[:, None]).astype(numpy.float32)
        local = [
            scaled[i, 0] * axes[0][:, None, None]
            + scaled[i, 1] * axes[1][None, :, None]
            + scaled[i, 2] * axes[2][None, None, :]
            for i in range(3)
        ]
        mask = inside(*local)
        box = self.values[lower[0] : upper[0], lower[1] : upper[1], lower[2] : upper[2]]
        if callable(value):
            box[mask] = value(*local)[mask]
        else:
            box[mask] = value

    def volume(self):
        fine = self.fine
        shape = (EDGE, fine) * 3
        return self.values.reshape(shape).mean((1, 3, 5))


def ellipsoid(x, y, z):
    return x * x + y * y + z * z < 1


def random_inside(rng, radii):
    """A predicate over local coordinates: one kind of solid, shell or cut body."""
    kind = rng.choice(
        ["ellipsoid", "shell", "box", "super", "cylinder", "torus", "wavy", "wavyShell", "cut", "pores"],
        p=[0.28, 0.16, 0.08, 0.08, 0.09, 0.06, 0.09, 0.06, 0.06, 0.04],
    )
    if kind == "shell":
        inner = max(0.0, 1 - rng.uniform(1.2, 7) / radii.mean()) ** 2

        def shell(x, y, z):
            squared = x * x + y * y + z * z
            return (squared < 1) & (squared > inner)

        return shell
    if kind == "box":
        return lambda x, y, z: (abs(x) < 0.75) & (abs(y) < 0.75) & (abs(z) < 0.75)
    if kind == "super":
        power = rng.choice([1.0, 1.5, 4.0])
        return lambda x, y, z: abs(x) ** power + abs(y) ** power + abs(z) ** power < 1
    if kind == "cylinder":
        hollow = rng.choice([0.0, rng.uniform(0.4, 0.9)])

        def cylinder(x, y, z):
            squared = x * x + y * y
            return (squared < 1) & (squared >= hollow * hollow) & (abs(z) < 0.9)

        return cylinder
    if kind == "torus":
        tube = rng.uniform(0.1, 0.35)
        return lambda x, y, z: (numpy.sqrt(x * x + y * y) - (1 - tube)) ** 2 + z * z < tube * tube
    if kind in ("wavy", "wavyShell"):
        waves = rng.normal(size=(3, 3)) * rng.uniform(1.5, 5)
        phase = rng.uniform(0, 6.28, 3)
        height = rng.uniform(0.04, 0.12)
        inner = -1.0 if kind == "wavy" else 1 - rng.uniform(1.5, 6) / radii.mean()

        def wavy(x, y, z):
            length = numpy.sqrt(x * x + y * y + z * z)
            for wave, angle in zip(waves, phase):
                length += height * numpy.sin(wave[0] * x + wave[1] * y + wave[2] * z + angle)
            return (length < 1) & (length > inner)

        return wavy
    if kind == "cut":
        normal = rng.normal(size=3)
        normal /= numpy.linalg.norm(normal)
        depth = rng.uniform(-0.5, 0.7)

        def cut(x, y, z):
            return ellipsoid(x, y, z) & (normal[0] * x + normal[1] * y + normal[2] * z < depth)

        return cut
    if kind == "pores":
        waves = rng.normal(size=(6, 3)) * rng.uniform(4, 10)
        phase = rng.uniform(0, 6.28, 6)
        level = rng.uniform(0.5, 2.5)

        def pores(x, y, z):
            field = sum(
                numpy.cos(wave[0] * x + wave[1] * y + wave[2] * z + angle) for wave, angle in zip(waves, phase)
            )
            return ellipsoid(x, y, z) & (field < level)

        return pores
    return ellipsoid


def random_radii(rng, largest, smallest=1.2):
    """Three radii in voxels: a log-uniform size, moderately or (for discs and rods) strongly unequal."""
    size = numpy.exp(rng.uniform(numpy.log(smallest), numpy.log(largest)))
    unequal = rng.choice([0.0, 0.25, 0.9], p=[0.15, 0.6, 0.25])
    return numpy.maximum(size * numpy.exp(rng.normal(size=3) * unequal), 0.7)


def random_value(rng, palette):
    """A value in [0, 1], mostly of the volume's palette; now and then a smooth wave through the object."""
    value = rng.choice(palette) if rng.random() < 0.7 else rng.random()
    if rng.random() < 0.06:
        wave = rng.normal(size=3) * 2
        swing = rng.uniform(0.02, 0.15)
        return lambda x, y, z: numpy.clip(
            value + swing * numpy.sin(wave[0] * x + wave[1] * y + wave[2] * z), 0, 1
        ).astype(numpy.float32)
    return value


def paint_scene(rng, canvas, palette, background, scene):
    """Bodies from large to small; each may hold smaller bodies and voids inside it."""
    bodies = rng.integers(*scene["bodies"])
    largest = rng.choice(scene["largest"])
    for _ in range(bodies):
        radii = random_radii(rng, largest, scene["least"])
        centre = rng.uniform(-scene["margin"], 1 + scene["margin"], 3) * EDGE
        rotation = random_rotation(rng)
        canvas.paint(centre, radii, rotation, random_inside(rng, radii), random_value(rng, palette))
        if rng.random() < 0.5:
            inner = radii - rng.uniform(1.5, 10)
            if (inner > 1).all():
                filling = background if rng.random() < 0.5 else random_value(rng, palette)
                canvas.paint(centre, inner, rotation, ellipsoid, filling)
        for _ in range(rng.integers(0, scene["parts"])):
            part = random_radii(rng, max(2.0, radii.min() * 0.6))
            direction = rng.normal(size=3)
            offset = rotation.T @ (direction / numpy.linalg.norm(direction) * radii * rng.uniform(0, 0.8))
            filling = background if rng.random() < 0.4 else random_value(rng, palette)
            canvas.paint(centre + offset, part, random_rotation(rng), random_inside(rng, part), filling)
    for _ in range(rng.choice(scene["details"])):
        radii = random_radii(rng, 7)
        filling = background if rng.random() < 0.25 else random_value(rng, palette)
        canvas.paint(rng.uniform(0, EDGE, 3), radii, random_rotation(rng), random_inside(rng, radii), filling)


def make_volume(seed, scenes):
    """(EDGE, EDGE, EDGE) float16 in [0, 1]; the same seed and kind of scene give the same volume."""
    rng = numpy.random.default_rng(seed)
    background = 0.0 if rng.random() < 0.75 else rng.random()
    palette = rng.random(rng.integers(2, 7))
    canvas = Canvas(rng, rng.choice([1, 2, 3], p=[0.15, 0.65, 0.2]), background)
    paint_scene(rng, canvas, palette, background, SCENES[scenes])
    volume = canvas.volume()
    peak = volume.max()
    if peak > 0.05 and rng.random() < 0.6:
        volume *= 1 / peak
    return volume.astype(numpy.float16)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--scenes", choices=sorted(SCENES), default="dense")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for index in range(options.count):
        path = options.folder / f"{options.scenes}-{index:05d}.npy"
        if path.exists():
            continue
        # Written under another name first: the trainer reads this folder while it fills.
        partial = path.with_suffix(".part")
        with open(partial, "wb") as stream:
            numpy.save(stream, make_volume([options.seed, index], options.scenes))
        os.replace(partial, path)


if __name__ == "__main__":
    main()
