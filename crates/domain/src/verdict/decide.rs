//! The rules of the verdict, in the order of DESIGN §4.

use std::collections::BTreeMap;

use crate::evaluation::{Evaluation, EvaluationOutcome, judge};
use crate::guardrail::GuardrailHit;
use crate::scoring::Scored;
use crate::settings::{ProjectSettings, ServeAnswers};
use crate::verdict::{
    AnswerMatchState, AnswerOffer, AppliedReview, FallbackSource, Kind, QueryLanguage, ReviewCandidate,
    ReviewEffect, ReviewVerdict, Serve, Verdict,
};

/// Everything a verdict depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct Input<'a> {
    /// What the interaction is.
    pub kind: Kind,
    /// The project's evaluations; those not enabled are passed over.
    pub evaluations: &'a [Evaluation],
    /// Scores by key, as [`crate::scores::check_scores`] gives them. Keys that no evaluation has are kept by
    /// whoever records, and say nothing here.
    pub scores: &'a BTreeMap<String, f64>,
    /// What the scorers said, by key, of what the caller gave no score for.
    pub scored: &'a BTreeMap<String, Scored>,
    /// The request's own thresholds by key, as [`crate::scores::check_thresholds`] gives them.
    pub thresholds: &'a BTreeMap<String, f64>,
    /// Deterministic guardrails that fired.
    pub hits: Vec<GuardrailHit>,
    /// The review that applies, as [`choose_review`] chose it.
    pub review: Option<ReviewCandidate>,
    /// The answer that was found.
    pub offer: Option<AnswerOffer>,
    /// The language of the text that was matched.
    pub language: Option<QueryLanguage>,
    /// The project's settings.
    pub settings: &'a ProjectSettings,
}

/// The review that applies, of those that fit: the nearest (by the less similar of query and response), then
/// the newest, Bad before Good.
pub fn choose_review(candidates: impl IntoIterator<Item = ReviewCandidate>) -> Option<ReviewCandidate> {
    let nearness = |review: &ReviewCandidate| review.query_similarity.min(review.response_similarity);
    candidates.into_iter().max_by(|a, b| {
        nearness(a)
            .total_cmp(&nearness(b))
            .then(a.reviewed_at.cmp(&b.reviewed_at))
            .then(a.verdict.cmp(&b.verdict))
            .then(a.review_id.cmp(&b.review_id))
    })
}

/// Decides.
pub fn decide(input: Input<'_>) -> Verdict {
    if input.kind == Kind::Step {
        return Verdict::neutral();
    }
    let mut verdict = Verdict { language: input.language.clone(), ..Verdict::neutral() };
    verdict.evaluations = outcomes(&input);
    verdict.guardrails = input.hits;
    verdict
        .guardrails
        .sort_by(|a, b| (a.priority, &a.name, a.guardrail_id).cmp(&(b.priority, &b.name, b.guardrail_id)));
    let failed = |flag: fn(&EvaluationOutcome) -> bool| {
        verdict.evaluations.values().any(|outcome| outcome.failed && flag(outcome))
    };
    let hit = !verdict.guardrails.is_empty();
    verdict.blocked = hit || failed(|outcome| outcome.guardrail);
    verdict.escalated = hit || failed(|outcome| outcome.escalate);
    if let Some(review) = input.review {
        apply_review(&mut verdict, review);
    }
    if let Some(offer) = input.offer {
        apply_offer(&mut verdict, offer, input.settings.serve_answers);
    }
    if verdict.blocked {
        let own = guardrail_fallback(&verdict, input.evaluations);
        verdict.fallback_source = own.as_ref().map(|(source, _)| source.clone());
        verdict.fallback = own.map(|(_, words)| words).or_else(|| input.settings.fallback.clone());
    }
    verdict.serve = match (&verdict.expert_answer, verdict.blocked) {
        (Some(_), _) => Serve::ExpertAnswer,
        (None, true) => Serve::Fallback,
        (None, false) => Serve::Response,
    };
    verdict
}

fn outcomes(input: &Input<'_>) -> BTreeMap<String, EvaluationOutcome> {
    let outcome = |evaluation: &Evaluation| {
        let key = &evaluation.key;
        let (score, threshold) = (input.scores.get(key).copied(), input.thresholds.get(key).copied());
        (key.clone(), judge(evaluation, score, input.scored.get(key), threshold))
    };
    input.evaluations.iter().filter(|evaluation| evaluation.enabled).map(outcome).collect()
}

fn apply_review(verdict: &mut Verdict, review: ReviewCandidate) {
    let before = (verdict.blocked, verdict.escalated);
    match review.verdict {
        ReviewVerdict::Bad => verdict.blocked = true,
        ReviewVerdict::Good => {
            verdict.blocked &= verdict.guardrails.iter().any(|hit| !hit.overridable);
            verdict.escalated = false;
        }
    }
    let effect = match review.verdict {
        _ if before == (verdict.blocked, verdict.escalated) => ReviewEffect::None,
        ReviewVerdict::Bad => ReviewEffect::Blocked,
        ReviewVerdict::Good => ReviewEffect::Lifted,
    };
    verdict.applied_review = Some(AppliedReview {
        review_id: review.review_id,
        interaction_id: review.interaction_id,
        verdict: review.verdict,
        explanation: review.explanation,
        query_similarity: review.query_similarity,
        response_similarity: review.response_similarity,
        query_threshold: Some(review.query_threshold),
        response_threshold: Some(review.response_threshold),
        effect,
        applicability: review.applicability,
    });
}

fn apply_offer(verdict: &mut Verdict, offer: AnswerOffer, of_project: ServeAnswers) {
    let AnswerOffer { mut answer_match, version: _, text, serve_answers } = offer;
    if answer_match.state == AnswerMatchState::Served {
        match withheld(verdict, serve_answers.unwrap_or(of_project)) {
            None => verdict.expert_answer = Some(text),
            Some((state, why)) => {
                answer_match.state = state;
                answer_match.reason.push(' ');
                answer_match.reason.push_str(why);
            }
        }
    }
    verdict.answer_match = Some(answer_match);
}

/// What becomes of an answer that matches and is nevertheless not served, and why.
fn withheld(verdict: &Verdict, serve_answers: ServeAnswers) -> Option<(AnswerMatchState, &'static str)> {
    if verdict.reviewed(ReviewVerdict::Good) {
        return Some((AnswerMatchState::Withheld, "Not served: an expert reviewed this response as good."));
    }
    match serve_answers {
        ServeAnswers::Always => None,
        ServeAnswers::OnFailure if verdict.blocked || verdict.escalated => None,
        ServeAnswers::OnFailure => Some((
            AnswerMatchState::Withheld,
            "Not served: the response did not fail, and answers are kept for failures.",
        )),
        ServeAnswers::Shadow => Some((AnswerMatchState::Shadow, "Not served: answers are in shadow.")),
    }
}

/// Of the triggered guardrails that have words of their own those with the lowest priority number (then of the
/// first key or name).
fn guardrail_fallback(verdict: &Verdict, evaluations: &[Evaluation]) -> Option<(FallbackSource, String)> {
    let triggered = |evaluation: &&Evaluation| {
        verdict.evaluations.get(&evaluation.key).is_some_and(|outcome| outcome.failed && outcome.guardrail)
    };
    let of_evaluations = evaluations.iter().filter(triggered).filter_map(|evaluation| {
        Some((evaluation.fallback_priority(), &evaluation.key, evaluation.fallback.as_ref()?))
    });
    let of_hits =
        verdict.guardrails.iter().filter_map(|hit| Some((hit.priority, &hit.name, hit.fallback.as_ref()?)));
    let (priority, guardrail, words) = of_evaluations.chain(of_hits).min()?;
    Some((FallbackSource { guardrail: guardrail.clone(), priority }, words.clone()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::applicability::{Applicability, Language};
    use crate::evaluation::defaults;
    use crate::id::{AnswerId, AnswerVersionId, GuardrailId, InteractionId, PhrasingId, ReviewId};
    use crate::time::Timestamp;
    use crate::verdict::AnswerMatch;

    /// What a test varies; everything else is a project's default.
    #[derive(Default)]
    struct Case {
        trust: Option<f64>,
        helpfulness: Option<f64>,
        hits: Vec<GuardrailHit>,
        review: Option<ReviewCandidate>,
        offer: Option<AnswerOffer>,
        language: Option<QueryLanguage>,
        settings: ProjectSettings,
    }

    fn decided(case: Case) -> Verdict {
        judged(Kind::Response, case)
    }

    fn judged(kind: Kind, case: Case) -> Verdict {
        let given = [("trustworthiness", case.trust), ("response_helpfulness", case.helpfulness)];
        decide(Input {
            kind,
            evaluations: &with_fallbacks(),
            scores: &given.into_iter().filter_map(|(key, score)| Some((key.to_owned(), score?))).collect(),
            scored: &BTreeMap::new(),
            thresholds: &BTreeMap::new(),
            hits: case.hits,
            review: case.review,
            offer: case.offer,
            language: case.language,
            settings: &case.settings,
        })
    }

    /// The default evaluations, and one that is not enabled.
    fn with_fallbacks() -> Vec<Evaluation> {
        let mut evaluations = defaults();
        evaluations[0].fallback = Some("untrusted".to_owned());
        evaluations.push(Evaluation { key: "off".to_owned(), enabled: false, ..evaluations[0].clone() });
        evaluations
    }

    fn hit(priority: i64, fallback: Option<&str>, overridable: bool) -> GuardrailHit {
        GuardrailHit {
            guardrail_id: GuardrailId(Uuid::nil()),
            name: "Competitors".to_owned(),
            focus: Vec::new(),
            matches: Vec::new(),
            fallback: fallback.map(str::to_owned),
            priority,
            overridable,
        }
    }

    fn review(verdict: ReviewVerdict) -> ReviewCandidate {
        ReviewCandidate {
            review_id: ReviewId(Uuid::nil()),
            interaction_id: InteractionId(Uuid::nil()),
            verdict,
            explanation: None,
            query_similarity: 0.95,
            response_similarity: 0.9,
            query_threshold: 0.85,
            response_threshold: 0.8,
            reviewed_at: Timestamp::UNIX_EPOCH,
            applicability: Applicability::default(),
        }
    }

    fn offer(state: AnswerMatchState, serve_answers: Option<ServeAnswers>) -> AnswerOffer {
        let answer_match = AnswerMatch {
            answer_id: AnswerId(Uuid::nil()),
            phrasing_id: PhrasingId(Uuid::nil()),
            phrasing: "How?".to_owned(),
            state,
            exact: true,
            similarity: 1.0,
            threshold: 0.93,
            score: 1.0,
            question_score: None,
            phrasing_score: 1.0,
            margin: None,
            traffic_margin: None,
            vetoes: Vec::new(),
            reason: "The same words.".to_owned(),
            runner_up: None,
            applicability: Applicability::default(),
        };
        AnswerOffer {
            answer_match,
            version: AnswerVersionId(Uuid::nil()),
            text: "So.".to_owned(),
            serve_answers,
        }
    }

    fn settings(serve_answers: ServeAnswers) -> ProjectSettings {
        ProjectSettings { serve_answers, fallback: Some("ours".to_owned()), ..ProjectSettings::default() }
    }

    fn state_of(verdict: &Verdict) -> AnswerMatchState {
        verdict.answer_match.as_ref().unwrap().state
    }

    #[test]
    fn a_step_is_never_judged() {
        let offer = Some(offer(AnswerMatchState::Served, None));
        let case = Case { trust: Some(0.0), hits: vec![hit(0, None, true)], offer, ..Case::default() };
        assert_eq!(judged(Kind::Step, case), Verdict::neutral());
    }

    #[test]
    fn scores_block_and_escalate_by_their_flags() {
        let fine = decided(Case { trust: Some(0.7), helpfulness: Some(0.23), ..Case::default() });
        assert_eq!((fine.blocked, fine.escalated, fine.serve), (false, false, Serve::Response));
        assert_eq!(fine.evaluations.len(), 5);
        let untrusted = decided(Case { trust: Some(0.69), ..Case::default() });
        assert_eq!((untrusted.blocked, untrusted.escalated, untrusted.serve), (true, true, Serve::Fallback));
        let unhelpful = decided(Case { helpfulness: Some(0.1), ..Case::default() });
        assert_eq!((unhelpful.blocked, unhelpful.escalated, unhelpful.serve), (false, true, Serve::Response));
        assert!(unhelpful.evaluations["trustworthiness"].reason.is_some());
    }

    #[test]
    fn the_lowest_priority_number_with_words_gives_the_fallback() {
        let fallback = |trust, hits| {
            decided(Case { trust, hits, settings: settings(ServeAnswers::Always), ..Case::default() })
                .fallback
        };
        let first = hit(1, Some("first"), true);
        assert_eq!(fallback(Some(0.1), vec![hit(99, Some("late"), true), first.clone()]).unwrap(), "first");
        assert_eq!(fallback(Some(0.1), vec![hit(1, None, true)]).unwrap(), "untrusted");
        assert_eq!(fallback(None, vec![hit(1, None, true)]).unwrap(), "ours");
        assert_eq!(fallback(Some(0.9), Vec::new()), None);
        let wordless = decided(Case { hits: vec![hit(1, None, true)], ..Case::default() });
        assert_eq!((wordless.serve, wordless.fallback), (Serve::Fallback, None));
    }

    #[test]
    fn a_fallback_may_have_a_priority_of_its_own() {
        let mut evaluations = with_fallbacks();
        evaluations[1].guardrail = true;
        evaluations[1].fallback = Some("unhelpful".to_owned());
        let served = |evaluations: &[Evaluation]| {
            let scores = ["trustworthiness", "response_helpfulness"].map(|key| (key.to_owned(), 0.0));
            let verdict = decide(Input {
                kind: Kind::Response,
                evaluations,
                scores: &scores.into_iter().collect(),
                scored: &BTreeMap::new(),
                thresholds: &BTreeMap::new(),
                hits: Vec::new(),
                review: None,
                offer: None,
                language: None,
                settings: &ProjectSettings::default(),
            });
            (verdict.fallback.unwrap(), verdict.fallback_source.unwrap().priority)
        };
        assert_eq!(served(&evaluations), ("untrusted".to_owned(), 10));
        evaluations[1].fallback_priority = Some(3);
        assert_eq!(served(&evaluations), ("unhelpful".to_owned(), 3));
        evaluations[0].fallback_priority = Some(2);
        assert_eq!(served(&evaluations), ("untrusted".to_owned(), 2));
    }

    #[test]
    fn a_bad_review_blocks() {
        let of = |trust| decided(Case { trust, review: Some(review(ReviewVerdict::Bad)), ..Case::default() });
        let effect = |verdict: &Verdict| verdict.applied_review.as_ref().unwrap().effect;
        let passed = of(Some(0.9));
        assert_eq!((passed.blocked, passed.escalated, effect(&passed)), (true, false, ReviewEffect::Blocked));
        assert_eq!(effect(&of(Some(0.1))), ReviewEffect::None);
    }

    #[test]
    fn a_good_review_lifts_what_may_be_lifted() {
        let good = || Some(review(ReviewVerdict::Good));
        let offer = Some(offer(AnswerMatchState::Served, None));
        let lifted = decided(Case { trust: Some(0.1), review: good(), offer, ..Case::default() });
        assert_eq!((lifted.blocked, lifted.escalated, lifted.serve), (false, false, Serve::Response));
        assert!(lifted.evaluations["trustworthiness"].failed);
        assert_eq!((lifted.fallback.as_ref(), state_of(&lifted)), (None, AnswerMatchState::Withheld));
        let soft = decided(Case { hits: vec![hit(0, None, true)], review: good(), ..Case::default() });
        assert!(!soft.blocked);
        let hits = vec![hit(0, None, true), hit(1, None, false)];
        let firm = decided(Case { hits, review: good(), ..Case::default() });
        assert_eq!((firm.blocked, firm.serve), (true, Serve::Fallback));
    }

    #[test]
    fn answers_are_served_as_the_project_or_they_themselves_say() {
        use AnswerMatchState::{Served, Shadow, Suggested, Withheld};
        use ServeAnswers::{Always, OnFailure};
        for (trust, found, project, own, state) in [
            (0.9, Served, Always, None, Served),
            (0.1, Served, Always, None, Served),
            (0.1, Suggested, Always, None, Suggested),
            (0.9, Served, OnFailure, None, Withheld),
            (0.1, Served, OnFailure, None, Served),
            (0.1, Served, ServeAnswers::Shadow, None, Shadow),
            (0.9, Served, ServeAnswers::Shadow, Some(Always), Served),
        ] {
            let offer = Some(offer(found, own));
            let verdict =
                decided(Case { trust: Some(trust), offer, settings: settings(project), ..Case::default() });
            assert_eq!(state_of(&verdict), state, "{trust} {found} {project}");
            assert_eq!(verdict.serve == Serve::ExpertAnswer, state == Served);
            assert_eq!(verdict.expert_answer.is_some(), state == Served);
        }
    }

    #[test]
    fn the_nearest_review_applies_then_the_newest_then_the_bad() {
        let base = review(ReviewVerdict::Good);
        let far = ReviewCandidate { query_similarity: 1.0, response_similarity: 0.8, ..base.clone() };
        let newer = ReviewCandidate { reviewed_at: Timestamp::UNIX_EPOCH.plus_seconds(1), ..base.clone() };
        let bad = ReviewCandidate { verdict: ReviewVerdict::Bad, ..newer.clone() };
        let chosen =
            |candidates: &[&ReviewCandidate]| choose_review(candidates.iter().map(|&c| c.clone())).unwrap();
        assert_eq!(chosen(&[&base, &far]), base);
        assert_eq!(chosen(&[&newer, &base]), newer);
        assert_eq!(chosen(&[&bad, &newer, &base]), bad);
        assert_eq!(choose_review([]), None);
    }

    #[test]
    fn a_verdict_is_read_back_as_it_was_written() {
        let german = Applicability { applies_when: None, language: Language::parse("de") };
        let language = QueryLanguage {
            tag: "de".to_owned(),
            certain: true,
            exact_only: true,
            reason: "By its words.".to_owned(),
        };
        let mut offer = offer(AnswerMatchState::Served, None);
        offer.answer_match.applicability = german.clone();
        let verdict = decided(Case {
            trust: Some(0.123_456_789),
            hits: vec![hit(0, Some("no"), true)],
            review: Some(ReviewCandidate { applicability: german, ..review(ReviewVerdict::Bad) }),
            offer: Some(offer),
            language: Some(language),
            ..Case::default()
        });
        let written = serde_json::to_string(&verdict).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&written).unwrap(), verdict);
        let mut older = serde_json::to_value(&verdict).unwrap();
        for (place, field) in
            [("/answer_match", "language"), ("/applied_review", "applies_when"), ("", "language")]
        {
            older.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(field);
        }
        let read = serde_json::from_value::<Verdict>(older).unwrap();
        assert_eq!(
            (read.language, read.answer_match.unwrap().applicability),
            (None, Applicability::default())
        );
    }
}
