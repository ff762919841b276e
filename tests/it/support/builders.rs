//! What most tests start from: a project, keys and people, and bodies to send.

use std::fmt;

use serde_json::{Value, json};

use super::client::Caller;
use super::server::Server;

/// A name nobody else has: parallel tests share servers.
pub fn unique(stem: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests may differ from run to run in the names they choose"
    )]
    let id = uuid::Uuid::now_v7();
    format!("{stem}-{}", id.simple())
}

/// A project of the test's own and an administrator who owns it.
pub struct Project {
    pub id: String,
    pub owner: Caller,
}

impl Server {
    /// Creates a project, owned by the administrator.
    pub fn project(&self) -> Project {
        let owner = self.admin();
        let created = owner.post("/v1/projects", json!({ "name": unique("project") })).expect(201);
        Project { id: created.id().to_owned(), owner }
    }

    /// A new person with this role in the organization, signed in, and their id.
    pub fn user(&self, role: &str) -> (Caller, String) {
        let (email, password) = (format!("{}@example.test", unique("user")), unique("password"));
        let user = json!({ "email": email, "name": "Somebody", "password": password, "role": role });
        let created = self.admin().post("/v1/users", user).expect(201);
        (self.login(&email, &password), created.id().to_owned())
    }
}

impl Project {
    /// A path inside the project: `project.at("/issues")`.
    pub fn at(&self, path: impl fmt::Display) -> String {
        format!("/v1/projects/{}{path}", self.id)
    }

    /// Every item of a list of the project, page after page: `project.all("/interactions?blocked=true")`.
    pub fn all(&self, list: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        let separator = if list.contains('?') { '&' } else { '?' };
        loop {
            let page = self.owner.get(&self.at(format!("{list}{separator}limit=200{cursor}"))).expect(200);
            items.extend_from_slice(page.items());
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// A service with an access key of these scopes.
    pub fn key(&self, server: &Server, scopes: &[&str]) -> Caller {
        let body = json!({ "name": unique("key"), "scopes": scopes });
        let created = self.owner.post(&self.at("/access-keys"), body).expect(201);
        server.anonymous().with_bearer(created.text("/token"))
    }

    /// A new person with this role in the project, signed in, and their id.
    pub fn member(&self, server: &Server, role: &str) -> (Caller, String) {
        let (person, user_id) = server.user("member");
        self.owner.post(&self.at("/members"), json!({ "user_id": user_id, "role": role })).expect(201);
        (person, user_id)
    }
}

/// An interaction nothing is wrong with.
pub fn good(query: &str) -> Value {
    json!({
        "query": query,
        "response": "You can do that in the app, under Settings.",
        "context": "Help centre: everything is in the app, under Settings.",
        "scores": { "trustworthiness": 0.95, "response_helpfulness": 0.95 },
    })
}

/// An interaction that the default evaluations block and escalate.
pub fn bad(query: &str) -> Value {
    json!({
        "query": query,
        "response": "I'm sorry, I don't have information about that.",
        "context": "",
        "scores": { "trustworthiness": 0.2, "response_helpfulness": 0.1 },
    })
}
