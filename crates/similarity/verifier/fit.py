"""Fits the score of `src/answering/score.rs` and the table of `calibration.rs` on pairs kept apart from training.

    cargo run --release -p similarity --example evidence -- judged-apart.tsv > judged.evidence
    cargo run --release -p similarity --example evidence -- written-apart.tsv > written.evidence
    python fit.py judged.evidence written.evidence

Judged pairs stand for what a project is asked: they are weighed so that three in four are the same question, as among
real neighbours (332 of 440 that two readers agreed on). Written pairs are near-misses on purpose; they weigh as much
in the fit, and not at all in the table of precisions.
"""

import sys

import numpy as np

CODES = ["number", "negation", "order", "question_word", "swapped_word"]
SAME_SHARE = 0.75
RIDGE = 1.0
DRAWS = 500
PRECISIONS = [0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999]


def read(path):
    """(labels, columns: 1, logit, cosine, one a rule) of what the example `evidence` printed."""
    rows = [line.rstrip("\n").split("\t") for line in open(path)]
    labels = np.array([int(row[0]) for row in rows])
    columns = [[1.0, float(row[2]), float(row[3]), *(float(code in row[4].split(",")) for code in CODES)] for row in rows]
    return labels, np.array(columns)


def weights(labels):
    """Weights that make the share of the same questions `SAME_SHARE`, and sum to how many pairs there are."""
    same = labels.mean()
    return np.where(labels == 1, SAME_SHARE / same, (1 - SAME_SHARE) / (1 - same))


def fit(columns, labels, weight):
    """Ridge logistic regression by Newton's method; rules may only take off, logit and cosine only add."""
    free = np.ones(columns.shape[1], bool)
    while True:
        beta = np.zeros(columns.shape[1])
        x = columns[:, free]
        for _ in range(50):
            p = 1 / (1 + np.exp(-x @ beta[free]))
            ridge = np.full(free.sum(), RIDGE)
            ridge[0] = 0
            slope = x.T @ (weight * (labels - p)) - ridge * beta[free]
            curve = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
            beta[free] += np.linalg.solve(curve, slope)
        wrong = free & np.array([False, *(beta[1:3] < 0), *(beta[3:] > 0)])
        if not wrong.any():
            return beta
        free &= ~wrong


def table(score, labels, weight):
    """For each precision the least score from which everything above is at least so precise."""
    order = np.argsort(-score)
    right = np.cumsum((weight * labels)[order])
    precision = right / np.cumsum(weight[order])
    # No score is better than a higher one: smooth upwards from the least.
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    for target in PRECISIONS:
        good = np.nonzero(precision >= target)[0]
        at = good[-1] if len(good) else 0
        yield target, score[order][at], right[at] / right[-1]


def steady(score, labels):
    """The table's scores, each the median over DRAWS samples with replacement of the pairs: one pair moves it little."""
    random = np.random.RandomState(0)
    drawn = [random.randint(0, len(labels), len(labels)) for _ in range(DRAWS)]
    scores = np.median([[row[1] for row in table(score[i], labels[i], weights(labels[i]))] for i in drawn], axis=0)
    return zip(PRECISIONS, scores)


def main():
    judged, written = (read(path) for path in sys.argv[1:3])
    weight = weights(judged[0])
    written_weight = np.full(len(written[0]), weight.sum() / len(written[0]))
    beta = fit(
        np.concatenate([judged[1], written[1]]),
        np.concatenate([judged[0], written[0]]),
        np.concatenate([weight, written_weight]),
    )
    print("constant %.3f, logit %.3f, cosine %.3f" % tuple(beta[:3]))
    print(", ".join(f"{code} {-value:.3f}" for code, value in zip(CODES, beta[3:])))
    scores = [1 / (1 + np.exp(-columns @ beta)) for _, columns in (judged, written)]
    for target, score in steady(scores[0], judged[0]):
        shares = [[(s[labels == label] >= score).mean() for label in (1, 0)] for s, (labels, _) in zip(scores, (judged, written))]
        print(f"precision {target}: score {score:.4f}; " + "; ".join(
            f"{name}: same {same:.3f}, different {different:.3f}"
            for name, (same, different) in zip(("judged", "written"), shares)
        ))


if __name__ == "__main__":
    main()
