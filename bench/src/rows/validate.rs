//! `validate`: where nothing is known, and where a query is matched with answers and reviews.

use std::sync::Arc;

use serde_json::Value;

use super::{Ground, WARM_UP};
use crate::bodies::{Fate, interaction};
use crate::caller::Failure;
use crate::figures::Figures;
use crate::http::request;
use crate::load::{Outcome, Requests, closed, open};
use crate::seed::{ANSWERED, Project};
use crate::server::Server;
use crate::texts::{Length, PHRASINGS, Texts};

/// Connections of the closed loop, and of the open one at the most.
const CONNECTIONS: usize = 128;
/// Different requests where nothing is known.
const PLAIN: u64 = 20_000;
/// Measurements of each row.
const ROUNDS: usize = 3;
/// Different requests where much is known: more than a row sends in all its rounds, because what was asked lately is not embedded again.
const BUSY: u64 = 80_000;

/// Where nothing is known; and the bare handler with the same bodies.
pub async fn plain(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    let texts = Texts::new(Length::Long);
    let plain = &ground.seeded.plain;
    let first = ground.from(0);
    let passing = |number| interaction(&texts, first + number, 0, Fate::Passes);
    let requests = of(plain, (0..PLAIN).map(passing));
    row("plain", ground, &requests, figures).await?;
    let unscored = |number| {
        let mut body = passing(PLAIN + number);
        body["scores"] = Value::Null;
        body
    };
    let unscored = of(plain, (0..PLAIN / 10).map(unscored));
    let most = closed(&[ground.server.address], &unscored, CONNECTIONS, ground.time / 2).await?;
    figures.put("validate.unscored.per_second", most.rate());
    figures.failed("validate.unscored", &most);
    bare(ground, &requests, figures).await
}

/// With answers and reviews.
pub async fn busy(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    let texts = Texts::new(Length::AsAsked);
    let busy = &ground.seeded.busy;
    let first = ground.from(1);
    let answers = ground.seeded.remediations();
    let requests = of(busy, (0..BUSY).map(|number| mixed(&texts, first, number, (answers, Near::Alike))));
    served(ground, figures).await?;
    row("busy", ground, &requests, figures).await?;
    // Questions of their own: what was asked lately is not embedded again.
    let first = ground.from(5);
    let worded = (0..BUSY).map(|number| mixed(&texts, first, number, (answers, Near::Same)));
    row("worded", ground, &of(busy, worded), figures).await
}

/// The same queries in other words at a server without the verifier: they are embedded and compared, and none is read or served.
pub async fn unverified(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    let texts = Texts::new(Length::AsAsked);
    let busy = &ground.seeded.busy;
    let (first, answers) = (ground.from(4), ground.seeded.remediations());
    // Who is asked for the first time is sampled: that is waited for, as everywhere.
    let (path, first_asked) =
        (busy.at("/validate?dry_run=true"), interaction(&texts, first, 0, Fate::Passes));
    ground.caller(&busy.token).await?.post(&path, &first_asked).await?;
    let requests = (0..BUSY).map(|number| mixed(&texts, first, number, (answers, Near::Alike)));
    row("unverified", ground, &of(busy, requests), figures).await
}

/// How a query near an answer is asked.
#[derive(Clone, Copy)]
enum Near {
    /// In other words than the known questions: the verifier reads it.
    Alike,
    /// In the words of one of them.
    Same,
}

fn of(project: &Project, bodies: impl Iterator<Item = Value>) -> Arc<Requests> {
    let path = project.at("/validate");
    let made = |body: Value| request("POST", &path, Some(&project.token), body.to_string().as_bytes());
    Requests::new(bodies.map(made).collect())
}

/// Of ten queries three are near an answer, and one fails.
fn mixed(texts: &Texts, first: u64, number: u64, (answers, near): (u64, Near)) -> Value {
    match number % 10 {
        0..3 => {
            let mut body = interaction(texts, first + number, 0, Fate::Passes);
            let asked = number / 10 * 3 + number % 10;
            let (place, way) = (asked % answers, asked / answers);
            body["query"] = match near {
                Near::Alike => texts.asked_by_a_user(ANSWERED + place, way),
                Near::Same => texts.question(ANSWERED + place, way as usize % PHRASINGS),
            }
            .into();
            body
        }
        3 => interaction(texts, first + number, 0, Fate::Fails),
        _ => interaction(texts, first + number, 0, Fate::Passes),
    }
}

/// The maximum, and the latencies at half of it: [`ROUNDS`] times by turns, each for half the time. What is told is the median of each
/// figure, and the least and the most beside it: a shared machine stands still for some tenths of a second now and then, and its cores are
/// not always as fast.
async fn row(
    name: &str,
    ground: &Ground,
    requests: &Arc<Requests>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let (server, time) = (ground.server.address, ground.time / 2);
    ground.settled().await?;
    closed(&[server], requests, CONNECTIONS, ground.time / WARM_UP).await?;
    let mut rounds: Vec<[f64; 5]> = Vec::new();
    for _ in 0..ROUNDS {
        let before = ground.server.processor_us()?;
        let most = closed(&[server], requests, CONNECTIONS, time).await?;
        let each = each(&ground.server, before, &most)?;
        figures.failed(&format!("validate.{name} at maximum"), &most);
        let half = open(server, requests, CONNECTIONS, most.rate() / 2.0, time).await?;
        figures.failed(&format!("validate.{name} at half"), &half);
        rounds.push([most.rate(), each, most.quantile(0.5), half.quantile(0.5), half.quantile(0.99)]);
    }
    for (place, what) in
        ["per_second", "processor_us", "p50_at_maximum", "p50", "p99"].into_iter().enumerate()
    {
        figures.spread(&format!("validate.{name}.{what}"), rounds.iter().map(|round| round[place]).collect());
    }
    Ok(())
}

/// The processor's time for each success, since this much was used.
fn each(server: &Server, before: f64, outcome: &Outcome) -> Result<f64, Failure> {
    Ok((server.processor_us()? - before) / outcome.done.max(1) as f64)
}

async fn bare(ground: &Ground, requests: &Arc<Requests>, figures: &mut Figures) -> Result<(), Failure> {
    let server = Server::bare(&ground.folder)?;
    closed(&[server.address], requests, CONNECTIONS, ground.time / WARM_UP).await?;
    let before = server.processor_us()?;
    let most = closed(&[server.address], requests, CONNECTIONS, ground.time / 2).await?;
    figures.put("bare.per_second", most.rate());
    figures.put("bare.processor_us", each(&server, before, &most)?);
    figures.failed("bare", &most);
    server.stop()
}

/// The share of queries near an answer that get it, and of the others that are compared with one: so that it is seen what there is to
/// match.
async fn served(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    const TRIED: u64 = 100;
    let (texts, busy) = (Texts::new(Length::AsAsked), &ground.seeded.busy);
    let mut caller = ground.caller(&busy.token).await?;
    let (mut served, mut compared) = (0, 0);
    for near in [true, false] {
        for number in (0..).filter(|number| (number % 10 < 3) == near).take(TRIED as usize) {
            let body = mixed(&texts, ground.from(1), number, (ground.seeded.remediations(), Near::Alike));
            let verdict = caller.post(&busy.at("/validate?dry_run=true"), &body).await?;
            served += u64::from(near && verdict["serve"] == "expert_answer");
            compared += u64::from(!near && !verdict["answer_match"].is_null());
        }
    }
    figures.put("validate.busy.near_served", served as f64 / TRIED as f64);
    figures.put("validate.busy.others_compared", compared as f64 / TRIED as f64);
    Ok(())
}
