"""Fits the glance of `src/verifier/head.rs`: what the first layers alone say of a pair, so that clear ones are read no further.

    python glance.py $M verifier.pt --judged data/judged.tsv MORE.tsv

It adds the glance to the trained verifier, whose own weights stay as they are, and prints for some shares of pairs kept apart
that are surely the same question to the whole network: the glance below which they lie (`APART` in `src/verifier.rs`), how
many pairs are read no further there, and the mean of what the whole network says of these (`DIFFERENT`).
"""

import argparse
import pathlib

import numpy as np
import torch

from model import HIDDEN, Verifier, batch
from pairs import Sampler, of_group, read_groups, read_judged, split
from train import name_data, read_all, read_asked

# The whole network's logit from which a pair is likely to be served.
SERVED = 1.5
# What is the same counts so much more: to lose it is worse than to read on.
SAME_COUNTS = 4
RIDGE = 30
SHARES = [0.002, 0.003, 0.005, 0.01]
BATCH = 64


@torch.no_grad()
def read(verifier, pairs):
    """(what the glance sees after the first layers, the whole network's logit) of each pair."""
    verifier.eval()
    ids = [verifier.encode([p[i] for p in pairs]) for i in (0, 1)]
    seen, logits = np.zeros((len(pairs), 2 * HIDDEN)), np.zeros(len(pairs))
    order = np.argsort([len(a) + len(b) for a, b in zip(*ids)])
    for at in range(0, len(pairs), BATCH):
        places = order[at : at + BATCH]
        logit, compared = verifier.both(*batch([(ids[0][p], ids[1][p]) for p in places]))
        seen[places], logits[places] = compared.float().numpy(), logit.float().numpy()
    return seen, logits


def fit(seen, logits):
    """Weights and bias of a ridge logistic regression on what the whole network says, by Newton's method."""
    target = 1 / (1 + np.exp(-logits))
    mean, deviation = seen.mean(0), seen.std(0) + 1e-4
    x = np.c_[np.ones(len(seen)), (seen - mean) / deviation]
    weight = np.where(target > 0.5, SAME_COUNTS, 1)
    ridge = np.full(x.shape[1], float(RIDGE))
    ridge[0] = 0
    beta = np.zeros(x.shape[1])
    for _ in range(12):
        p = 1 / (1 + np.exp(-x @ beta))
        slope = x.T @ (weight * (target - p)) - ridge * beta
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
        beta += np.linalg.solve(curve, slope)
    weights = beta[1:] / deviation
    return weights, beta[0] - weights @ mean


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("verifier", type=pathlib.Path)
    name_data(parser)
    parser.add_argument("--pairs", type=int, default=28_000)
    options = parser.parse_args()

    forbidden = [text for path in options.forbidden for p in read_all(path) for text in p[:2]]
    parts = split(read_judged(options.judged), read_groups(options.written), forbidden)
    judged, judged_apart, groups, groups_apart = parts
    verifier = Verifier(options.model, dropout=0)
    saved = torch.load(options.verifier, weights_only=True)
    verifier.load_state_dict(saved["weights"], strict=False)

    sampler = Sampler(judged, groups, read_asked(options.model, options.asked, forbidden), seed=0)
    # Judged pairs stand as questions do beside each other: at least half are theirs.
    half = options.pairs // 2
    pairs = sampler.random.sample(judged, min(half, len(judged)))
    pairs += [(first, second) for _, first, second, _ in sampler.epoch()[:half]]
    weights, bias = fit(*read(verifier, pairs))
    written_apart = [p for group in groups_apart for kind in of_group(group)[:2] for p in kind]
    apart = [read(verifier, pairs) for pairs in (judged_apart, written_apart)]
    glances = [seen @ weights + bias for seen, _ in apart]
    glance, logits = np.concatenate(glances), np.concatenate([logits for _, logits in apart])
    served = np.sort(glance[logits > SERVED])
    for share in SHARES:
        least = served[int(share * len(served))]
        judged, written = ((one < least).mean() for one in glances)
        print(
            f"{share:.1%} of {len(served)} below {least:.2f}, with {judged:.1%} of all judged and {written:.1%} of all written; "
            f"mean logit {logits[glance < least].mean():.2f}"
        )
    verifier.glance.weight.data = torch.tensor(weights, dtype=torch.float32)[None]
    verifier.glance.bias.data = torch.tensor([bias], dtype=torch.float32)
    verifier.save(options.verifier)


if __name__ == "__main__":
    main()
