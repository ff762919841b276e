//! The operations of the contract, attacked one call at a time.

use std::fmt;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::request::{Damage, headers, id_junk, in_a_query, query_junk};
use super::values::Makings;
use crate::support::Server;
use crate::support::builders::Project;
use crate::support::client::{Caller, Reply};

const NOBODYS_ID: &str = "01890000-0000-7000-8000-000000000000";

/// What is attacked, and by whom.
pub struct Target {
    document: Value,
    project: Project,
    /// Ids by the name they have in a path.
    ids: Vec<(&'static str, Vec<String>)>,
    cursors: Vec<String>,
}

/// One operation of the contract.
#[derive(Debug)]
pub struct Operation {
    pub method: String,
    pub path: String,
    /// Names and schemas.
    query: Vec<(String, Value)>,
    pub body: Option<Value>,
    statuses: Vec<u16>,
}

/// One call that is not as it should be.
pub struct Attack {
    method: Option<&'static str>,
    /// In the place of the ids of the path, from the last on.
    ids: Vec<Option<String>>,
    query: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl fmt::Debug for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, ids, query, headers, body } = self;
        let body = body.as_ref().map(|body| String::from_utf8_lossy(body));
        write!(f, "{method:?} {ids:?} {query:?} {headers:?} {body:.4000?}")
    }
}

/// An API key of the owner's.
fn own_key(project: &Project) -> String {
    project.owner.post("/v1/me/api-keys", json!({ "name": "hostile" })).expect(201).id().to_owned()
}

impl Target {
    /// Everything in the project, to be attacked by its owner.
    pub fn new(server: &Server, project: Project) -> Self {
        let document = server.anonymous().get("/openapi.json").expect(200).json;
        let ids_of = |list: &str| {
            let reply = project.owner.get(&project.at(list)).expect(200);
            reply
                .items()
                .iter()
                .map(|item| item["id"].as_str().expect("an id").to_owned())
                .collect::<Vec<_>>()
        };
        let ids = vec![
            ("issue_id", ids_of("/issues?status=all")),
            ("interaction_id", ids_of("/interactions")),
            ("answer_id", ids_of("/answers")),
            ("guidance_id", ids_of("/guidance")),
            ("remediation_id", ids_of("/answers")),
            ("review_id", ids_of("/reviews")),
            ("match_id", ids_of("/matches")),
            ("guardrail_id", ids_of("/guardrails")),
            ("access_key_id", ids_of("/access-keys")),
            ("api_key_id", vec![own_key(&project)]),
            ("key", vec!["trustworthiness".to_owned()]),
            ("user_id", vec![project.member(server, "expert").1]),
            ("project_id", vec![project.id.clone()]),
        ];
        let lists = ["/interactions", "/issues"]
            .map(|list| project.owner.get(&project.at(format!("{list}?limit=1"))).expect(200));
        let cursors = lists.iter().map(|page| page.text("/next_cursor").to_owned()).collect();
        Self { document, project, ids, cursors }
    }

    /// Who attacks.
    pub fn owner(&self) -> &Caller {
        &self.project.owner
    }

    /// All of them, deleting last.
    pub fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("a path item") {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let query = parameters.filter(|parameter| parameter["in"] == "query");
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    query: query
                        .map(|one| (one["name"].as_str().expect("a name").to_owned(), one["schema"].clone()))
                        .collect(),
                    body: operation.pointer("/requestBody/content/application~1json/schema").cloned(),
                    statuses: operation["responses"]
                        .as_object()
                        .expect("responses")
                        .keys()
                        .filter_map(|key| key.parse().ok())
                        .collect(),
                });
            }
        }
        operations.sort_by_key(|operation| operation.method == "DELETE");
        operations
    }

    /// The operation's path with ids of things that are there, or with others.
    pub fn path(&self, operation: &Operation, others: &[Option<String>]) -> String {
        let segments = operation.path.split('/').skip(1);
        let mut ids = segments.clone().filter(|segment| segment.starts_with('{')).count();
        let filled = segments.map(|segment| {
            let Some(name) = segment.strip_prefix('{') else { return segment.to_owned() };
            ids -= 1;
            let ours = &self
                .ids
                .iter()
                .find(|(known, _)| name.trim_end_matches('}') == *known)
                .expect("a known id")
                .1[0];
            others.get(ids).cloned().flatten().unwrap_or_else(|| ours.clone())
        });
        format!("/{}", filled.collect::<Vec<_>>().join("/"))
    }

    /// Makes the attack and looks at what comes back.
    pub fn withstands(&self, operation: &Operation, attack: &Attack) -> Result<(), TestCaseError> {
        let ends_it = operation.method == "DELETE" && operation.path == "/v1/projects/{project_id}";
        let nobodys = [Some(NOBODYS_ID.to_owned())];
        let mut path = self.path(operation, if ends_it { &nobodys } else { &attack.ids });
        for (n, (name, value)) in attack.query.iter().enumerate() {
            path = format!("{path}{}{name}={value}", if n == 0 { '?' } else { '&' });
        }
        let mut call = self.owner().call(attack.method.unwrap_or(&operation.method), &path);
        for (name, value) in &attack.headers {
            call = call.header(name, value);
        }
        if let Some(body) = &attack.body {
            call = call.body(body.clone());
        }
        let reply = call.send();
        let exact = attack.method.is_none() && attack.ids.iter().all(Option::is_none);
        prop_assert!(reply.status < 500, "{reply:.2000}");
        prop_assert!(
            !exact || operation.statuses.contains(&reply.status),
            "not in the contract: {reply:.2000}"
        );
        prop_assert!(
            reply.status < 400 || self.is_a_problem(&reply),
            "not a problem of the contract: {reply:.2000}"
        );
        Ok(())
    }

    fn is_a_problem(&self, reply: &Reply) -> bool {
        let codes =
            &self.document["components"]["schemas"]["ProblemDetails"]["properties"]["code"]["examples"];
        reply.header("content-type") == "application/problem+json"
            && codes.as_array().expect("the codes").contains(&reply.json["code"])
            && reply.json["status"] == reply.status
            && !reply.text("/detail").is_empty()
    }
}

impl Operation {
    /// Calls of this operation that are not as they should be.
    pub fn attacks(&self, target: &Target) -> impl Strategy<Value = Attack> {
        let ids = target.ids.iter().flat_map(|(_, ids)| ids.clone()).collect();
        let makings = Makings { document: &target.document, ids };
        let body = match &self.body {
            Some(schema) => (makings.nearly(schema), Damage::any())
                .prop_map(|(value, damage)| Some(damage.apply(&value)))
                .boxed(),
            None => option::weighted(0.1, Just(b"{}".to_vec())).boxed(),
        };
        let known = self.query.iter().map(|(name, schema)| {
            let value = prop_oneof![4 => makings.nearly(schema).prop_map(|value| in_a_query(&value)), 1 => query_junk(target.cursors.clone())];
            option::weighted(0.4, (Just(name.clone()), value)).boxed()
        });
        let known: Vec<_> = known.collect();
        let unknown = option::weighted(
            0.1,
            (
                select(vec!["limit", "colour", "", "limit%00", "a[]"]).prop_map(str::to_owned),
                query_junk(target.cursors.clone()),
            ),
        );
        let query = (known, unknown)
            .prop_map(|(known, unknown)| known.into_iter().flatten().chain(unknown).collect());
        let method =
            option::weighted(0.04, select(vec!["GET", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "PURGE"]));
        (method, vec(option::weighted(0.1, id_junk(makings.ids.clone())), 3), query, headers(), body)
            .prop_map(|(method, ids, query, headers, body)| Attack { method, ids, query, headers, body })
    }
}
