//! Every documented filter and sort of the two lists by itself: page 1, and page 1,000 or the last.

use std::time::{Duration, Instant};

use super::{Ground, reading};
use crate::caller::{Caller, Failure};
use crate::figures::Figures;
use crate::load::{Outcome, closed};

/// Items before the deep page: 1,000 pages of 50.
const DEEP: usize = 50_000;
/// Items on a page while the deep one is looked for.
const STRIDE: usize = 200;

/// A filter or sort: the list, the parameter, a value; `{…}` stands for what is found in the data.
pub const FILTERS: &[(&str, &str, &str)] = &[
    ("issues", "status", "all"),
    ("issues", "problem", "hallucination"),
    ("issues", "seen_since", "{middle}"),
    ("issues", "seen_until", "{middle}"),
    ("issues", "needs_answer", "true"),
    ("issues", "assignee", "{nobody}"),
    ("issues", "snoozed", "true"),
    ("issues", "include", "scores,metadata"),
    ("issues", "sort", "-impact"),
    ("issues", "sort", "impact"),
    ("issues", "sort", "-last_seen"),
    ("issues", "sort", "last_seen"),
    ("issues", "sort", "-occurrences"),
    ("issues", "sort", "occurrences"),
    ("interactions", "kind", "step"),
    ("interactions", "blocked", "true"),
    ("interactions", "escalated", "true"),
    ("interactions", "reviewed", "none"),
    ("interactions", "session_id", "session-7"),
    ("interactions", "external_id", "message-15"),
    ("interactions", "since", "{middle}"),
    ("interactions", "until", "{middle}"),
    ("interactions", "problem", "unhelpful"),
    ("interactions", "serve", "fallback"),
    ("interactions", "issue_id", "{issue}"),
    ("interactions", "failing", "trustworthiness"),
    ("interactions", "passing", "trustworthiness"),
    ("interactions", "calls_tools", "true"),
    ("interactions", "tools", "find_order"),
    ("interactions", "metadata", "%7B%22tenant%22%3A%22tenant-7%22%7D"),
    ("interactions", "search", "telescope"),
    ("interactions", "sort", "-occurred_at"),
    ("interactions", "sort", "occurred_at"),
    ("interactions", "include", "texts,scores,metadata"),
];

/// All of them, in the large project.
pub async fn measure(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    let large = &ground.seeded.large;
    let mut caller = ground.caller(&large.token).await?;
    let newest = caller.get(&large.at("/issues?limit=1")).await?;
    let issue = newest["items"][0]["id"].as_str().unwrap_or_default().to_owned();
    let middle = middle(&mut caller, &large.at("/interactions")).await?;
    let mut slowest = [0.0_f64; 2];
    for (list, parameter, value) in FILTERS {
        let value = value.replace("{issue}", &issue).replace("{middle}", &middle);
        let value = value.replace("{nobody}", "01890000-0000-7000-8000-000000000000");
        let path = large.at(&format!("/{list}?{parameter}={value}"));
        let written = if *parameter == "sort" { format!("sort={value}") } else { (*parameter).to_owned() };
        let deep = deep(&mut caller, &path, ground.time).await?;
        let pages = [("first", Some(path)), ("deep", deep)];
        for (at, (page, path)) in pages.into_iter().enumerate() {
            let Some(path) = path else { continue };
            let outcome = timed(ground, &path).await?;
            let name = format!("list.{list}.{written}.{page}");
            figures.failed(&name, &outcome);
            slowest[at] = slowest[at].max(outcome.quantile(0.99));
            figures.put(name, outcome.quantile(0.99));
        }
    }
    figures.put("lists.slowest_first", slowest[0]);
    figures.put("lists.slowest_deep", slowest[1]);
    Ok(())
}

/// One caller, one page again and again, for a tenth of the time of other loads, but so often that there is a 99th percentile.
async fn timed(ground: &Ground, path: &str) -> Result<Outcome, Failure> {
    let requests = reading(path, &ground.seeded.large.token);
    closed(&[ground.server.address], &requests, 1, (ground.time / 10).max(Duration::from_millis(100))).await
}

/// When the interaction in the middle of the history occurred, as far as the first and the last one tell.
async fn middle(caller: &mut Caller, list: &str) -> Result<String, Failure> {
    let oldest = caller.get(&format!("{list}?sort=occurred_at&limit=200")).await?;
    let items = oldest["items"].as_array().ok_or("a list without items")?;
    let middle = items.get(items.len() / 2).and_then(|item| item["occurred_at"].as_str());
    Ok(middle.ok_or("no interaction")?.to_owned())
}

/// The path of the page that begins after [`DEEP`] items, or of the last one; none where there is only one. Looks for it
/// at most five times as long as a load lasts.
async fn deep(caller: &mut Caller, path: &str, time: Duration) -> Result<Option<String>, Failure> {
    let (begun, mut found) = (Instant::now(), None);
    for _ in 0..DEEP / STRIDE {
        let cursor = found.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = caller.get(&format!("{path}&limit={STRIDE}{cursor}")).await?;
        match page["next_cursor"].as_str() {
            Some(next) if begun.elapsed() < time * 5 => found = Some(next.to_owned()),
            _ => break,
        }
    }
    Ok(found.map(|cursor| format!("{path}&cursor={cursor}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// The parameters that a contract documents for a list, but those that only turn its pages.
    fn parameters(contract: &Value, list: &str) -> Vec<String> {
        let operation = &contract["paths"][format!("/v1/projects/{{project_id}}/{list}")]["get"];
        let all = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let names =
            all.iter().filter(|parameter| parameter["in"] == "query").filter_map(|one| one["name"].as_str());
        names.filter(|name| !["limit", "cursor"].contains(name)).map(str::to_owned).collect()
    }

    #[test]
    fn every_documented_filter_and_sort_is_measured() {
        let contract: Value = serde_json::from_str(include_str!("../../../openapi/openapi.json")).unwrap();
        for list in ["issues", "interactions"] {
            let measured = FILTERS
                .iter()
                .filter(|(of, ..)| *of == list)
                .map(|(_, parameter, _)| (*parameter).to_owned());
            let documented: BTreeSet<String> = parameters(&contract, list).into_iter().collect();
            assert!(documented.len() > 5);
            assert_eq!(measured.collect::<BTreeSet<_>>(), documented, "of {list}");
        }
    }
}
