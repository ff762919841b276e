//! How a project of there is configured here.

use domain::ProjectSettings;
use engine::access::Configuration;
use serde_json::{Map, Value};

use super::report::Report;
use super::shapes::ProjectThere;
use crate::codex::evals::EvalIn;
use crate::codex::kept;
use crate::codex::projects::{AUTO_CLUSTERING, Config, IS_TEMPLATE};
use engine::moving::Brought;

/// The settings and the evaluations. What breaks a rule here is left out and reported; the rest is kept.
pub fn configuration(project: &ProjectThere, listed: Vec<Value>, report: &mut Report) -> Configuration {
    let mut configuration = Configuration::default();
    let mut config = project.config.clone().unwrap_or_default();
    let configured = config.remove("eval_config").unwrap_or_default();
    keep(project, config, &mut configuration.settings, report);
    let mut evals = named(&configured);
    for eval in listed {
        if let Some(key) = eval["eval_key"].as_str() {
            evals.insert(key.to_owned(), eval);
        }
    }
    for (key, eval) in evals {
        let outcome = match apply(&key, eval, &mut configuration) {
            Ok(()) => Brought::Now,
            Err(why) => Brought::Refused(why),
        };
        report.count("evaluations", key, outcome);
    }
    configuration
}

/// What has no meaning here is kept, and told again.
fn keep(
    project: &ProjectThere,
    config: Map<String, Value>,
    settings: &mut ProjectSettings,
    report: &mut Report,
) {
    let before = settings.clone();
    let used: Vec<&str> =
        config.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str()).collect();
    if !used.is_empty() {
        report.note(format!("kept with the project and not used: {}", used.join(", ")));
    }
    let (config, unfit) = Config::read(config);
    config.keep(settings);
    if !unfit.is_empty() {
        report.note(format!("not kept, for having another type: {}", unfit.join(", ")));
    }
    for (name, value) in
        [(AUTO_CLUSTERING, project.auto_clustering_enabled), (IS_TEMPLATE, project.is_template)]
    {
        if let Some(value) = value {
            kept::keep(settings, name, value.into());
        }
    }
    if settings.validate().is_err() {
        report.note("the configuration's own fields are not kept: they are too long");
        *settings = before;
    }
}

/// The evaluations of a configuration, by key.
fn named(configured: &Value) -> Map<String, Value> {
    let custom = configured.pointer("/custom_evals/evals").and_then(Value::as_object);
    let default = configured.get("default_evals").and_then(Value::as_object);
    let both = default.into_iter().chain(custom).flatten().filter(|(_, eval)| eval.is_object());
    both.map(|(key, eval)| (key.clone(), eval.clone())).collect()
}

fn apply(key: &str, eval: Value, configuration: &mut Configuration) -> Result<(), String> {
    let eval: EvalIn = serde_json::from_value(eval).map_err(|error| error.to_string())?;
    let known = configuration.evaluations.iter().position(|evaluation| evaluation.key == key);
    let evaluation = match known {
        Some(place) => {
            let mut evaluation = configuration.evaluations[place].clone();
            eval.apply(&mut evaluation);
            evaluation
        }
        None => eval.evaluation(key),
    };
    evaluation.validate().map_err(|invalid| invalid.to_string())?;
    eval.keep(&mut configuration.settings, key);
    match known {
        Some(place) => configuration.evaluations[place] = evaluation,
        None => configuration.evaluations.push(evaluation),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn evaluations_come_one_by_one_and_the_rest_is_kept() {
        let project = json!({
            "id": uuid::Uuid::nil(), "name": "Shop", "is_template": true,
            "config": { "max_distance": 0.1, "query_use_llm_matching": null, "eval_config": {
                "custom_evals": { "evals": { "tone": { "eval_key": "tone", "name": "Tone", "criteria": "Kind?", "threshold": 0.4 } } },
                "default_evals": { "trustworthiness": { "eval_key": "trustworthiness", "threshold": 0.8 }, "query_ease": null },
            } },
        });
        let project = ProjectThere::read(project).unwrap();
        let listed = vec![
            json!({ "eval_key": "tone", "name": "Tone", "criteria": "Kind?", "threshold": 0.6 }),
            json!({ "eval_key": "Bad Key", "name": "B" }),
        ];
        let mut report = Report::default();
        let configuration = configuration(&project, listed, &mut report);
        let threshold =
            |key: &str| configuration.evaluations.iter().find(|eval| eval.key == key).unwrap().threshold;
        assert_eq!(
            (threshold("trustworthiness"), threshold("tone"), configuration.evaluations.len()),
            (0.8, 0.6, 6)
        );
        let kept = &configuration.settings.extensions["codex"];
        assert_eq!((&kept["config"]["max_distance"], &kept["is_template"]), (&json!(0.1), &json!(true)));
        let said = report.to_string();
        assert!(said.contains("evaluations: 3 read, 2 moved, 0 here before, 1 refused"), "{said}");
        assert!(
            said.contains("not used: max_distance\n") && said.contains("evaluations: Bad Key: "),
            "{said}"
        );
    }
}
