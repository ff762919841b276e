"""The verifier as it is trained: the embedding model's transformer, reading two texts at once, with a head on top.

`crates/similarity/src/verifier.rs` runs the same network over the packed weights. Names of the parts are the same.
"""

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

HIDDEN, HEADS, INNER, LAYERS = 384, 12, 1536, 6
# What every pair is read by; the rest reads on where a glance after these leaves it open.
FIRST_LAYERS = 4
START, END = 101, 102
TEXT_TOKENS = 48
SOURCES = {
    "projection": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "attention_output": ("attention.output.dense",),
    "attention_norm": ("attention.output.LayerNorm",),
    "intermediate": ("intermediate.dense",),
    "output": ("output.dense",),
    "output_norm": ("output.LayerNorm",),
}


class Layer(nn.Module):
    """One transformer layer."""

    def __init__(self):
        super().__init__()
        self.projection = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.attention_output = nn.Linear(HIDDEN, HIDDEN)
        self.attention_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.intermediate = nn.Linear(HIDDEN, INNER)
        self.output = nn.Linear(INNER, HIDDEN)
        self.output_norm = nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x, mask, dropout):
        batch, length, _ = x.shape
        parts = self.projection(x).view(batch, length, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*parts, attn_mask=mask)
        mixed = self.attention_output(mixed.transpose(1, 2).reshape(batch, length, HIDDEN))
        x = self.attention_norm(x + F.dropout(mixed, dropout, self.training))
        inner = self.output(F.gelu(self.intermediate(x)))
        return self.output_norm(x + F.dropout(inner, dropout, self.training))


class Verifier(nn.Module):
    """Two texts in, one logit out. The vectors of words and positions stay as they are: the binary shares them.

    The glance after the first layers is not trained with the rest: `glance.py` fits it.
    """

    def __init__(self, folder, dropout):
        super().__init__()
        weights = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.dropout = dropout
        embedding = lambda name: weights[f"embeddings.{name}_embeddings.weight"]  # noqa: E731
        self.words = nn.Embedding.from_pretrained(embedding("word"))
        self.positions = nn.Embedding.from_pretrained(embedding("position"))
        self.kinds = nn.Embedding.from_pretrained(embedding("token_type").clone(), freeze=False)
        self.original_kind = embedding("token_type")[0].tolist()
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        copy(self.norm, weights, ["embeddings.LayerNorm"])
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        for number, layer in enumerate(self.layers):
            for name, sources in SOURCES.items():
                copy(getattr(layer, name), weights, [f"encoder.layer.{number}.{source}" for source in sources])
        self.dense = nn.Linear(3 * HIDDEN, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)
        self.glance = nn.Linear(2 * HIDDEN, 1)
        self.glance.requires_grad_(False)
        # Until it is fitted it tells nothing apart.
        nn.init.zeros_(self.glance.weight)
        nn.init.zeros_(self.glance.bias)

    def forward(self, tokens, kinds, lengths, is_text):
        return self.both(tokens, kinds, lengths, is_text)[0]

    def both(self, tokens, kinds, lengths, is_text):
        """The logit, and how the texts compare after the first layers."""
        length = tokens.shape[1]
        mask = torch.arange(length)[None] < lengths[:, None]
        x = self.norm(self.words(tokens) + self.positions.weight[:length][None] + self.kinds(kinds))
        x = F.dropout(x, self.dropout, self.training)
        for number, layer in enumerate(self.layers):
            x = layer(x, mask[:, None, None, :], self.dropout)
            if number + 1 == FIRST_LAYERS:
                halfway = compared(x, kinds, is_text)
        features = torch.cat([x[:, 0], compared(x, kinds, is_text)], -1)
        hidden = F.dropout(torch.tanh(self.dense(features)), 0.1, self.training)
        return self.score(hidden)[:, 0].float(), halfway

    def encode(self, texts):
        """Vocabulary ids of each text, without end marks."""
        return [one.ids[:TEXT_TOKENS] for one in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def save(self, path):
        """Writes what `pack.py` reads."""
        weights = {k: v for k, v in self.state_dict().items() if not k.startswith(("words.", "positions."))}
        torch.save({"weights": weights, "original_kind": self.original_kind}, path)


def copy(module, weights, sources):
    """Takes a part's weights over, several sources stacked."""
    module.weight.data = torch.cat([weights[f"{source}.weight"] for source in sources])
    module.bias.data = torch.cat([weights[f"{source}.bias"] for source in sources])


def compared(x, kinds, is_text):
    """How the texts' means differ, and where they agree."""
    first, second = mean(x, (1 - kinds) * is_text), mean(x, kinds * is_text)
    return torch.cat([(first - second).abs(), first * second], -1)


def mean(x, chosen):
    """The mean of the chosen tokens' vectors; zero where none is chosen."""
    chosen = chosen.to(x.dtype)[..., None]
    return (x * chosen).sum(1) / chosen.sum(1).clamp(min=1)


def batch(pairs):
    """Pairs of ids as tensors: tokens, kinds, lengths, and which tokens are text rather than marks or padding."""
    lengths = [len(first) + len(second) + 3 for first, second in pairs]
    tokens = np.zeros((len(pairs), max(lengths)), np.int64)
    kinds, is_text = np.zeros_like(tokens), np.zeros_like(tokens)
    for row, (first, second) in enumerate(pairs):
        between = len(first) + 1
        last = between + len(second) + 1
        tokens[row, : last + 1] = [START, *first, END, *second, END]
        kinds[row, between + 1 : last + 1] = 1
        is_text[row, 1:between] = is_text[row, between + 1 : last] = 1
    return torch.from_numpy(tokens), torch.from_numpy(kinds), torch.tensor(lengths), torch.from_numpy(is_text)
