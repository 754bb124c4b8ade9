"""Runs LEAP's own CPU library (a file built from its sources) on one job: python3 bench/peers/leap.py JOB.json. Prints seconds as JSON. Needs nothing but Python."""
import array
import ctypes
import json
import sys
import time


def floats(values):
    return (ctypes.c_float * len(values))(*values)


def buffer(length):
    return (ctypes.c_float * length)()


def main():
    with open(sys.argv[1]) as file:
        job = json.load(file)
    library = ctypes.CDLL(job["library"])
    views, rows, columns = job["views"], job["rows"], job["columns"]
    depth, height, width = job["shape"]
    c_float = ctypes.c_float
    library.set_log_error()
    library.set_GPU(-1)
    places = [floats(job[key]) for key in ("sources", "centres", "rowDirections", "columnDirections")]
    library.set_modularbeam(views, rows, columns, c_float(job["pixelHeight"]), c_float(job["pixelWidth"]), *places)
    size = c_float(job["voxel"])
    library.set_volume(width, height, depth, size, size, c_float(0), c_float(0), c_float(0))
    volume = buffer(depth * height * width)
    with open(job["volume"], "rb") as file:
        file.readinto(volume)
    sinogram = buffer(views * rows * columns)
    seconds = {}
    for name, call in (("forward", library.project_cpu), ("back", library.backproject_cpu)):
        if name not in job["operations"]:
            continue
        best = None
        for _ in range(job["repeats"]):
            start = time.perf_counter()
            if not call(sinogram, volume):
                raise SystemExit(f"LEAP refused to compute {name}.")
            spent = time.perf_counter() - start
            best = spent if best is None else min(best, spent)
        seconds[name] = best
        if name == "forward":
            with open(job["sinogram"], "wb") as file:
                array.array("f", sinogram).tofile(file)
    print(json.dumps(seconds))


main()
