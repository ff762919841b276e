//! Who may call what, for every operation the OpenAPI document lists (DESIGN §5).

use serde_json::{Value, json};

use crate::support::builders::Project;
use crate::support::client::{Call, Caller};
use crate::support::{Server, on_both};

/// What anyone may call, signed in or not. Anything else must refuse strangers, also what is added later.
const PUBLIC: [&str; 7] = [
    "GET /healthz",
    "GET /readyz",
    "GET /openapi.json",
    "GET /.well-known/jwks.json",
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/logout",
];

/// Who has which permission: the table of DESIGN §5, a line a column. `signed_in` is any person, `session` one who signed in; who has a role in a project is a member of
/// its organization and may create projects there.
const HOLDERS: [(&str, &[&str]); 10] = [
    ("viewer", &["signed_in", "session", "create_projects", "read"]),
    ("expert", &["signed_in", "session", "create_projects", "read", "answer", "check"]),
    (
        "developer",
        &["signed_in", "session", "create_projects", "read", "answer", "check", "runtime", "configure"],
    ),
    (
        "owner",
        &[
            "signed_in",
            "session",
            "create_projects",
            "read",
            "answer",
            "check",
            "runtime",
            "configure",
            "administer",
        ],
    ),
    ("org admin", &["signed_in", "session", "read", "administer", "create_projects", "create_users"]),
    ("org member", &["signed_in", "session", "create_projects"]),
    ("key read", &["read"]),
    ("key answers", &["answer"]),
    ("key runtime", &["runtime"]),
    ("key ci", &["check"]),
];

on_both! {
    fn strangers_are_refused(server: &Server) {
        for operation in operations(server) {
            let reply = operation.call(&server.anonymous(), NOBODYS_ID).send();
            if PUBLIC.contains(&operation.name().as_str()) {
                assert!(operation.permission.is_none(), "{} is public and asks for a permission", operation.name());
            } else {
                assert_eq!(reply.status, 401, "{reply}");
                assert_eq!(reply.header("content-type"), "application/problem+json", "{reply}");
                assert!(operation.permission.is_some(), "{} lacks x-permission", operation.name());
            }
        }
    }

    fn each_role_and_scope_may_do_what_the_table_says(server: &Server) {
        let operations = operations(server);
        for (who, permissions) in HOLDERS {
            // A project each: some of the calls that are allowed change or delete it.
            let project = server.project();
            let caller = caller(server, &project, who);
            for operation in &operations {
                let Some(permission) = &operation.permission else { continue };
                let reply = operation.call(&caller, &project.id).send();
                let outsider = who == "org member" && operation.in_a_project();
                if permissions.contains(&permission.as_str()) {
                    assert!(![401, 403].contains(&reply.status) && reply.status < 500, "{who}, {permission}: {reply}");
                } else {
                    let expected = if outsider { 404 } else { 403 };
                    assert_eq!(reply.status, expected, "{who}, {permission}: {reply}");
                }
            }
        }
    }

    fn another_project_does_not_exist(server: &Server) {
        let (ours, theirs) = (server.project(), server.project());
        let strangers = ["viewer", "expert", "developer", "owner", "key read", "key answers", "key runtime", "key ci"];
        for who in strangers {
            let stranger = caller(server, &theirs, who);
            for operation in operations(server).iter().filter(|operation| operation.in_a_project()) {
                let foreign = operation.call(&stranger, &ours.id).expect(404);
                let absent = operation.call(&stranger, NOBODYS_ID).expect(404);
                assert_eq!(foreign.json["code"], absent.json["code"], "{who}: foreign and absent look alike: {foreign}");
                assert_eq!(foreign.json["detail"], absent.json["detail"], "{who}: foreign and absent look alike: {foreign}");
            }
        }
    }
}

const NOBODYS_ID: &str = "01890000-0000-7000-8000-000000000000";

/// One operation of the document.
struct Operation {
    method: String,
    path: String,
    /// `x-permission`; none where the operation is public.
    permission: Option<String>,
    has_body: bool,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn in_a_project(&self) -> bool {
        self.path.starts_with("/v1/projects/{")
    }

    /// Calls it on this project; every other id in its path is nobody's.
    fn call(&self, caller: &Caller, project: &str) -> Call {
        let mut path = String::new();
        let mut ids = 0;
        for segment in self.path.split('/').skip(1) {
            path.push('/');
            if segment.starts_with('{') {
                ids += 1;
                path.push_str(if ids == 1 && self.in_a_project() { project } else { NOBODYS_ID });
            } else {
                path.push_str(segment);
            }
        }
        let call = caller.call(&self.method, &path);
        if self.has_body { call.json(json!({})) } else { call }
    }
}

/// All of them; deleting comes last, so that there is something to call before.
fn operations(server: &Server) -> Vec<Operation> {
    let document = server.anonymous().get("/openapi.json").expect(200).json;
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("a path item") {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    permission: operation["x-permission"].as_str().map(str::to_owned),
                    has_body: operation.get("requestBody").is_some_and(Value::is_object),
                });
            }
        }
    }
    assert!(operations.len() > 10, "a document with {} operations", operations.len());
    operations.sort_by_key(|operation| operation.method == "DELETE");
    operations
}

/// Somebody with exactly this role or scope in the project.
fn caller(server: &Server, project: &Project, who: &str) -> Caller {
    if let Some(scope) = who.strip_prefix("key ") {
        return project.key(server, &[scope]);
    }
    match who {
        "org admin" => server.user("admin").0,
        "org member" => server.user("member").0,
        role => project.member(server, role).0,
    }
}
