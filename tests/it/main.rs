//! Black-box tests: the real server, over HTTP, on SQLite and on PostgreSQL. Run them with `scripts/test.sh`.

#[cfg(test)]
mod access;
#[cfg(test)]
mod access_abuse;
#[cfg(test)]
mod access_keys;
#[cfg(test)]
mod access_people;
#[cfg(test)]
mod analytics;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod api_keys;
#[cfg(test)]
mod applicability;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod codex_access;
#[cfg(test)]
mod codex_answers;
#[cfg(test)]
mod codex_guidance;
#[cfg(test)]
mod codex_query_logs;
mod codex_twice;
#[cfg(test)]
mod codex_validate;
#[cfg(test)]
mod codex_walk;
#[cfg(test)]
mod codex_wire;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod contract_replies;
#[cfg(test)]
mod contradictions;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod effects;
#[cfg(test)]
mod evaluate;
#[cfg(test)]
mod export;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod feedback;
#[cfg(test)]
mod guidance;
#[cfg(test)]
mod guidance_wording;
#[cfg(test)]
mod health;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod impact_order;
#[cfg(test)]
mod import;
#[cfg(test)]
mod interaction_filters;
#[cfg(test)]
mod interactions;
#[cfg(test)]
mod issue_background;
#[cfg(test)]
mod issue_merge;
#[cfg(test)]
mod issue_split;
#[cfg(test)]
mod issue_undo;
#[cfg(test)]
mod issues;
#[cfg(test)]
mod judgements;
#[cfg(test)]
mod live_state;
#[cfg(test)]
mod llm;
#[cfg(test)]
mod lookup;
#[cfg(test)]
mod matches;
#[cfg(test)]
mod model_endpoint;
#[cfg(test)]
mod model_folder;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod moving_again;
#[cfg(test)]
mod moving_between_servers;
#[cfg(test)]
mod openapi_walk;
#[cfg(test)]
mod overload;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod python_clients;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod reviews;
#[cfg(test)]
mod rewriting;
#[cfg(test)]
mod scorers;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod several_remediations;
#[cfg(test)]
mod start;
#[cfg(test)]
mod support;
#[cfg(test)]
mod traffic;
#[cfg(test)]
mod unread_languages;
#[cfg(test)]
mod validate;
#[cfg(test)]
mod width_preview;
