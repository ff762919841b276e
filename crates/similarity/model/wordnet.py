"""Writes sentences for the example `distill` that bring it words the other sentences lack: `wordnet.txt`.

    python wordnet.py WORDNET_FOLDER OUT.txt

WORDNET_FOLDER holds the database files of WordNet 3.0 (`data.noun`, `index.noun`, ...), as Debian's package
`wordnet-base` installs them in /usr/share/wordnet. Two kinds of sentences: the examples that WordNet gives for its
meanings, and crude questions we wrote with gaps, filled with its words, frequent ones more often. Always the same ones.
"""

import itertools
import pathlib
import random
import re
import sys

EXAMPLES = 20_000
DEFINITIONS = 5_000
QUESTIONS = 25_000
FRAMES = """\
how do I {verb} my {noun}?
how can i {verb} a {noun}
what is the {noun} {other}
where can I find a {adj} {noun}
why was my {noun} {verb}ed?
can you {verb} the {noun} for me
I need to {verb} my {noun} but the {other} is {adj}
is there a {noun} for {adj} {other}
my {noun} has not been {adj} since I {verb} it
how much does a {adj} {noun} cost
what happens if i {verb} the {noun}
when will my {noun} {verb}
who can {verb} my {noun}
do you {verb} {noun}s
tell me about {noun} and {other}
please {verb} the {adj} {noun}
i want to {verb} from {noun} to {other}
how long does the {noun} {other} take
The {noun} won't {verb}.
am I allowed to {verb} with a {noun}
which {noun} is best for {other}
show me my {adj} {noun}
{noun} {other} not working
what's the difference between a {noun} and a {other}
Do I need a {noun} to {verb}?
hello, i have a question about the {adj} {noun} you sent
help! someone {verb}ed my {noun}
can't {verb} {noun}
is it {adj} to {verb} a {noun}
i lost my {noun}, can you send a new {other}
""".splitlines()


def glosses(folder):
    """Returns the example sentences and the definitions of all meanings."""
    examples, definitions = [], []
    for kind in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{kind}").read_text("utf-8").splitlines():
            if not line.startswith("  "):
                gloss = line.split(" | ", 1)[1]
                examples += [text for text in re.findall(r'"([^"]{12,160})"', gloss) if len(text.split()) >= 3]
                definition = gloss.split('"')[0].strip(" ;")
                if 3 <= len(definition.split()) <= 18:
                    definitions.append(definition)
    return examples, definitions


def words(folder, kind):
    """Returns the words of a kind and how often each is to be drawn, summed up."""
    found, weights = [], []
    for line in (folder / f"index.{kind}").read_text("utf-8").splitlines():
        fields = line.split()
        if not line.startswith("  ") and re.fullmatch("[a-z][a-z_-]{2,22}", fields[0]):
            found.append(fields[0].replace("_", " "))
            # The number of tagged uses stands after the pointers and the number of meanings.
            weights.append(int(fields[5 + int(fields[3])]) ** 0.6 + 0.02)
    return found, list(itertools.accumulate(weights))


def main(folder, out):
    """Writes the sentences."""
    source = random.Random(0)
    examples, definitions = glosses(folder)
    source.shuffle(examples)
    source.shuffle(definitions)
    kinds = {kind: words(folder, kind) for kind in ("noun", "verb", "adj")}

    def draw(kind):
        found, summed = kinds[kind]
        return source.choices(found, cum_weights=summed)[0]

    questions = [
        source.choice(FRAMES).format(verb=draw("verb"), noun=draw("noun"), other=draw("noun"), adj=draw("adj"))
        for _ in range(QUESTIONS)
    ]
    sentences = examples[:EXAMPLES] + definitions[:DEFINITIONS] + questions
    out.write_text("".join(sentence + "\n" for sentence in sentences), "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: wordnet.py WORDNET_FOLDER OUT.txt")
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
