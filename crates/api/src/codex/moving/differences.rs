//! What a log has and an interaction here has not, or has otherwise.

use domain::InteractionId;

use super::bring::Moving;
use super::shapes::{DocumentThere, LogThere};

impl Moving<'_> {
    /// What a log has and an interaction has not, or otherwise.
    pub(super) fn note_differences(&mut self, id: InteractionId, log: &LogThere) {
        let known = |answer| self.survey.answers.iter().flatten().any(|there| there.id == answer);
        let gone = log.applied_expert_answer_id.is_some_and(|answer| !known(answer));
        let review = log.applied_expert_review_id;
        let review_gone = review.is_some_and(|review| !self.known.contains_key(&review));
        let fired = log.deterministic_guardrails_results.iter().flatten();
        let differences = [
            (
                gone,
                "interactions that were given an answer which is there no more: what was decided is kept, the answer's words are not",
            ),
            (
                review_gone,
                "interactions on which a review acted which is there no more: what was decided is kept, by which review is not",
            ),
            (
                log.context.iter().flatten().any(DocumentThere::has_more),
                "interactions with titles, sources or tags of documents, of which the texts are kept",
            ),
            (
                log.custom_metadata.as_ref().is_some_and(|kept| !kept.is_null() && !kept.is_object()),
                "interactions with metadata that are no object, which stand under “custom_metadata”",
            ),
            (
                log.ai_guidance_id.is_some(),
                "interactions from which guidance was made: the wire does not list guidance, so write it anew",
            ),
            (
                fired.into_iter().any(|(_, result)| result.should_guardrail == Some(true)),
                "interactions on which deterministic guardrails fired: what they found is kept; the guardrails are not part of the wire, so make them anew",
            ),
        ];
        for (_, sentence) in differences.into_iter().filter(|(differs, _)| *differs) {
            self.report.note_of(sentence, id);
        }
    }
}
