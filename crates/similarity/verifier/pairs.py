"""The pairs of questions the verifier is trained on, and those kept apart to look at it.

Judged pairs were read by a person's standard (would an expert's answer to the one be right and complete for the
other?), written groups hold several ways to ask one thing and near-misses of it, and what customers of one service may
ask is sorted by the answer they need. Edits and frames make more.
"""

import csv
import itertools
import json
import random
import re
import zlib

from edits import edit, roughen
from frames import framed

# Of a thousand, how many texts of judged pairs and how many groups are kept apart.
JUDGED_APART = 25
GROUPS_APART = 60
# Most pairs an epoch takes of a group: the same, missed, missed among themselves; and of the asks of one answer: the
# same, missed.
OF_GROUP = (4, 4, 1)
OF_ANSWER = (4, 4)
# How many pairs of `frames.py` come with each other one.
FRAMES = 0.2


def plain(text):
    """A text without case and marks: what makes two texts the same one."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def read_judged(paths, leave_out=(), often=()):
    """Rows `label, source, q1, q2` as (first, second, label), without the sources left out; of some sources three times."""
    pairs = []
    for path in paths:
        with open(path, newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["source"] not in leave_out:
                    pairs += [(row["q1"], row["q2"], int(row["label"]))] * (3 if row["source"] in often else 1)
    return pairs


def read_groups(path):
    """Lines of `{"same": […], "other": […]}`: the ones ask one thing, each of the others another thing."""
    with open(path) as file:
        return [json.loads(line) for line in file]


def read_answers(path, forbidden):
    """Lines of `{"author", "trade", "asks": […]}`, the asks of one answer each, as (service, asks)."""
    forbidden = {plain(text) for text in forbidden}
    answers = []
    with open(path) as file:
        for line in map(json.loads, file):
            asks = [text for text in line["asks"] if plain(text) not in forbidden]
            answers.append(((line["author"], line["trade"]), asks))
    return answers


def apart(key, share):
    """Whether something is kept apart; decided by its text, so that more data moves nothing."""
    return zlib.crc32(key.encode()) % 1000 < share


def split(judged, groups, forbidden):
    """(training pairs, pairs kept apart, training groups, groups kept apart), without forbidden texts."""
    forbidden = {plain(text) for text in forbidden}
    judged = [p for p in judged if plain(p[0]) not in forbidden and plain(p[1]) not in forbidden]
    groups = [g for g in groups if not any(plain(t) in forbidden for t in g["same"] + g["other"])]
    kept = [any(apart(text, JUDGED_APART) for text in p[:2]) for p in judged]
    kept_groups = [apart(g["same"][0], GROUPS_APART) for g in groups]
    return (
        [p for p, away in zip(judged, kept) if not away],
        list(dict.fromkeys(p for p, away in zip(judged, kept) if away)),
        [g for g, away in zip(groups, kept_groups) if not away],
        [g for g, away in zip(groups, kept_groups) if away],
    )


def of_group(group):
    """Its pairs: the same, a near-miss of each, and the near-misses among themselves."""
    same = [(a, b, 1) for a, b in itertools.combinations(group["same"], 2)]
    missed = [(a, b, 0) for a in group["same"] for b in group["other"]]
    among = [(a, b, 0) for a, b in itertools.combinations(group["other"], 2)]
    return same, missed, among


class Sampler:
    """Draws an epoch's pairs: those the network still gets wrong more often than those it knows."""

    def __init__(self, judged, groups, answers, seed, of_group=OF_GROUP, of_answer=OF_ANSWER, frames=FRAMES):
        """`answers`: the pairs that are the same and those that are not, of each answer."""
        self.judged, self.groups, self.answers = judged, groups, answers
        self.of_group, self.of_answer, self.frames = of_group, of_answer, frames
        self.random = random.Random(seed)
        self.last_loss = {}

    def epoch(self):
        """Pairs (key, first, second, label), in random order; the key is what `learned` wants back."""
        pairs = [p for p in self.judged if self.wanted(p)]
        for group in self.groups:
            pairs += self.some(of_group(group), self.of_group)
        for kinds in self.answers:
            pairs += self.some(kinds, self.of_answer)
        pairs += self.edits(len(pairs) // 8) + self.framed(int(len(pairs) * self.frames))
        out = [(p[:2], *(self.roughened(text) for text in p[:2]), p[2]) for p in pairs]
        self.random.shuffle(out)
        return out

    def some(self, kinds, most):
        chosen = []
        for kind, most in zip(kinds, most):
            kind = self.random.sample(kind, len(kind))
            chosen += [p for p in kind if self.wanted(p)][:most]
        return chosen

    def learned(self, key, loss):
        """Says how wrong the network was about a pair."""
        self.last_loss[key] = loss

    def wanted(self, pair):
        return self.random.random() < 0.35 + 1.6 * self.last_loss.get(pair[:2], 1.0)

    def edits(self, count):
        texts = [text for group in self.groups for text in group["same"][:2] + group["other"][:1]]
        texts += [p[0] for p in self.random.sample(self.judged, min(len(self.judged), 3000))]
        self.random.shuffle(texts)
        edited = ((text, edit(text, self.random)) for text in texts)
        missed = list(itertools.islice(((a, b, 0) for a, b in edited if b), count))
        same = [(text, roughen(roughen(text, self.random), self.random), 1) for text in texts[: count // 3]]
        return missed + same

    def framed(self, count):
        texts = [text for group in self.groups for text in group["same"] + group["other"]]
        texts += [p[0] for same, _ in self.answers for p in same] + [text for p in self.judged for text in p[:2]]
        made = (pair for text in self.random.sample(texts, len(texts)) for pair in framed(text, self.random))
        return list(itertools.islice(made, count))

    def roughened(self, text):
        return roughen(text, self.random) if self.random.random() < 0.12 else text
