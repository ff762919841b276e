#!/usr/bin/env python3
"""What answers to the top issues serve: every pair of question and phrasing that is not word for word the same.

Import a file of interactions first (as for measure-grouping.py), then:

    scripts/measure-answers.py FILE.jsonl --project measured --url http://127.0.0.1:8080

Answers the ten top issues with their own question, accepts the proposed ticks, publishes, and looks up every query of
the file. Prints what is served as `question <- phrasing` for a reader to judge. It changes the project.
"""
import argparse
import importlib.util
import json
import pathlib
import sys

spec = importlib.util.spec_from_file_location("grouping", pathlib.Path(__file__).with_name("measure-grouping.py"))
grouping = importlib.util.module_from_spec(spec)
spec.loader.exec_module(grouping)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file")
    arguments.add_argument("--project", required=True, help="its name")
    arguments.add_argument("--url", default="http://127.0.0.1:8080")
    arguments.add_argument("--issues", type=int, default=10)
    options = arguments.parse_args()

    api = grouping.Api(options.url)
    project = next(p for p in api.all("/v1/projects") if p["name"] == options.project)
    base = f"/v1/projects/{project['id']}"
    top = api.get(f"{base}/issues?limit={options.issues}")["items"]
    confirmed = set()
    for issue in top:
        new = {"query": issue["query"], "answer": f"An expert's answer to: {issue['query']}", "issues": [issue["id"]]}
        answer = api.get(f"{base}/answers", new)
        ticked = [p for p in answer["phrasings"] if p["proposed"] and not p["confirmed"]]
        print(f"\n{issue['query']}  ({len(answer['phrasings']) - 1} proposed, {len(ticked)} ticked)")
        for phrasing in ticked:
            print(f"  ticked {phrasing['similarity']:.3f}  {phrasing['text']}")
        if ticked:
            edit = {"confirm": [p["id"] for p in ticked]}
            api.get(f"{base}/answers/{answer['id']}/phrasings", edit, {"if-match": f'"{answer["version"]}"'})
        api.get(f"{base}/answers/{answer['id']}/publish", {}, {"if-match": "*"})
        confirmed |= {issue["query"], *(p["text"] for p in ticked)}

    served, exact = [], 0
    with open(options.file, encoding="utf-8") as lines:
        queries = list(dict.fromkeys(json.loads(line)["query"] for line in lines))
    for query in queries:
        found = api.get(f"{base}/lookup", {"query": query})
        if found["answer"]:
            exact += found["match"]["exact"]
            if not found["match"]["exact"]:
                served.append((found["match"]["similarity"], query, found["match"]["phrasing"]))
    print(f"\n{len(queries)} distinct questions: {exact} served word for word, {len(served)} served as alike:")
    for similarity, query, phrasing in sorted(served):
        print(f"  {similarity:.3f}  {query}  <-  {phrasing}")
    missing = confirmed - set(queries)
    if missing:
        print(f"not in the file: {missing}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
