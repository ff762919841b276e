//! `expert-workspace demo`

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use engine::demo::{DemoSummary, Example, Login, StoryClock};
use engine::{Clock as _, Error, SystemClock};
use serde_json::json;

use crate::cli::Outcome;
use crate::config::Config;
use crate::start::{Started, start_at};
use crate::telemetry;

/// Makes the demo project and says how to look at it. The server may run meanwhile, or not.
pub fn run(config: Config) -> Outcome {
    telemetry::start(config.log_format, "warn")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(demo(config))
}

async fn demo(config: Config) -> Outcome {
    let clock = Arc::new(StoryClock::new(SystemClock.now()));
    let Started { engine, .. } = start_at(&config, clock.clone()).await?;
    let made = engine.demo(&clock).await;
    engine.drain().await;
    match made {
        Ok(summary) => {
            print!("{}", welcome(&summary, &reachable(&config))?);
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::Conflict { code: "demo_exists", detail }) => {
            eprintln!("expert-workspace: {detail}");
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

/// Where a client on this machine finds the server.
fn reachable(config: &Config) -> String {
    let port = config.listen.port();
    if config.listen.ip().is_unspecified() {
        format!("http://127.0.0.1:{port}")
    } else {
        format!("http://{}", config.listen)
    }
}

fn welcome(summary: &DemoSummary, server: &str) -> Result<String, std::fmt::Error> {
    let DemoSummary { project, name, logins, access_key, interactions, top_issue, answered, blocked } =
        summary;
    let mut text = String::new();
    writeln!(text, "The project “{name}” is ready: {interactions} interactions of the last three weeks.\n")?;
    writeln!(text, "Logins (passwords are shown once):")?;
    for Login { role, email, password } in logins {
        let password = password.as_deref().unwrap_or("(the password it had before)");
        writeln!(text, "  {:<10} {email:<24} {password}", role.as_str())?;
    }
    writeln!(text, "\nStart the server with `expert-workspace serve`, unless it runs, and try in a shell")?;
    writeln!(text, "(the access key is shown once, too):\n")?;
    writeln!(text, "KEY={access_key}")?;
    writeln!(text, "PROJECT={server}/v1/projects/{project}\n")?;
    let mut line = |comment: &str, rest: &str| {
        writeln!(text, "# {comment}\ncurl -s -H \"Authorization: Bearer $KEY\" {rest}\n")
    };
    line("What waits for an expert, the worst first", "\"$PROJECT/issues\"")?;
    if let Some(issue) = top_issue {
        line("The first of them: all an expert needs", &format!("\"$PROJECT/issues/{issue}\""))?;
    }
    line("A question for which an expert's answer is served", &validate(answered))?;
    line("A response that a guardrail blocks", &validate(blocked))?;
    Ok(text)
}

fn validate(Example { query, response }: &Example) -> String {
    let body = json!({ "query": query, "response": response }).to_string();
    // Within single quotes a shell reads everything but a single quote as it is.
    let quoted = body.replace('\'', r"'\''");
    format!("-H 'Content-Type: application/json' \\\n  -d '{quoted}' \"$PROJECT/validate\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_body_survives_the_shell() {
        let example = Example { query: "What's new?".into(), response: "Nothing".into() };
        assert!(validate(&example).contains(r#"-d '{"query":"What'\''s new?","response":"Nothing"}'"#));
    }
}
