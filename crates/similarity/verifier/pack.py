"""Packs a trained verifier into the one file that the crate embeds: `verifier.q8`.

    python pack.py verifier.pt verifier.q8

The vectors of words and positions stay those of the embedding model (`../model/minilm-l6.q8`), which training left
frozen; only what was trained is packed. Equal input gives an equal blob.

Layout (little-endian, every array starts on a multiple of 64 bytes; `linear` as in `../model/pack.py`):

    header            64 bytes: "same-question-int8 v2", padded with NUL
    kinds             f32[384] twice: what is added to a token of the first, of the second text
    norm              weight f32[384], bias f32[384]
    six layers, each: linear(query, key, value as one) · linear(attention output) · norm
                      · linear(intermediate) · linear(output) · norm
    head              linear(1152 → 384), weights f32[384], bias f32[1]
    glance            weights f32[768], bias f32[1]: after the first layers
"""

import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "model"))
import pack as model  # noqa: E402

LAYERS = 6


def pack(trained, original_kind):
    """Returns the blob for the trained tensors; `original_kind` is what the packed positions hold already."""
    weights = {name: value.float().numpy() for name, value in trained.items()}
    blob = model.Blob(b"same-question-int8 v2")

    def norm(name):
        blob.floats(weights[f"{name}.weight"])
        blob.floats(weights[f"{name}.bias"])

    def linear(name):
        blob.linear(weights[f"{name}.weight"], weights[f"{name}.bias"])

    for kind in weights["kinds.weight"]:
        blob.floats(kind - original_kind)
    norm("norm")
    for layer in range(LAYERS):
        for name in ("projection", "attention_output"):
            linear(f"layers.{layer}.{name}")
        norm(f"layers.{layer}.attention_norm")
        for name in ("intermediate", "output"):
            linear(f"layers.{layer}.{name}")
        norm(f"layers.{layer}.output_norm")
    linear("dense")
    blob.floats(weights["score.weight"][0])
    blob.floats(weights["score.bias"])
    blob.floats(weights["glance.weight"][0])
    blob.floats(weights["glance.bias"])
    return bytes(blob.parts)


def main(trained, out):
    """Packs the file `trained` into the file `out`."""
    saved = torch.load(trained, weights_only=True)
    out.write_bytes(pack(saved["weights"], np.asarray(saved["original_kind"], dtype=np.float32)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: pack.py VERIFIER.pt VERIFIER.q8")
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
