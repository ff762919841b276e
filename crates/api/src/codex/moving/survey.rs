//! What the logs say of answers and reviews, found in one pass: only ids are kept.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::{InteractionId, ReviewId};
use serde_json::Value;

use super::Failure;
use super::folder::{Folder, List};
use super::shapes::{AnswerThere, LogThere, ReviewThere, read};

/// The answers and the reviews, and what of the logs belongs to them.
#[derive(Debug, Default)]
pub struct Survey {
    /// Answers; one that cannot be read is why.
    pub answers: Vec<Result<AnswerThere, String>>,
    /// Reviews; the same.
    pub reviews: Vec<Result<ReviewThere, String>>,
    /// The logs of each group that has an answer, by the group's id.
    pub of_groups: HashMap<String, Vec<InteractionId>>,
    /// The logs each review was made on.
    pub made_on: HashMap<ReviewId, Vec<InteractionId>>,
    /// The reviews that a log names.
    named: HashSet<ReviewId>,
    /// The logs on which a remediation acted.
    pub acted_on: HashSet<InteractionId>,
    /// Who made a review.
    pub reviewers: HashMap<ReviewId, String>,
    /// Everybody who is named.
    pub people: BTreeSet<String>,
}

impl Survey {
    /// Looks through the folder.
    ///
    /// # Errors
    /// Something is missing or cannot be read.
    pub fn of(folder: &Folder) -> Result<Self, Failure> {
        let mut survey = Self::default();
        folder.pages(List::Answers, |items| {
            survey.answers.extend(items.into_iter().map(|item| read::<AnswerThere>("answer", item)));
            Ok(())
        })?;
        folder.pages(List::Reviews, |items| {
            survey.reviews.extend(items.into_iter().map(|item| read::<ReviewThere>("review", item)));
            Ok(())
        })?;
        let groups: HashSet<String> =
            survey.answers.iter().flatten().filter_map(|answer| answer.issue_id.clone()).collect();
        let mut alike: HashMap<(String, String), InteractionId> = HashMap::new();
        let said: HashSet<(String, String)> = survey.reviews.iter().flatten().filter_map(exchange).collect();
        folder.pages(List::Logs, |items| {
            for log in items {
                survey.note(log, &groups, &said, &mut alike);
            }
            Ok(())
        })?;
        survey.note_reviewed(folder)?;
        survey.find_by_words(&alike);
        survey.name_authors();
        Ok(survey)
    }

    fn note(
        &mut self,
        log: Value,
        groups: &HashSet<String>,
        said: &HashSet<(String, String)>,
        alike: &mut HashMap<(String, String), InteractionId>,
    ) {
        // One that cannot be read is told when it is its turn.
        let Ok(log) = read::<LogThere>("log", log) else { return };
        let acted_on = log.was_acted_on();
        let LogThere { id, question, evaluated_response, issue_id, expert_review_id, .. } = log;
        let Some(id) = id else { return };
        if acted_on {
            self.acted_on.insert(id);
        }
        if let Some(group) = issue_id.filter(|group| groups.contains(group)) {
            self.of_groups.entry(group).or_default().push(id);
        }
        self.note_review(id, expert_review_id, log.expert_review_created_by_user_id);
        let exchange = (question.unwrap_or_default(), evaluated_response.unwrap_or_default());
        if said.contains(&exchange) {
            alike.entry(exchange).or_insert(id);
        }
    }

    fn note_review(&mut self, id: InteractionId, review: Option<ReviewId>, reviewer: Option<String>) {
        let Some(review) = review else { return };
        self.named.insert(review);
        let made_on = self.made_on.entry(review).or_default();
        if !made_on.contains(&id) {
            made_on.push(id);
        }
        if let Some(person) = reviewer {
            self.reviewers.insert(review, person);
        }
    }

    /// The logs with a review that were asked for beside, if they were: a log that was fetched before its review does not name it.
    fn note_reviewed(&mut self, folder: &Folder) -> Result<(), Failure> {
        for list in [List::GoodLogs, List::BadLogs] {
            if folder.page(list, 0)?.is_none() {
                continue;
            }
            folder.pages(list, |items| {
                for log in items.into_iter().filter_map(|log| read::<LogThere>("log", log).ok()) {
                    if let Some(id) = log.id {
                        self.note_review(id, log.expert_review_id, log.expert_review_created_by_user_id);
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Whether there is a review that no log names.
    pub fn misses_logs(&self) -> bool {
        let mut reviews = self.reviews.iter().flatten().filter(|review| !review.is_deleted());
        reviews.any(|review| !self.named.contains(&review.id))
    }

    /// A review that no log names is taken for one of the log that says the same, word for word.
    fn find_by_words(&mut self, alike: &HashMap<(String, String), InteractionId>) {
        for review in self.reviews.iter().flatten() {
            if !self.made_on.contains_key(&review.id)
                && let Some(id) = exchange(review).and_then(|said| alike.get(&said))
            {
                self.made_on.insert(review.id, vec![*id]);
            }
        }
    }

    fn name_authors(&mut self) {
        let answers = self.answers.iter().flatten();
        let answers = answers.flat_map(|answer| [&answer.answered_by, &answer.last_edited_by]);
        let reviews = self.reviews.iter().flatten().map(|review| &review.last_edited_by);
        self.people = answers.chain(reviews).flatten().chain(self.reviewers.values()).cloned().collect();
    }
}

fn exchange(review: &ReviewThere) -> Option<(String, String)> {
    Some((review.query.clone()?, review.evaluated_response.clone()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_review_finds_its_log_by_its_id_or_its_words() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path());
        let id = |n: u128| uuid::Uuid::from_u128(n);
        let keep = |list: List, items: Value| {
            let count = items.as_array().unwrap().len();
            folder.keep(list, 0, &json!({ list.name(): items, "total_count": count })).unwrap();
        };
        keep(
            List::Answers,
            json!([{ "id": id(1), "query": "q", "issue_id": "g", "answered_by": "ann" }, { "id": "odd" }]),
        );
        let review = |n, query: &str| json!({ "id": id(n), "review_status": "bad", "query": query, "evaluated_response": "r", "last_edited_by": "eve" });
        keep(List::Reviews, json!([review(2, "other words"), review(3, "by words"), review(4, "gone")]));
        keep(
            List::Logs,
            json!([
                { "id": id(10), "question": "q", "issue_id": "g", "expert_review_id": id(2), "expert_review_created_by_user_id": "rob" },
                { "id": id(11), "question": "by words", "evaluated_response": "r", "issue_id": "other" },
                { "id": id(12), "question": "by words", "evaluated_response": "r" },
            ]),
        );
        let survey = Survey::of(&folder).unwrap();
        assert!(
            survey.answers[0].is_ok() && survey.answers[1].as_ref().unwrap_err().starts_with("answer odd: ")
        );
        let on =
            |n| survey.made_on.get(&ReviewId(id(n))).map(|on| on.iter().map(|id| id.0).collect::<Vec<_>>());
        assert_eq!((on(2), on(3), on(4)), (Some(vec![id(10)]), Some(vec![id(11)]), None));
        assert_eq!(survey.of_groups.len(), 1);
        assert_eq!(survey.people.iter().map(String::as_str).collect::<Vec<_>>(), ["ann", "eve", "rob"]);
    }
}
