//! PostgreSQL: two servers on one database against one, and whether they open an issue twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{Setup, WARM_UP};
use crate::bodies::{Fate, interaction};
use crate::caller::{Caller, Failure};
use crate::figures::Figures;
use crate::http::request;
use crate::load::{Requests, closed};
use crate::seed::{Project, project, sign_in};
use crate::server::Server;
use crate::texts::{Length, Texts};

/// Connections, over both servers.
const CONNECTIONS: usize = 128;
/// Different requests of the load.
const REQUESTS: u64 = 20_000;
/// Questions that fail at both servers at once.
const QUESTIONS: u64 = 100;
/// They are about questions from this number on.
const FIRST: u64 = 5_000_000_000;

/// On this empty database.
pub async fn measure(
    setup: &Setup,
    database: &str,
    folder: &Path,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let homes = [folder.join("one"), folder.join("two")];
    homes.iter().try_for_each(std::fs::create_dir_all)?;
    let one = Server::start(&setup.program, database, &homes[0], &[])?;
    let project = project(&mut sign_in(one.address).await?, &format!("replicas {}", figures.scale)).await?;
    let texts = Texts::new(Length::Long);
    let requests = requests(&project, (0..REQUESTS).map(|number| (FIRST + number, Fate::Passes)), &texts);
    closed(&[one.address], &requests, CONNECTIONS, setup.time / WARM_UP).await?;
    let alone = closed(&[one.address], &requests, CONNECTIONS, setup.time).await?;
    figures.put("replicas.one.per_second", alone.rate());
    figures.failed("one replica", &alone);

    let two = Server::start(&setup.program, database, &homes[1], &[])?;
    let both = [one.address, two.address];
    closed(&both, &requests, CONNECTIONS, setup.time / WARM_UP).await?;
    let together = closed(&both, &requests, CONNECTIONS, setup.time).await?;
    figures.put("replicas.two.per_second", together.rate());
    figures.failed("two replicas", &together);
    figures.put("replicas.duplicate_issues", duplicates(&project, both).await?);
    two.stop()?;
    one.stop()
}

fn requests(project: &Project, of: impl Iterator<Item = (u64, Fate)>, texts: &Texts) -> Arc<Requests> {
    let path = project.at("/validate");
    let made = |(number, fate)| {
        let body = interaction(texts, number, 0, fate).to_string();
        request("POST", &path, Some(&project.token), body.as_bytes())
    };
    Requests::new(of.map(made).collect())
}

/// Fails every question at both servers at the same moment, twice; how many issues there are of a question that has one already.
async fn duplicates(project: &Project, servers: [std::net::SocketAddr; 2]) -> Result<f64, Failure> {
    let texts = Texts::new(Length::Long);
    for number in 0..QUESTIONS {
        let body = interaction(&texts, FIRST + number, 0, Fate::Fails);
        let (mut one, mut two) = (
            Caller::new(servers[0], Some(project.token.clone())).await?,
            Caller::new(servers[1], Some(project.token.clone())).await?,
        );
        let path = project.at("/validate");
        let (first, second) = tokio::join!(one.post(&path, &body), two.post(&path, &body));
        first.and(second)?;
    }
    let mut caller = Caller::new(servers[0], Some(project.token.clone())).await?;
    let issues = caller.get(&project.at("/issues?status=all&limit=200")).await?;
    let mut of_query: BTreeMap<String, u64> = BTreeMap::new();
    for issue in issues["items"].as_array().ok_or("a list without items")? {
        *of_query.entry(issue["query"].to_string()).or_default() += 1;
    }
    if of_query.is_empty() {
        return Err("no issue was opened".into());
    }
    Ok(of_query.values().map(|issues| issues - 1).sum::<u64>() as f64)
}
