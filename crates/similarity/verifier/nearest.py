"""Near-misses among the questions asked of one service: to each, the nearest that need another answer."""

import collections

import numpy as np
import torch
import torch.nn.functional as F

from model import END, START, Verifier, mean

# Least cosine of a near-miss, and how many are taken of each question.
LEAST = 0.3
NEAREST = 10


@torch.no_grad()
def embed(folder, texts):
    """The embedding model's unit vectors of texts; it is the verifier before any training."""
    model = Verifier(folder, dropout=0).eval()
    ids = model.encode(texts)
    vectors = np.zeros((len(texts), model.words.weight.shape[1]), np.float32)
    order = sorted(range(len(texts)), key=lambda place: len(ids[place]))
    for start in range(0, len(order), 64):
        places = order[start : start + 64]
        lengths = torch.tensor([len(ids[place]) + 2 for place in places])
        tokens = torch.zeros((len(places), int(lengths.max())), dtype=torch.long)
        for row, place in enumerate(places):
            tokens[row, : lengths[row]] = torch.tensor([START, *ids[place], END])
        mask = torch.arange(tokens.shape[1])[None] < lengths[:, None]
        x = model.norm(model.words(tokens) + model.positions.weight[: tokens.shape[1]][None] + model.kinds.weight[0])
        for layer in model.layers:
            x = layer(x, mask[:, None, None, :], 0)
        vectors[places] = F.normalize(mean(x, mask), dim=1).numpy()
    return vectors


def near_misses(folder, answers):
    """For each of the answers (service, asks), pairs of one of its asks and a near one of another answer, label 0."""
    services = collections.defaultdict(list)
    for number, (service, asks) in enumerate(answers):
        services[service] += [(number, text) for text in asks]
    missed = [[] for _ in answers]
    for asked in services.values():
        owners = np.array([number for number, _ in asked])
        vectors = embed(folder, [text for _, text in asked])
        for (number, text), vector in zip(asked, vectors):
            cosines = np.where(owners == number, -1, vectors @ vector)
            near = [place for place in np.argsort(-cosines)[:NEAREST] if cosines[place] > LEAST]
            missed[number] += [(text, asked[place][1], 0) for place in near]
    return missed
