//! Taking over what was read: what is searched is changed in place, not made anew.

use super::{Phrasing, Read, Remediations, Touched};
use similarity::answering::Further;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// Bytes that a text has around it: its vectors for the two searches, ids, and what holds them.
const AROUND: usize = 1500;

impl Remediations {
    /// Takes over what was read, in the place of what it replaces.
    pub(crate) fn take_over(&mut self, read: Read) {
        match &read.of {
            None => *self = Self::default(),
            Some(touched) => self.forget(touched),
        }
        self.answers.extend(read.answers.into_iter().map(|(id, answer)| (id, Arc::new(answer))));
        self.add_phrasings(read.phrasings);
        self.add_rejections(read.rejections);
        for (id, answer, vector) in read.further {
            let further = self.further.get_or_insert_with(|| Further::new(vector.values.len()));
            if !further.insert(id, answer.0, &vector) {
                tracing::warn!(phrasing = %id, "a vector of another length");
            }
        }
        if !read.reviewed.is_empty() {
            self.forms = OnceLock::new();
            self.reviewed_queries = OnceLock::new();
            self.reviewed.extend(read.reviewed.into_iter().map(Arc::new));
            self.reviewed.sort_by_key(|reviewed| (reviewed.review, reviewed.interaction));
        }
        let exceptions = read.exceptions.into_iter();
        self.exceptions.extend(exceptions.map(|(review, exceptions)| (review, Arc::new(exceptions))));
        if let Some(judged) = read.judged {
            self.calibration = OnceLock::new();
            self.judged = judged;
        }
        self.bytes = self.weighed();
    }

    fn weighed(&self) -> usize {
        let answers = self.answers.values().map(|answer| answer.text.len() + AROUND);
        let rejected = self.rejections.iter().map(|(_, phrasing)| phrasing);
        let phrasings =
            self.phrasings.values().chain(rejected).map(|phrasing| 3 * phrasing.text.len() + AROUND);
        let exceptions = self.exceptions.values().flat_map(|exceptions| exceptions.iter());
        let exchanged = self.reviewed.iter().map(|reviewed| &reviewed.exchanged).chain(exceptions);
        let exchanged = exchanged.map(|one| 2 * (one.query.len() + one.response.len()) + AROUND);
        answers.sum::<usize>() + phrasings.sum::<usize>() + exchanged.sum::<usize>()
    }

    fn forget(&mut self, touched: &Touched) {
        for answer in &touched.answers {
            self.answers.remove(answer);
            if let Some(index) = self.index.get_mut() {
                index.remove_owner(answer.0);
            }
            if let Some(rejected) = self.rejected.get_mut() {
                rejected.remove_owner(answer.0);
            }
            if let Some(further) = &mut self.further {
                further.remove_owner(answer.0);
            }
        }
        if !touched.answers.is_empty() {
            let stays = |phrasing: &Phrasing| touched.answers.binary_search(&phrasing.answer).is_err();
            self.phrasings.retain(|_, phrasing| stays(phrasing));
            self.rejections.retain(|(_, phrasing)| stays(phrasing));
        }
        if !touched.reviews.is_empty() {
            self.forms = OnceLock::new();
            self.reviewed_queries = OnceLock::new();
            self.reviewed.retain(|reviewed| touched.reviews.binary_search(&reviewed.review).is_err());
            self.exceptions.retain(|review, _| touched.reviews.binary_search(review).is_err());
        }
    }

    /// One whose vector is not stored leaves the index to be made anew, when it is first needed: that takes the encoder.
    fn add_phrasings(&mut self, phrasings: Vec<(Uuid, Phrasing)>) {
        let all_known = phrasings.iter().all(|(_, phrasing)| phrasing.vector.is_some());
        if let Some(mut index) = self.index.take().filter(|_| all_known) {
            for (id, phrasing) in &phrasings {
                let Some(vector) = &phrasing.vector else { continue };
                index.insert(*id, phrasing.answer.0, &phrasing.text, vector);
                if self.is_own_question(phrasing) {
                    index.mark_question(*id);
                }
            }
            self.index = OnceLock::from(index);
        }
        self.phrasings.extend(phrasings.into_iter().map(|(id, phrasing)| (id, Arc::new(phrasing))));
    }

    /// As [`Remediations::add_phrasings`].
    fn add_rejections(&mut self, rejections: Vec<(Uuid, Phrasing)>) {
        let all_known =
            rejections.iter().all(|(_, phrasing)| phrasing.vector.is_some() || !phrasing.is_read());
        if let Some(mut rejected) = self.rejected.take().filter(|_| all_known) {
            for (id, phrasing) in &rejections {
                let vector = phrasing.vector.clone().filter(|_| phrasing.is_read());
                rejected.insert(*id, phrasing.answer.0, &phrasing.text, vector);
            }
            self.rejected = OnceLock::from(rejected);
        }
        self.rejections.extend(rejections.into_iter().map(|(id, phrasing)| (id, Arc::new(phrasing))));
    }
}
