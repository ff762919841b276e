//! Made-up questions: what a support team is asked, and what it is not.

const SUPPORT_FRAMES: &[&str] = &[
    "how do I {verb} my {thing}?",
    "I can't {verb} my {thing}",
    "what does it cost to {verb} a {thing}",
    "why was I not able to {verb} the {thing} yesterday?",
    "hi, please {verb} the {thing} for me, thanks",
    "when can I {verb} another {thing}?",
];
const VERBS: &[&str] = &[
    "cancel", "change", "return", "track", "renew", "activate", "block", "order", "pay for", "replace",
    "verify", "share", "transfer", "download", "print", "upgrade",
];
const THINGS: &[&str] = &[
    "card",
    "order",
    "subscription",
    "invoice",
    "parcel",
    "password",
    "account",
    "ticket",
    "insurance",
    "booking",
    "phone",
    "contract",
    "refund",
    "address",
    "membership",
    "voucher",
];
const OTHER_FRAMES: &[&str] = &[
    "what is the capital of {topic}",
    "tell me a story about {topic}",
    "who discovered {topic}",
    "do {topic} dream at night",
    "play some music about {topic}",
    "how tall can {topic} become",
    "write a poem on {topic} and the sea",
    "which film has {topic} in it",
];
const TOPICS: &[&str] = &[
    "penguins",
    "volcanoes",
    "norway",
    "dinosaurs",
    "mushrooms",
    "the moon",
    "black holes",
    "wolves",
    "oak trees",
    "vikings",
    "jazz",
    "tomatoes",
    "glaciers",
    "the roman empire",
    "butterflies",
    "chess",
    "sharks",
    "pyramids",
    "honey",
    "thunder",
    "bamboo",
    "galaxies",
    "octopuses",
    "medieval castles",
    "sunflowers",
];

/// Questions to a support team, all different.
pub fn support() -> Vec<String> {
    let mut texts = Vec::new();
    for frame in SUPPORT_FRAMES {
        for verb in VERBS {
            texts.extend(THINGS.iter().map(|thing| frame.replace("{verb}", verb).replace("{thing}", thing)));
        }
    }
    texts
}

/// Questions nobody would ask it, all different.
pub fn unrelated() -> Vec<String> {
    let mut texts = Vec::new();
    for frame in OTHER_FRAMES {
        texts.extend(TOPICS.iter().map(|topic| frame.replace("{topic}", topic)));
    }
    texts
}
