//! What changed since the project was moved here before: what does not come by itself is told.

use std::collections::HashSet;

use domain::{AnswerId, ReviewId};
use engine::Engine;
use engine::access::Configuration;

use super::Failure;
use super::bring::Moving;

impl Moving<'_> {
    /// Names the evaluations that are otherwise there than here.
    pub(super) async fn note_configuration(
        &mut self,
        engine: &Engine,
        there: &Configuration,
    ) -> Result<(), Failure> {
        let here = engine.configuration(self.project.id).await?.evaluations;
        for evaluation in &there.evaluations {
            if here.iter().all(|known| known != evaluation) {
                self.report.note_of(
                    "evaluations that are otherwise there by now, and stay as they are here",
                    &evaluation.key,
                );
            }
        }
        Ok(())
    }

    /// Names the answers and reviews that are here and gone there.
    pub(super) async fn note_gone(&mut self, engine: &Engine) -> Result<(), Failure> {
        let here = engine.brought_before(self.project.id).await?;
        let answers: HashSet<AnswerId> = self.survey.answers.iter().flatten().map(|there| there.id).collect();
        for gone in here.answers.iter().filter(|id| !answers.contains(id)) {
            self.report.note_of(
                "answers that were taken away there, and stay here until somebody deletes them",
                gone,
            );
        }
        let reviews = self.survey.reviews.iter().flatten().filter(|there| !there.is_deleted());
        let reviews: HashSet<ReviewId> = reviews.map(|there| there.id).collect();
        for gone in here.reviews.iter().filter(|id| !reviews.contains(id)) {
            self.report.note_of(
                "reviews that were taken back there, and stay here until somebody deletes them",
                gone,
            );
        }
        Ok(())
    }
}
