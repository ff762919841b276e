#!/usr/bin/env python3
"""How well a project's issues follow the true intents, and whether the list is ordered by impact.

Import a file whose lines carry `metadata.intent` first, then:

    expert-workspace import FILE.jsonl --project measured
    scripts/measure-grouping.py FILE.jsonl --project measured --url http://127.0.0.1:8080

EW_ADMIN_EMAIL and EW_ADMIN_PASSWORD say who asks. B-cubed: Bagga and Baldwin, 1998, over the interactions that are in
an issue. The order is recomputed from each issue's hours: the sum of severity x 2^(-age / half-life).
"""
import argparse
import collections
import json
import os
import sys
import urllib.parse
import urllib.request
from datetime import datetime


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file")
    arguments.add_argument("--project", required=True, help="its name")
    arguments.add_argument("--url", default="http://127.0.0.1:8080")
    arguments.add_argument("--minimum", type=float, default=0.52, help="fail below this B-cubed F1")
    options = arguments.parse_args()

    with open(options.file, encoding="utf-8") as lines:
        intents = {row["query"]: row["metadata"]["intent"] for row in map(json.loads, lines)}
    api = Api(options.url)
    project = next(p for p in api.all("/v1/projects") if p["name"] == options.project)
    issues = list(api.all(f"/v1/projects/{project['id']}/issues"))
    pairs = []
    for issue in issues:
        for interaction in api.all(f"/v1/projects/{project['id']}/issues/{issue['id']}/interactions"):
            pairs.append((issue["id"], intents[interaction["query"]]))
    precision, recall, f1 = b_cubed(pairs)
    print(f"{len(issues)} issues, {len(pairs)} occurrences, {len({i for _, i in pairs})} intents")
    print(f"B-cubed precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")

    impacts = [recomputed(api.get(f"/v1/projects/{project['id']}/issues/{i['id']}/impact"), i) for i in issues]
    misplaced = [n for n in range(1, len(impacts)) if impacts[n] > impacts[n - 1] * (1 + 1e-9)]
    print(f"{len(misplaced)} issues out of order by the recomputed impact")
    return 0 if f1 >= options.minimum and not misplaced else 1


def b_cubed(pairs):
    """Precision, recall and their harmonic mean over (issue, intent) pairs, one for each interaction."""
    both, of_issue, of_intent = (collections.Counter(key) for key in (pairs, [p[0] for p in pairs], [p[1] for p in pairs]))
    precision = sum(n * n / of_issue[issue] for (issue, _), n in both.items()) / len(pairs)
    recall = sum(n * n / of_intent[intent] for (_, intent), n in both.items()) / len(pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def recomputed(impact, issue):
    """The impact an issue's hours give at the moment the list was made for."""
    as_of = datetime.fromisoformat(issue["impact"]["as_of"])
    half_life = issue["impact"]["half_life_days"] * 24
    age = lambda hour: (as_of - datetime.fromisoformat(hour["start"])).total_seconds() / 3600
    return sum(hour["open_severity_milli"] / 1000 * 2 ** (-age(hour) / half_life) for hour in impact["hours"])


class Api:
    def __init__(self, url):
        self.url = url
        self.token = None
        login = {"email": os.environ["EW_ADMIN_EMAIL"], "password": os.environ["EW_ADMIN_PASSWORD"]}
        self.token = self.get("/v1/auth/login", login)["access_token"]

    def get(self, path, body=None, extra=None):
        headers = {"content-type": "application/json", **(extra or {})}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers)) as reply:
            return json.load(reply)

    def all(self, path):
        """Every item of a list, page by page."""
        cursor = ""
        while cursor is not None:
            page = self.get(f"{path}?limit=100" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""))
            yield from page["items"]
            cursor = page["next_cursor"]


if __name__ == "__main__":
    sys.exit(main())
