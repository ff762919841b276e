//! Another password: by oneself, by an administrator, by who runs the server.

use serde_json::{Value, json};

use crate::support::builders::unique;
use crate::support::client::{Call, Caller, Reply};
use crate::support::server::{ADMIN_EMAIL, ADMIN_PASSWORD};
use crate::support::{Database, Server, on_both};

on_both! {
    fn one_changes_ones_own_password(server: &Server) {
        let person = Person::new(server);
        let (here, elsewhere) = (person.sign_in().expect(200), person.sign_in().expect(200));
        let me = server.anonymous().with_bearer(here.text("/access_token"));
        let change = |current: &str, new: &str| me.post("/v1/me/password", json!({ "current_password": current, "new_password": new }));

        let short = change(&person.password, "short").expect_problem(422, "validation_failed");
        assert_eq!(short.text("/errors/0/pointer"), "/new_password");
        let wrong = change("not the password", "a new password").expect_problem(409, "conflict");
        assert_eq!(wrong.text("/reason"), "wrong_password");
        let elsewhere = refresh(server, &elsewhere).expect(200);

        let changed = change(&person.password, "a new password").expect(200);
        person.sign_in().expect_problem(401, "unauthenticated");
        for session in [&here, &elsewhere] {
            refresh(server, session).expect_problem(401, "unauthenticated");
        }
        refresh(server, &changed).expect(200);
        server.login(&person.email, "a new password").get("/v1/me").expect(200);
    }

    fn guessing_ones_own_password_has_to_wait(server: &Server) {
        let person = Person::new(server);
        let me = server.login(&person.email, &person.password);
        let guess = |password: &str| me.post("/v1/me/password", json!({ "current_password": password, "new_password": "a new password" }));
        let statuses: Vec<u16> = (0..11).map(|_| guess("a guess").send().status).collect();
        assert_eq!(statuses, [vec![409; 10], vec![429]].concat());
        guess(&person.password).expect_problem(429, "too_many_requests");
        person.sign_in().expect(200);
    }

    fn an_administrator_sets_a_password(server: &Server) {
        let person = Person::new(server);
        let session = person.sign_in().expect(200);
        let (admin, admin_id) = server.user("admin");
        let set = |caller: &Caller, id: &str, password: Value| caller.patch(&format!("/v1/users/{id}"), json!({ "password": password })).if_match("*");

        let short = set(&admin, &person.id, json!("short")).expect_problem(422, "validation_failed");
        assert_eq!(short.text("/errors/0/pointer"), "/password");
        set(&server.user("member").0, &person.id, json!("a new password")).expect_problem(403, "forbidden");
        let own = set(&admin, &admin_id, json!("a new password")).expect_problem(409, "conflict");
        assert_eq!(own.text("/reason"), "own_user");
        let session = refresh(server, &session).expect(200);

        let done = set(&admin, &person.id, json!("a new password")).expect(200);
        assert!(done.etag() == "\"2\"" && !done.body.contains("a new password"), "{done}");
        person.sign_in().expect_problem(401, "unauthenticated");
        refresh(server, &session).expect_problem(401, "unauthenticated");
        server.login(&person.email, "a new password").get("/v1/me").expect(200);
    }

    fn who_runs_the_server_lets_an_administrator_in(server: Server) {
        let credentials = json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD });
        let login = || server.anonymous().post("/v1/auth/login", credentials.clone());
        let session = login().expect(200);
        let done = server.command(&["set-password", &ADMIN_EMAIL.to_uppercase()]);
        let printed = String::from_utf8_lossy(&done.stdout).into_owned();
        let password = printed.trim_end().rsplit(' ').next().expect("a password");
        assert!(done.status.success() && printed.starts_with(ADMIN_EMAIL) && password.len() >= 20, "{done:?}");
        login().expect_problem(401, "unauthenticated");
        refresh(&server, &session).expect_problem(401, "unauthenticated");
        server.login(ADMIN_EMAIL, password).get("/v1/me").expect(200);

        let nobody = server.command(&["set-password", "nobody@example.test"]);
        let said = String::from_utf8_lossy(&nobody.stderr).into_owned();
        assert!(!nobody.status.success() && said.contains("no user has the e-mail address nobody@example.test"), "{said}");
    }
}

/// Nothing makes somebody a member of a second organization yet: only PostgreSQL's client does.
#[test]
fn a_password_that_opens_another_organization_is_not_set() {
    let server = Server::start(Database::Postgres);
    let person = Person::new(&server);
    let other = "01890000-0000-7000-8000-0000000000ff";
    server.query(&format!("INSERT INTO organizations VALUES ('{other}', 'Other', 1, now())"));
    server.query(&format!(
        "INSERT INTO organization_members VALUES ('{other}', '{}', 'member', now())",
        person.id
    ));
    let set =
        server.admin().patch(&format!("/v1/users/{}", person.id), json!({ "password": "a new password" }));
    let refused = set.if_match("*").expect_problem(409, "conflict");
    assert_eq!(refused.text("/reason"), "another_organization");
    person.sign_in().expect(200);
}

/// A member of the organization.
struct Person<'s> {
    server: &'s Server,
    id: String,
    email: String,
    password: String,
}

impl<'s> Person<'s> {
    fn new(server: &'s Server) -> Self {
        let (email, password) = (format!("{}@example.test", unique("user")), unique("password"));
        let body = json!({ "email": email, "name": "Somebody", "password": password, "role": "member" });
        let id = server.admin().post("/v1/users", body).expect(201).id().to_owned();
        Self { server, id, email, password }
    }

    fn sign_in(&self) -> Call {
        let credentials = json!({ "email": self.email, "password": self.password });
        self.server.anonymous().post("/v1/auth/login", credentials)
    }
}

/// Trades the refresh token of a pair.
fn refresh(server: &Server, pair: &Reply) -> Call {
    server.anonymous().post("/v1/auth/refresh", json!({ "refresh_token": pair.text("/refresh_token") }))
}
