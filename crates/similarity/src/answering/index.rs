//! A project's confirmed phrasings, in memory.

use crate::embedding::{Embedding, Quantized};
use crate::encoder::DIMENSION;
use crate::normalize;
use crate::prefilter::{CUT, Prefilter};
use crate::scan::Bank;
use crate::static_table::StaticRow;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

/// Phrasings searched at once for different answers: an answer has half a dozen.
const AT_ONCE: usize = 24;

#[derive(Clone)]
struct Entry<K> {
    key: K,
    owner: K,
    text: Arc<str>,
}

/// A phrasing to be put in.
pub struct Phrased<'a, K> {
    /// The phrasing.
    pub key: K,
    /// The answer it belongs to.
    pub owner: K,
    /// Its text.
    pub text: &'a str,
    /// What the encoder made of it.
    pub embedding: Cow<'a, Quantized>,
}

/// What is made of one phrasing by itself, and takes nearly all of the time that putting it in takes.
struct Ready {
    /// The form of [`normalize::exact`].
    form: String,
    row: StaticRow,
}

/// The phrasings of a project's answers. `K` is the type of both the phrasings' and the answers' ids.
#[derive(Clone)]
pub struct PhrasingIndex<K> {
    entries: Vec<Entry<K>>,
    meanings: Bank,
    prefilter: Prefilter,
    /// Phrasings by the form of [`normalize::exact`].
    exact: HashMap<String, Vec<K>>,
    places: HashMap<K, usize>,
    owners: HashMap<K, Owned<K>>,
}

/// What belongs to one answer.
#[derive(Clone)]
struct Owned<K> {
    keys: Vec<K>,
    question: Option<K>,
}

/// Whether a phrasing may be found for this query: of which answer, which.
pub type Keep<'a, K> = &'a dyn Fn(K, K) -> bool;

/// Whether two answers say the same: then whoever asks reads the same words, whichever is served, and they are no rivals.
pub type Same<'a, K> = &'a dyn Fn(K, K) -> bool;

/// A phrasing found near a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour<'a, K> {
    /// The phrasing.
    pub key: K,
    /// The answer it belongs to.
    pub owner: K,
    /// Its text.
    pub text: &'a str,
    /// Its cosine to the query.
    pub similarity: f32,
}

impl<K> Default for PhrasingIndex<K> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            meanings: Bank::new(DIMENSION, DIMENSION),
            prefilter: Prefilter::default(),
            exact: HashMap::new(),
            places: HashMap::new(),
            owners: HashMap::new(),
        }
    }
}

impl<K: Copy + Ord + Hash> PhrasingIndex<K> {
    /// Puts a phrasing of the answer `owner` in, or replaces the one of this key.
    pub fn insert(&mut self, key: K, owner: K, text: &str, embedding: &Quantized) {
        let phrased = Phrased { key, owner, text, embedding: Cow::Borrowed(embedding) };
        let ready = Ready::of(&phrased);
        self.put(&phrased, ready);
    }

    /// As [`PhrasingIndex::insert`] of each in its order. Many take all processors.
    ///
    /// # Panics
    /// The operating system gives no thread.
    pub fn insert_all(&mut self, all: &[Phrased<'_, K>])
    where
        K: Sync,
    {
        const MANY: usize = 256;
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(all.len().div_ceil(MANY));
        let part = all.len().div_ceil(threads.max(1)).max(1);
        let ready: Vec<Vec<Ready>> = thread::scope(|scope| {
            let made = |part: &[Phrased<'_, K>]| part.iter().map(Ready::of).collect();
            let mut parts = all.chunks(part);
            let first = parts.next();
            let others: Vec<_> = parts.map(|part| scope.spawn(move || made(part))).collect();
            let others = others.into_iter().map(|other| other.join().expect("no phrasing panics"));
            first.map(made).into_iter().chain(others.collect::<Vec<_>>()).collect()
        });
        for (phrased, ready) in all.iter().zip(ready.into_iter().flatten()) {
            self.put(phrased, ready);
        }
    }

    fn put(&mut self, phrased: &Phrased<'_, K>, Ready { form, row }: Ready) {
        let Phrased { key, owner, text, ref embedding } = *phrased;
        self.remove(key);
        self.places.insert(key, self.entries.len());
        self.entries.push(Entry { key, owner, text: text.into() });
        self.meanings.push(&embedding.values, embedding.scale);
        self.prefilter.push_row(&row);
        self.exact.entry(form).or_default().push(key);
        let of_answer =
            self.owners.entry(owner).or_insert_with(|| Owned { keys: Vec::new(), question: None });
        of_answer.keys.push(key);
    }

    /// Says that a phrasing is the expert's own question.
    pub fn mark_question(&mut self, key: K) {
        let owner = self.places.get(&key).map(|&place| self.entries[place].owner);
        if let Some(owned) = owner.and_then(|owner| self.owners.get_mut(&owner)) {
            owned.question = Some(key);
        }
    }

    /// The expert's own question of an answer, when it is among the phrasings, with its cosine to a query.
    pub fn question(&self, owner: K, query: &Embedding) -> Option<Neighbour<'_, K>> {
        let key = self.owners.get(&owner)?.question?;
        let place = self.places[&key];
        Some(self.neighbour(place, self.vector(place).embedding().cosine(query)))
    }

    /// A phrasing with its cosine to a query; none when it is not here.
    pub(super) fn neighbour_of(&self, key: K, query: &Embedding) -> Option<Neighbour<'_, K>> {
        let place = *self.places.get(&key)?;
        Some(self.neighbour(place, self.vector(place).embedding().cosine(query)))
    }

    /// The direction of the mean of an answer's phrasings, of those that are kept; none if none is.
    pub fn centroid(&self, owner: K, keep: Option<Keep<'_, K>>) -> Option<Embedding> {
        let keys = &self.owners.get(&owner)?.keys;
        let mut sum = None;
        for key in keys.iter().filter(|key| keep.is_none_or(|keep| keep(owner, **key))) {
            let phrasing = self.vector(self.places[key]).embedding();
            let sum = sum.get_or_insert_with(|| vec![0.0; DIMENSION]);
            for (sum, value) in sum.iter_mut().zip(phrasing.as_slice()) {
                *sum += value;
            }
        }
        sum.map(Embedding::from_f32)
    }

    fn vector(&self, place: usize) -> Quantized {
        let (values, scale) = self.meanings.row(place);
        Quantized { scale, values }
    }

    /// Takes one phrasing out; whether it was there.
    pub fn remove(&mut self, key: K) -> bool {
        let Some(place) = self.places.remove(&key) else { return false };
        let entry = self.entries.swap_remove(place);
        self.meanings.swap_remove(place);
        self.prefilter.swap_remove(place);
        if let Some(owned) = self.owners.get_mut(&entry.owner) {
            owned.keys.retain(|other| *other != key);
            owned.question = owned.question.filter(|question| *question != key);
            if owned.keys.is_empty() {
                self.owners.remove(&entry.owner);
            }
        }
        if let Some(moved) = self.entries.get(place) {
            self.places.insert(moved.key, place);
        }
        let form = normalize::exact(&entry.text);
        if let Some(keys) = self.exact.get_mut(&form) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                self.exact.remove(&form);
            }
        }
        true
    }

    /// Takes every phrasing of an answer out.
    pub fn remove_owner(&mut self, owner: K) {
        let keys = self.owners.get(&owner).map(|owned| owned.keys.clone());
        for key in keys.unwrap_or_default() {
            self.remove(key);
        }
    }

    /// How many phrasings there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The phrasings that are the exact same question, by key; their similarity is 1.
    pub fn exact(&self, text: &str) -> Vec<Neighbour<'_, K>> {
        let mut keys = self.exact.get(&normalize::exact(text)).cloned().unwrap_or_default();
        keys.sort_unstable();
        keys.into_iter().map(|key| self.neighbour(self.places[&key], 1.0)).collect()
    }

    /// Whether any phrasing may be the same question in other words, by static vectors: microseconds. What is the exact same
    /// text is found by [`PhrasingIndex::exact`], whatever this says.
    pub fn may_match(&self, text: &str) -> bool {
        self.prefilter.may_match(text, CUT)
    }

    /// The `count` nearest of the phrasings that are kept, best first, equal ones by key.
    pub fn nearest(
        &self,
        query: &Embedding,
        count: usize,
        keep: Option<Keep<'_, K>>,
    ) -> Vec<Neighbour<'_, K>> {
        let kept = keep.map(|keep| {
            move |place: usize| {
                let Entry { key, owner, .. } = self.entries[place];
                keep(owner, key)
            }
        });
        let kept = kept.as_ref().map(|kept| kept as &dyn Fn(usize) -> bool);
        let found = self.meanings.nearest(query.as_slice(), count, kept);
        let mut found: Vec<_> =
            found.into_iter().map(|(place, similarity)| self.neighbour(place, similarity)).collect();
        found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.key.cmp(&b.key)));
        found
    }

    /// The best phrasing of each of the `count` nearest answers, of those that are kept; best first, equal ones by key.
    /// However many phrasings one answer has near the query, they hide no other. Answers that say the same count as one.
    pub fn nearest_answers(
        &self,
        query: &Embedding,
        count: usize,
        keep: Option<Keep<'_, K>>,
        same: Option<Same<'_, K>>,
    ) -> Vec<Neighbour<'_, K>> {
        let mut found: Vec<Neighbour<'_, K>> = Vec::new();
        loop {
            let known: Vec<K> = found.iter().map(|best| best.owner).collect();
            let others =
                |owner, key| !is_among(&known, owner, same) && keep.is_none_or(|keep| keep(owner, key));
            let nearest = self.nearest(query, AT_ONCE, Some(&others));
            let all = nearest.len() < AT_ONCE;
            let mut known = known.clone();
            for neighbour in nearest {
                if !is_among(&known, neighbour.owner, same) {
                    known.push(neighbour.owner);
                    found.push(neighbour);
                }
            }
            if all || found.len() >= count {
                found.truncate(count);
                return found;
            }
        }
    }

    fn neighbour(&self, place: usize, similarity: f32) -> Neighbour<'_, K> {
        let Entry { key, owner, ref text } = self.entries[place];
        Neighbour { key, owner, text, similarity }
    }
}

impl Ready {
    fn of<K>(phrased: &Phrased<'_, K>) -> Self {
        let row = Prefilter::row(phrased.text, &phrased.embedding);
        Self { form: normalize::exact(phrased.text), row }
    }
}

/// Whether an answer, or one that says the same, is among these.
pub fn is_among<K: Copy + PartialEq>(known: &[K], owner: K, same: Option<Same<'_, K>>) -> bool {
    known.iter().any(|&other| other == owner || same.is_some_and(|same| same(other, owner)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::tests::any_embedding;
    use proptest::prelude::*;

    fn axis(index: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[index] = 1.0;
        Embedding::from_f32(values)
    }

    fn index() -> PhrasingIndex<u32> {
        let mut index = PhrasingIndex::default();
        for (key, owner, text) in [(1, 10, "How do I pay?"), (2, 10, "paying how"), (3, 20, "how do i pay")] {
            index.insert(key, owner, text, &Quantized::of(&axis(key as usize)));
        }
        index
    }

    fn keys(found: &[Neighbour<'_, u32>]) -> Vec<u32> {
        found.iter().map(|neighbour| neighbour.key).collect()
    }

    #[test]
    fn exact_text_is_found_whatever_its_case_and_marks() {
        assert_eq!(keys(&index().exact("HOW do I pay!")), [1, 3]);
        assert_eq!(keys(&index().exact("how do I play")), Vec::<u32>::new());
    }

    #[test]
    fn many_are_put_in_as_each_by_itself() {
        let texts: Vec<String> =
            (0..700).map(|number| format!("How do I pay bill {}?", number % 600)).collect();
        let phrased = |number: usize| Phrased {
            key: number as u32,
            owner: number as u32 / 6,
            text: &texts[number],
            embedding: Cow::Owned(Quantized::of(&axis(number % DIMENSION))),
        };
        let (mut one, mut all) = (index(), index());
        for Phrased { key, owner, text, embedding } in (0..700).map(phrased) {
            one.insert(key, owner, text, &embedding);
        }
        all.insert_all(&[]);
        all.insert_all(&(0..700).map(phrased).collect::<Vec<_>>());
        assert_eq!(all.len(), one.len());
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(all.exact(text), one.exact(text));
            let near = |index: &PhrasingIndex<u32>| index.prefilter.similarity("how can I pay", number);
            assert_eq!(near(&all).to_bits(), near(&one).to_bits());
        }
        let query = axis(5);
        assert_eq!(all.nearest(&query, 9, None), one.nearest(&query, 9, None));
    }

    #[test]
    fn an_answer_with_many_phrasings_hides_no_other() {
        let near = |share: f32| {
            let mut values = axis(0).as_slice().to_vec();
            values[1] = share;
            Embedding::from_f32(values)
        };
        let mut index = PhrasingIndex::default();
        for key in 0..5 * AT_ONCE as u32 {
            index.insert(key, 7, "many", &Quantized::of(&near(key as f32 * 1e-4)));
        }
        for (key, owner, share) in [(1000, 8, 0.5), (1001, 9, 0.6), (1002, 9, 0.4)] {
            index.insert(key, owner, "few", &Quantized::of(&near(share)));
        }
        assert_eq!(keys(&index.nearest_answers(&axis(0), 2, None, None)), [0, 1002]);
        assert_eq!(keys(&index.nearest_answers(&axis(0), 9, None, None)), [0, 1002, 1000]);
        let keep = |owner, key| owner != 7 && key != 1002;
        assert_eq!(keys(&index.nearest_answers(&axis(0), 9, Some(&keep), None)), [1000, 1001]);
        let same = |one, other| one != 9 && other != 9;
        assert_eq!(keys(&index.nearest_answers(&axis(0), 2, None, Some(&same))), [0, 1002]);
        assert_eq!(keys(&index.nearest_answers(&axis(0), 9, None, Some(&same))), [0, 1002]);
    }

    #[test]
    fn what_is_removed_is_found_no_more() {
        let mut index = index();
        assert!(index.remove(1) && !index.remove(1));
        assert_eq!(keys(&index.exact("how do i pay")), [3]);
        assert_eq!(keys(&index.nearest(&axis(3), 1, None)), [3]);
        index.remove_owner(20);
        assert_eq!((index.len(), keys(&index.nearest(&axis(3), 9, None))), (1, vec![2]));
    }

    #[test]
    fn inserting_a_key_again_replaces_it() {
        let mut index = index();
        index.insert(1, 30, "other", &Quantized::of(&axis(9)));
        assert_eq!((index.len(), keys(&index.exact("how do i pay"))), (3, vec![3]));
        assert_eq!(index.nearest(&axis(9), 1, None)[0].owner, 30);
    }

    #[test]
    fn what_may_match_follows_what_is_there() {
        let encoder = crate::Encoder::load();
        let mut index = PhrasingIndex::default();
        let texts = ["How do I reset my password?", "Where is my card?", "Which currencies can I hold?"];
        for (key, text) in texts.into_iter().enumerate() {
            index.insert(key, key, text, &Quantized::of(&encoder.embed(text)));
        }
        assert!(texts.iter().all(|text| index.may_match(text)));
        assert!(!index.may_match("tell me a joke about cats"));
        index.remove(0);
        assert_eq!(texts.map(|text| index.may_match(text)), [false, true, true]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn the_nearest_phrasing_is_found_after_removals(
            embeddings in proptest::collection::vec(any_embedding(), 2..30), removed in 0usize..29, query in any_embedding(),
        ) {
            let mut index = PhrasingIndex::default();
            for (key, embedding) in embeddings.iter().enumerate() {
                index.insert(key, 0, "text", &Quantized::of(embedding));
            }
            index.remove(removed);
            let left = embeddings.iter().enumerate().filter(|(key, _)| *key != removed);
            let best = left.map(|(_, embedding)| embedding.cosine(&query)).max_by(f32::total_cmp).unwrap();
            prop_assert!((index.nearest(&query, 1, None)[0].similarity - best).abs() < 1e-3);
        }
    }
}
