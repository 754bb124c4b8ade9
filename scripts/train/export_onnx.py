"""Writes a trained checkpoint as the ONNX file the product ships, with its entry in manifest.json.

The exported graph is the folded network with plain 2D kernels; slices, height and width stay free. What the manifest
says of the training is copied from a JSON file; so are its scores by noise level, which `npm run bench -- denoiser` measures.
Command: export_onnx.py CHECKPOINT [--training training.json] [--scores SCORES.json] [--models FOLDER]
"""

import argparse
import hashlib
import json
import pathlib
import tempfile

import onnx
import torch
import torch.nn.functional as functional
from torch import nn

from drunet import AXIS_MULTIPLE, Drunet, DownStage, UpStage

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "drunet-small"
CHANNELS = (16, 32, 64, 128)
BLOCKS = 2


class FoldedDown(nn.Module):
    """DownStage with its kernel already folded, so that the graph holds the 2D kernel and no arithmetic on weights."""

    def __init__(self, stage):
        super().__init__()
        self.weight = nn.Parameter(stage.folded_weight().detach().contiguous())

    def forward(self, x):
        pair_channels = self.weight.shape[1]
        # -1 for the number of slices: half of it follows from twice the channels, whatever the batch.
        pairs = x.reshape(-1, pair_channels, x.shape[2], x.shape[3])
        return functional.conv2d(pairs, self.weight, stride=2)


class FoldedUp(nn.Module):
    """UpStage as a plain transposed convolution, which ONNX Runtime and GPUs run well."""

    def __init__(self, stage):
        super().__init__()
        self.weight = nn.Parameter(stage.folded_weight().detach().contiguous())

    def forward(self, x):
        pairs = functional.conv_transpose2d(x, self.weight, stride=2)
        return pairs.reshape(-1, self.weight.shape[1] // 2, pairs.shape[2], pairs.shape[3])


def fold(network):
    """Replaces the strided stages of a Drunet in place by their folded forms."""
    for module in network.modules():
        for name, child in module.named_children():
            if isinstance(child, DownStage):
                setattr(module, name, FoldedDown(child))
            elif isinstance(child, UpStage):
                setattr(module, name, FoldedUp(child))
    return network


def export(weights, path):
    """Writes the ONNX file and checks its structure."""
    network = Drunet(CHANNELS, BLOCKS)
    network.load_state_dict(weights)
    example = torch.rand(16, 2, 32, 40)
    expected = network(example)
    folded = fold(network)
    gap = float((folded(example) - expected).abs().max().detach())
    if gap > 1e-5:
        raise SystemExit(f"The folded network differs from the trained one by {gap}; nothing was written.")
    with tempfile.NamedTemporaryFile(suffix=".onnx") as temporary:
        torch.onnx.export(
            folded,
            example,
            temporary.name,
            opset_version=16,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes={
                "input": {0: "slices", 2: "height", 3: "width"},
                "output": {0: "slices", 2: "height", 3: "width"},
            },
        )
        model = onnx.load(temporary.name)
    properties = {
        "tomobench.name": NAME,
        "tomobench.form": "folded2d",
        "tomobench.precision": "fp32",
        "tomobench.channels": ",".join(map(str, CHANNELS)),
        "tomobench.blocks": str(BLOCKS),
        "tomobench.depth_multiple": str(AXIS_MULTIPLE),
    }
    onnx.helper.set_model_props(model, properties)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def update_manifest(folder, path, training, scores):
    """Replaces this file's entry in manifest.json; without new scores the old ones stay only if the bytes did not change."""
    manifest_path = folder / "manifest.json"
    entries = json.loads(manifest_path.read_text()) if manifest_path.exists() else []
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    before = next((entry for entry in entries if entry["file"] == path.name), {})
    entry = {
        "file": path.name,
        "name": NAME,
        "sha256": digest,
        "bytes": len(data),
        "form": "folded2d",
        "channels": list(CHANNELS),
        "blocks": BLOCKS,
        "licence": "MIT",
        "origin": "Trained from random weights by scripts/train of this repository on synthetic volumes only.",
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
    options = parser.parse_args()
    options.models.mkdir(parents=True, exist_ok=True)
    path = options.models / f"{NAME}.onnx"
    export(torch.load(options.checkpoint)["average"], path)
    scores = json.loads(options.scores.read_text()) if options.scores else None
    update_manifest(options.models, path, json.loads(options.training.read_text()), scores)
    print(f"Wrote {path.name}, {path.stat().st_size} bytes.")


if __name__ == "__main__":
    main()
