"""Edits of a question by rule: small ones that change what is asked, and rough ones that do not."""

import re

# Words of which one cannot stand for another.
CLASSES = [
    set(words.split())
    for words in (
        "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty",
        "first second third",
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february march april june july august september october november december",
        "today tomorrow yesterday",
        "morning afternoon evening",
        "days weeks months years hours minutes",
        "daily weekly monthly yearly",
    )
]
OPPOSITES = """increase/decrease raise/lower open/close start/stop add/remove buy/sell lock/unlock enable/disable
before/after more/less cheap/expensive old/new first/last early/late send/receive accept/decline above/below
with/without arrive/depart arrival/departure import/export upload/download join/leave minimum/maximum highest/lowest
best/worst win/lose always/never inside/outside push/pull borrow/lend gain/lose long/short fast/slow hot/cold
incoming/outgoing latest/earliest most/least over/under connect/disconnect pause/resume mute/unmute hide/show
allow/block larger/smaller bigger/smaller domestic/international big/small can/can't is/isn't do/don't does/doesn't
was/wasn't will/won't should/shouldn't buyer/seller sender/recipient tenant/landlord employer/employee
upgrade/downgrade deposit/withdraw public/private free/paid personal/business left/right upstairs/downstairs
full/empty light/dark wet/dry internal/external encrypt/decrypt install/uninstall subscribe/unsubscribe
approve/reject approved/rejected accepted/declined included/excluded valid/expired online/offline"""
OPPOSITE = {}
for pair in OPPOSITES.split():
    one, other = pair.split("/")
    OPPOSITE.setdefault(one, []).append(other)
    OPPOSITE.setdefault(other, []).append(one)
OPPOSITE.pop("left")
OPENINGS = [
    ["how do i", "why do i", "when do i", "where do i", "how long do i", "how often do i", "why can't i", "when can i",
     "how much does it cost to", "what happens if i", "am i allowed to", "can i", "should i", "do i have to"],
    ["what is", "why is", "where is", "when is", "who is", "how long is", "how much is"],
]
QUESTION_WORDS = "how what why when where who which what's".split()
GREETINGS = ["hi, ", "hello, ", "hey ", "hey there, ", "please ", "sorry, ", "quick question: ", "good morning, ", "um ",
             "so ", "ok so ", "i am a bit confused, ", "not sure who to ask but ", "can you help? ",
             "i was wondering, ", "could you tell me: ", "help! "]
ENDINGS = [" please", " thanks", " thank you", " asap", " pls", "?", "??", "!", " any idea?", " - thanks in advance",
           " thx", "."]


def edit(text, random):
    """The text with one small change after which it asks something else; None where no rule fits."""
    found = [other for other in [*openings(text, random), *words(text, random), *directions(text), *roles(text)]]
    found = [other for other in found if other != text.lower().strip()]
    return random.choice(found) if found else None


def openings(text, random):
    line = f" {text.lower()} "
    for family in OPENINGS:
        for opening in family:
            if line.startswith(f" {opening} "):
                other = random.choice([one for one in family if one != opening])
                yield f"{other} {line[len(opening) + 2:]}".strip()


def words(text, random):
    said = text.lower().split()
    for place, word in enumerate(said):
        bare = word.strip("?.,!")
        tail = word[len(bare):] if word.startswith(bare) else ""
        put = lambda other: " ".join([*said[:place], other + tail, *said[place + 1:]])  # noqa: B023, E731
        for family in CLASSES:
            if bare in family:
                yield from [put(random.choice(sorted(family - {bare})))] * 3
        if re.fullmatch(r"[$£€]?\d{1,6}", bare):
            digits = re.sub(r"\D", "", bare)
            value = int(digits)
            choices = [value + 1, value * 10, max(1, value // 10), value + random.choice([2, 3, 5, 10]), max(1, value - 1)]
            other = random.choice(choices)
            if other != value:
                yield from [put(bare.replace(digits, str(other)))] * 3
        for other in [random.choice(OPPOSITE[bare])] * 2 if bare in OPPOSITE else []:
            denies = "n't" in other or "n't" in bare
            if not (denies and place > 0 and said[0] in QUESTION_WORDS):
                yield put(other)
        if bare == "not":
            yield " ".join([*said[:place], *said[place + 1:]])


def directions(text):
    line = text.lower()
    found = re.search(r"\bfrom ((?:\w+ ){1,2})to (\w+(?: \w+)?)", line)
    if found:
        swapped = f"from {found[2]} to {found[1].strip()}"
        yield from [f"{line[:found.start()]}{swapped}{line[found.end():]}".strip()] * 3


def roles(text):
    line = text.lower()
    found = re.match(r"\s*(can|does|did|will|should) (my|the|a|an) (\w+) (\w+) (my|the|a|an) (\w+)", line)
    if found and found[3] != found[6]:
        verb, one, who, does, other, whom = found.groups()
        yield from [f"{verb} {other} {whom} {does} {one} {who}{line[found.end():]}".strip()] * 2


def misspell(text, random):
    said = text.split(" ")
    long = [place for place, word in enumerate(said) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    place = random.choice(long)
    word = said[place]
    at = random.randrange(1, len(word) - 1)
    kind = random.random()
    if kind < 0.4:
        said[place] = word[:at] + word[at + 1] + word[at] + word[at + 2:]
    elif kind < 0.75:
        said[place] = word[:at] + word[at + 1:]
    else:
        said[place] = word[:at] + word[at] + word[at:]
    return " ".join(said)


def roughen(text, random):
    """The text as somebody in a hurry writes it: a greeting, a typo, no capitals. It asks the same."""
    kind = random.random()
    if kind < 0.3:
        return random.choice(GREETINGS) + (text if text.startswith("I ") else text[:1].lower() + text[1:])
    if kind < 0.5:
        return text.rstrip("?!. ") + random.choice(ENDINGS)
    if kind < 0.75:
        return misspell(text, random)
    if kind < 0.9:
        return text.lower().rstrip("?!.")
    return misspell(text.lower(), random).replace("'", "")
