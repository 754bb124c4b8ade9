"""Writes a trained checkpoint as the ONNX file the product ships, with its entry in manifest.json.

The graph is written by the product's own importer (`model import`), which knows its structure and can leave out what a window does not need; here it
is only checked against PyTorch. What the manifest says of the training is copied from a JSON file; so are its scores by noise level, which
`npm run bench -- denoiser` measures.
Command: export_onnx.py CHECKPOINT [--name drunet-small] [--training training.json] [--scores SCORES.json] [--models FOLDER]
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import tempfile

import numpy
import torch

from drunet import Drunet

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHANNELS = (16, 32, 64, 128)
BLOCKS = 2
CHECKED_SHAPE = (32, 40, 48)
CHECKED_SIGMA = 0.05


def tomobench(*arguments):
    subprocess.run(["npm", "run", "-s", "cli", "--", *map(str, arguments)], cwd=ROOT, check=True)


def export(weights, path):
    """Imports the weights, and compares what the product computes with what PyTorch computes."""
    network = Drunet(CHANNELS, BLOCKS)
    network.load_state_dict(weights)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: pathlib.Path(folder) / name for name in ("weights.pth", "in.npy", "out.npy")}
        torch.save(weights, files["weights.pth"])
        tomobench("model", "import", files["weights.pth"], "--out", path)
        example = torch.rand(CHECKED_SHAPE, generator=torch.Generator().manual_seed(1))
        numpy.save(files["in.npy"], example.numpy())
        tomobench(
            *("denoise", "--volume", files["in.npy"], "--sigma", CHECKED_SIGMA),
            *("--model", path, "--out", files["out.npy"], "--devices", "cpu"),
        )
        with torch.no_grad():
            expected = network(torch.stack([example, torch.full_like(example, CHECKED_SIGMA)], 1))[:, 0].numpy()
        gap = float(numpy.abs(numpy.load(files["out.npy"]) - expected).max())
    if gap > 1e-5:
        path.unlink()
        raise SystemExit(f"The imported network differs from the trained one by {gap}; the file was removed again.")


def update_manifest(folder, path, training, scores):
    """Replaces this file's entry in manifest.json; without new scores the old ones stay only if the bytes did not change."""
    manifest_path = folder / "manifest.json"
    entries = json.loads(manifest_path.read_text()) if manifest_path.exists() else []
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    before = next((entry for entry in entries if entry["file"] == path.name), {})
    entry = {
        "file": path.name,
        "name": path.stem,
        "sha256": digest,
        "bytes": len(data),
        "form": "folded2d",
        "channels": list(CHANNELS),
        "blocks": BLOCKS,
        "licence": "MIT",
        "origin": training.pop("origin"),
        "how_to_make_again": training.pop("how_to_make_again"),
        "trained": training,
        "scores": scores or (before.get("scores") if before.get("sha256") == digest else None),
    }
    others = [other for other in entries if other["file"] != path.name]
    manifest_path.write_text(json.dumps([*others, entry], indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--models", type=pathlib.Path, default=ROOT / "resources" / "models")
    parser.add_argument(
        "--training", type=pathlib.Path, default=ROOT / "scripts" / "train" / "training.json", help="how it was trained"
    )
    parser.add_argument("--scores", type=pathlib.Path, help="JSON: PSNR by noise level")
    parser.add_argument("--name", default="drunet-small", help="of the file and its entry")
    options = parser.parse_args()
    options.models.mkdir(parents=True, exist_ok=True)
    path = options.models / f"{options.name}.onnx"
    export(torch.load(options.checkpoint)["average"], path)
    scores = json.loads(options.scores.read_text()) if options.scores else None
    update_manifest(options.models, path, json.loads(options.training.read_text()), scores)
    print(f"Wrote {path.name}, {path.stat().st_size} bytes.")


if __name__ == "__main__":
    main()
