"""Reads texts out of the files the measurements and the training use, and writes them one a line:

    python texts.py OUT.txt FILE...

A file is told by its name's end; `FILE#PART` takes a part of it:

    .txt      one text a line
    .jsonl    objects: every text under `query`, `text`, `q1`, `q2`, `same`, `other`
    .tsv      a header, then rows: the columns named q1, q2 or text
    .csv      the same with commas and quotes
    .json     CLINC150's form: {"train": [[text, label], ...], ...}; the part is the split, all splits without one
"""

import csv
import json
import pathlib
import sys

COLUMNS = ("query", "text", "q1", "q2", "same", "other")


def read(name):
    """Returns the texts of a file in order, repeated ones included."""
    path, _, part = str(name).partition("#")
    path = pathlib.Path(path)
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".txt":
            return [line.rstrip("\r\n") for line in lines if line.strip()]
        if path.suffix == ".jsonl":
            return [text for line in lines if line.strip() for text in of_object(json.loads(line))]
        if path.suffix == ".tsv":
            return rows(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        if path.suffix == ".csv":
            return rows(csv.DictReader(lines))
        if path.suffix == ".json":
            splits = json.load(lines)
            return [row[0] for split, found in splits.items() if part in ("", split) for row in found]
    raise ValueError(f"{name}: texts are read from .txt, .jsonl, .tsv, .csv and .json")


def rows(table):
    """Returns the texts of a table's rows."""
    return [text for row in table for text in of_object(row)]


def of_object(row):
    """Returns the texts under the known names of one object."""
    found = (row.get(column) for column in COLUMNS)
    return [text for value in found if value for text in (value if isinstance(value, list) else [value])]


def different(names):
    """Returns the texts of several files, each once, in order of first appearance."""
    return list(dict.fromkeys(text for name in names for text in read(name)))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: texts.py OUT.txt FILE...")
    lines = dict.fromkeys(" ".join(text.split()) for text in different(sys.argv[2:]))
    pathlib.Path(sys.argv[1]).write_text("".join(line + "\n" for line in lines if line), "utf-8")
