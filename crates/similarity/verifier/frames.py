"""Pairs made by rule from what a question frames: "How do I …?" and "What do I have to do to …?" ask for one answer,
"How long does it take to …?" for another, whatever stands in the middle.

Near-misses teach that few words decide; without these a network takes every such few words for another question.
"""

import re

# Ways to ask the same of a thing to do; families differ from each other. {} is the thing, a verb and what follows.
HOW = [
    "How do I {}?",
    "How can I {}?",
    "how to {}",
    "What do I have to do to {}?",
    "What do I need to do to {}?",
    "Can you tell me how to {}?",
    "Please tell me how I can {}.",
    "What is the way to {}?",
    "I don't know how to {}.",
    "I need help to {}.",
    "Help me {}, please.",
    "Could you explain how to {}?",
    "how would I {}",
    "What steps do I take to {}?",
    "Is there a way to {}?",
]
MAY = ["Can I {}?", "Am I able to {}?", "Is it possible to {}?", "Could I {}?", "Am I allowed to {}?", "May I {}?"]
FAILS = [
    "Why can't I {}?",
    "I can't {}.",
    "I am unable to {}.",
    "I'm not able to {}, why?",
    "Why am I unable to {}?",
    "I tried to {} and it doesn't work.",
    "It won't let me {}.",
    "I could not {}, what is wrong?",
]
COSTS = [
    "How much does it cost to {}?",
    "Is there a fee to {}?",
    "What is the charge to {}?",
    "Do I have to pay to {}?",
    "Will I be charged if I {}?",
    "what does it cost to {}",
]
LASTS = ["How long does it take to {}?", "How long will it take to {}?", "how much time does it take to {}", "How quickly can I {}?"]
NEEDED = ["Why do I need to {}?", "Why do I have to {}?", "What is the reason that I have to {}?", "Do I really have to {}?"]
WHERE = ["Where can I {}?", "Where do I {}?", "Where do I go to {}?", "where to {}"]
TO_DO = {"how": HOW, "may": MAY, "fails": FAILS, "costs": COSTS, "lasts": LASTS, "needed": NEEDED, "where": WHERE}
# Whoever is told how is told where, or whether: neither the same for certain nor another question for certain.
UNSURE = {frozenset(pair) for pair in [("how", "may"), ("how", "where"), ("may", "where")]}
# But where one gets, finds or sees a thing is how.
GOT = {"get", "find", "order", "buy", "see", "check", "view", "download", "obtain"}

# The same of a thing that costs.
AHEAD = [
    "Is there a fee for {}?",
    "What is the fee for {}?",
    "How much do you charge for {}?",
    "Are there any charges for {}?",
    "Do you charge for {}?",
    "What does {} cost?",
    "Will I have to pay for {}?",
    "Is {} free?",
]
CHARGED = [
    "Why was I charged for {}?",
    "I was charged a fee for {}.",
    "There is a charge for {} on my account, why?",
    "Why did I have to pay for {}?",
    "What is this fee for {} that I was charged?",
    "I see that a fee was taken for {}.",
]
OF_COST = {"ahead": AHEAD, "charged": CHARGED}

# What happened, and what is asked of it, all the same. {} is a whole statement.
HAPPENED = [
    "{}.",
    "{}, why?",
    "{}. What should I do?",
    "Can you tell me why {}?",
    "Do you know why {}?",
    "Help, {}",
    "What is the reason that {}?",
    "I noticed that {}. What is going on?",
    "It seems that {}.",
]

START = r"^(?:(?:hi|hello|hey|please|so|ok|excuse me)[,.!]? )*"
TO_DO_PATTERN = re.compile(
    START
    + r"(?:how (?:do|can|could|would|should) i|how to|what do i (?:have|need) to do to|can you tell me how to|please tell me how to"
    r"|help me|tell me how to|can i|could i|is it possible to|am i able to|i(?: a|')m unable to|i can(?:'t|not)|why can(?:'t|not) i"
    r"|how much does it cost to|how long (?:does|will) it take to|why do i (?:need|have) to|where can i|where do i) "
    r"((?!not\b|i\b|be\b|to\b|the\b|my\b|with\b)[a-z]+ [^?.!;]{3,60})[?.!]*$",
    re.IGNORECASE,
)
COST_PATTERN = re.compile(
    START + r"(?:(?:is|are) there (?:a|an|any) (?:fee|charge|cost)s? (?:for|on)|what (?:is|are) the (?:fee|charge|cost)s? (?:for|of|on)"
    r"|(?:how much )?do you charge for|why was i charged (?:a fee )?for|i was charged (?:a fee )?for) ([^?.!;,]{4,50})[?.!]*$",
    re.IGNORECASE,
)
HAPPENED_PATTERN = re.compile(
    START + r"((?:my|the|this) [^?.!;,]{2,40}? (?:was|is|has|had|isn't|wasn't|hasn't|won't|doesn't|didn't|keeps|got|failed)\b[^?.!;,]{2,50})[.!]*$",
    re.IGNORECASE,
)


def framed(text, rng):
    """Pairs (first, second, label) about the thing that a text asks for or tells of; none when it is none of these."""
    for pattern, families in ((TO_DO_PATTERN, TO_DO), (COST_PATTERN, OF_COST), (HAPPENED_PATTERN, {"happened": HAPPENED})):
        found = pattern.match(text.strip())
        if found:
            return of_families(found[1].strip(), families, rng)
    return []


def of_families(thing, families, rng):
    """A pair of one family, and, where there are more, one of two."""
    name, other = rng.choice(list(families)), rng.choice(list(families))
    first, second = rng.sample(families[name], 2)
    pairs = [(put(thing, first), put(thing, second), 1)]
    if name == "how" and thing.split()[0].lower() in GOT:
        pairs.append((put(thing, first), put(thing, rng.choice(WHERE)), 1))
    if other != name and frozenset((name, other)) not in UNSURE:
        pairs.append((put(thing, first), put(thing, rng.choice(families[other])), 0))
    return pairs


def put(thing, frame):
    """The thing in its frame, with the small or the capital letter that belongs there."""
    begins = thing.split()[0].lower() in ("my", "the", "this") or frame.startswith("{}")
    letter = thing[0].upper() if frame.startswith("{}") else thing[0].lower()
    return frame.format(letter + thing[1:] if begins else thing)
