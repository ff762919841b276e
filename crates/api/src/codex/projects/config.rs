//! A project's configuration as this wire sends it: evaluations, and what has no meaning here.

use std::collections::BTreeMap;

use domain::evaluation::check_unit;
use domain::{Evaluation, Faults, ProjectSettings};
use engine::access::Configuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::codex::evals::{EvalIn, is_default};
use crate::codex::kept;
use crate::codex::refused::in_words_of_the_wire;
use crate::problem::Problem;

/// A configuration, or what changes about one: what is absent stays, and so does what is null. All but the evaluations is kept,
/// and not used.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire names them")]
pub struct Config {
    #[serde(skip_serializing)]
    eval_config: Option<EvalConfig>,
    ai_guidance_threshold: Option<f64>,
    clustering_use_llm_matching: Option<bool>,
    llm_matching_model: Option<String>,
    llm_matching_quality_preset: Option<Preset>,
    lower_llm_match_distance_threshold: Option<f64>,
    max_distance: Option<f64>,
    query_use_llm_matching: Option<bool>,
    question_match_llm_prompt: Option<String>,
    question_match_llm_prompt_with_answer: Option<String>,
    tlm_evals_model: Option<String>,
    upper_llm_match_distance_threshold: Option<f64>,
}

/// How much effort the original's matching takes.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Preset {
    Best,
    High,
    Medium,
    Low,
    Base,
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
    /// What can be read of a configuration, and the names of the fields that cannot: they have another type.
    pub fn read(fields: Map<String, Value>) -> (Self, Vec<String>) {
        let fits = |name: &String, value: &Value| {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            serde_json::from_value::<Self>(Value::Object(alone)).is_ok()
        };
        let unfit: Vec<String> =
            fields.iter().filter(|(name, value)| !fits(name, value)).map(|(name, _)| name.clone()).collect();
        let fit = fields.into_iter().filter(|(name, _)| !unfit.contains(name)).collect();
        (serde_json::from_value(Value::Object(fit)).unwrap_or_default(), unfit)
    }

    /// Every field but the evaluations, null where it is not set.
    pub fn told(&self) -> Map<String, Value> {
        let told = serde_json::to_value(self).expect("texts, numbers and booleans become JSON");
        told.as_object().cloned().unwrap_or_default()
    }

    /// Every evaluation that is named, with its key.
    pub fn evals(&self) -> Vec<(String, EvalIn)> {
        let evals = self.eval_config.iter().flat_map(EvalConfig::evals);
        evals.map(|(key, eval)| (key.to_owned(), eval.clone())).collect()
    }

    /// Keeps in the settings what has no meaning here.
    pub fn keep(&self, settings: &mut ProjectSettings) {
        let fields = self.told().into_iter().filter(|(_, value)| !value.is_null()).collect();
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
        let mut faults = Faults::new();
        if let Some(distance) = self.max_distance {
            check_unit("/config/max_distance", distance, &mut faults);
        }
        faults.finish().map_err(Problem::from)?;
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
        read(json!({ "max_distance": null, "tlm_evals_model": "small" })).apply(&mut configuration);
        let kept = json!({ "max_distance": 0.2, "tlm_evals_model": "small" });
        assert_eq!(configuration.settings.extensions["codex"]["config"], kept, "null leaves what there is");
        let alone: Vec<String> =
            config.eval_config.unwrap().alone().into_iter().map(|eval| eval.key).collect();
        assert_eq!(alone, ["tone", "trustworthiness"]);
    }

    #[test]
    fn a_field_has_its_type_and_others_are_read_without_it() {
        let wrong = json!({ "max_distance": "near", "query_use_llm_matching": 1, "llm_matching_quality_preset": "great" });
        for (name, value) in wrong.as_object().unwrap() {
            assert!(serde_json::from_value::<Config>(json!({ name: value })).is_err(), "{name}");
        }
        let mut fields = wrong.as_object().unwrap().clone();
        fields.insert("tlm_evals_model".to_owned(), json!("small"));
        let (config, mut unfit) = Config::read(fields);
        unfit.sort();
        assert_eq!(unfit, ["llm_matching_quality_preset", "max_distance", "query_use_llm_matching"]);
        assert_eq!(
            (&config.told()["tlm_evals_model"], &config.told()["max_distance"]),
            (&json!("small"), &json!(null))
        );
        let far = read(json!({ "max_distance": 1.5 })).check(&Configuration::default()).unwrap_err();
        assert_eq!(far.errors()[0].pointer, "/config/max_distance");
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
