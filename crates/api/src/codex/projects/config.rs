//! A project's configuration as this wire sends it: evaluations, and what has no meaning here.

use std::collections::BTreeMap;

use domain::{Evaluation, ProjectSettings};
use engine::access::Configuration;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::codex::evals::{EvalIn, is_default};
use crate::codex::kept;
use crate::codex::refused::in_words_of_the_wire;
use crate::problem::Problem;

/// What is kept of a configuration, and not used.
pub const CONFIG: [&str; 11] = [
    "ai_guidance_threshold",
    "clustering_use_llm_matching",
    "llm_matching_model",
    "llm_matching_quality_preset",
    "lower_llm_match_distance_threshold",
    "max_distance",
    "query_use_llm_matching",
    "question_match_llm_prompt",
    "question_match_llm_prompt_with_answer",
    "tlm_evals_model",
    "upper_llm_match_distance_threshold",
];

/// A configuration, or what changes about one: absent parts stay.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Config {
    eval_config: Option<EvalConfig>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Evaluations, apart by whether every project has them.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EvalConfig {
    custom_evals: Option<CustomEvals>,
    default_evals: Option<BTreeMap<String, Option<EvalIn>>>,
}

/// The evaluations of the project's own.
#[derive(Debug, Clone, Default, Deserialize)]
struct CustomEvals {
    evals: Option<BTreeMap<String, Option<EvalIn>>>,
}

impl EvalConfig {
    /// Every evaluation that is named, with its key.
    pub fn evals(&self) -> impl Iterator<Item = (&str, &EvalIn)> {
        let custom = self.custom_evals.iter().filter_map(|custom| custom.evals.as_ref()).flatten();
        let defaults = self.default_evals.iter().flatten().filter(|(key, _)| is_default(key));
        custom.chain(defaults).filter_map(|(key, eval)| Some((key.as_str(), eval.as_ref()?)))
    }

    /// The evaluations this says are to be used, and no others. One that every project has begins with its defaults.
    pub fn alone(&self) -> Vec<Evaluation> {
        let defaults = domain::evaluation::defaults();
        let evaluation = |(key, eval): (&str, &EvalIn)| {
            let built_in = defaults.iter().find(|evaluation| evaluation.key == key).cloned();
            built_in.map_or_else(|| eval.evaluation(key), |built_in| applied(built_in, eval))
        };
        self.evals().map(evaluation).collect()
    }
}

impl Config {
    /// Every evaluation that is named, with its key.
    pub fn evals(&self) -> Vec<(String, EvalIn)> {
        let evals = self.eval_config.iter().flat_map(EvalConfig::evals);
        evals.map(|(key, eval)| (key.to_owned(), eval.clone())).collect()
    }

    /// Keeps in the settings what has no meaning here.
    pub fn keep(&self, settings: &mut ProjectSettings) {
        let known = self.others.iter().filter(|(name, _)| CONFIG.contains(&name.as_str()));
        let fields = known.map(|(name, value)| (name.clone(), value.clone())).collect();
        kept::merge(settings, "config", fields);
        for (key, eval) in self.evals() {
            eval.keep(settings, &key);
        }
    }

    /// Changes a configuration as this says.
    pub fn apply(&self, configuration: &mut Configuration) {
        self.keep(&mut configuration.settings);
        for (key, eval) in self.evals() {
            match configuration.evaluations.iter_mut().find(|evaluation| evaluation.key == key) {
                Some(evaluation) => eval.apply(evaluation),
                None => configuration.evaluations.push(eval.evaluation(&key)),
            }
        }
    }

    /// Whether all of this would keep its rules in a project of this configuration: afterwards it can be stored part by part.
    ///
    /// # Errors
    /// What breaks a rule, with its place.
    pub fn check(&self, configuration: &Configuration) -> Result<(), Problem> {
        let mut after = configuration.clone();
        self.apply(&mut after);
        after.settings.validate().map_err(Problem::from)?;
        for (key, _) in self.evals() {
            let of_kind = if is_default(&key) { "default_evals" } else { "custom_evals/evals" };
            let place = format!("/config/eval_config/{of_kind}/{key}");
            let Some(evaluation) = after.evaluations.iter().find(|evaluation| evaluation.key == key) else {
                continue;
            };
            evaluation
                .validate()
                .map_err(|invalid| in_words_of_the_wire(invalid.under(&place).into(), &[]))?;
        }
        Ok(())
    }
}

fn applied(mut evaluation: Evaluation, eval: &EvalIn) -> Evaluation {
    eval.apply(&mut evaluation);
    evaluation
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Config {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn evaluations_are_changed_and_made_and_the_rest_is_kept() {
        let config = read(json!({
            "max_distance": 0.2, "unheard_of": 1,
            "eval_config": {
                "custom_evals": { "evals": { "tone": { "eval_key": "tone", "name": "Tone", "criteria": "Kind?" } } },
                "default_evals": { "trustworthiness": { "eval_key": "trustworthiness", "threshold": 0.9 }, "query_ease": null },
            },
        }));
        let mut configuration = Configuration::default();
        config.check(&configuration).unwrap();
        config.apply(&mut configuration);
        let threshold = |key: &str| {
            configuration.evaluations.iter().find(|evaluation| evaluation.key == key).unwrap().threshold
        };
        assert_eq!(
            (threshold("trustworthiness"), threshold("tone"), threshold("query_ease")),
            (0.9, 0.5, 0.0)
        );
        assert_eq!(configuration.settings.extensions["codex"]["config"], json!({ "max_distance": 0.2 }));
        let alone: Vec<String> =
            config.eval_config.unwrap().alone().into_iter().map(|eval| eval.key).collect();
        assert_eq!(alone, ["tone", "trustworthiness"]);
    }

    #[test]
    fn what_breaks_a_rule_is_told_before_anything_is_stored() {
        let evals = json!({ "default_evals": { "trustworthiness": { "threshold": 7 } } });
        let refused = read(json!({ "eval_config": evals })).check(&Configuration::default()).unwrap_err();
        let place = "/config/eval_config/default_evals/trustworthiness/threshold";
        assert_eq!(refused.errors()[0].pointer, place);
        assert!(read(json!({ "eval_config": null })).check(&Configuration::default()).is_ok());
    }
}
