//! Users, members and projects: who may look after whom.

use serde_json::{Value, json};

use crate::support::builders::unique;
use crate::support::{Server, on_both};

on_both! {
    fn a_new_project_is_its_makers_and_has_evaluations(server: &Server) {
        let (maker, _) = server.user("member");
        let name = unique("project");
        let created = maker.post("/v1/projects", json!({ "name": name, "description": "a bot" })).expect(201);
        let path = format!("/v1/projects/{}", created.id());
        assert_eq!(created.header("location"), path);
        assert_eq!(created.etag(), "\"1\"");
        assert_eq!((created.text("/role"), created.text("/description")), ("owner", "a bot"));
        let evaluations = maker.get(&format!("{path}/evaluations")).expect(200);
        assert_eq!(evaluations.json["items"].as_array().map(Vec::len), Some(5), "{evaluations}");
        let me = maker.get("/v1/me").expect(200).json;
        assert_eq!(me["projects"][0]["permissions"].as_array().map(Vec::len), Some(6), "{me}");
    }

    fn a_name_is_taken_once_in_an_organization(server: &Server) {
        let (maker, _) = server.user("member");
        let body = json!({ "name": unique("project") });
        let project = maker.post("/v1/projects", body.clone()).expect(201);
        let refused = maker.post("/v1/projects", body.clone()).expect_problem(409, "conflict");
        assert_eq!(refused.text("/reason"), "project_name_taken");
        maker.delete(&format!("/v1/projects/{}", project.id())).if_match("\"1\"").expect(204);
        maker.post("/v1/projects", body).expect(201);
    }

    fn an_edit_names_its_version(server: &Server) {
        let project = server.project();
        let (path, rename) = (project.at(""), json!({ "name": unique("renamed") }));
        project.owner.patch(&path, rename.clone()).expect_problem(428, "precondition_required");
        let renamed = project.owner.patch(&path, rename.clone()).if_match("\"1\"").expect(200);
        assert_eq!(renamed.etag(), "\"2\"");
        project.owner.patch(&path, json!({ "name": "late" })).if_match("\"1\"").expect_problem(412, "precondition_failed");
        project.owner.delete(&path).if_match("\"1\"").expect_problem(412, "precondition_failed");
        assert_eq!(project.owner.get(&path).expect(200).json["name"], rename["name"]);
    }

    fn one_sees_ones_own_projects_and_an_administrator_all(server: &Server) {
        let project = server.project();
        let (viewer, _) = project.member(server, "viewer");
        let (stranger, _) = server.user("member");
        let (admin, _) = server.user("admin");
        let ids = |caller: &crate::support::client::Caller| {
            let page = caller.get("/v1/projects?limit=200").expect(200).json;
            let ids = page["items"].as_array().expect("items").iter().map(|item| item["id"].clone());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(ids(&viewer), [json!(project.id)]);
        assert_eq!(ids(&stranger), [] as [Value; 0]);
        assert!(!ids(&admin).is_empty());
        let seen = admin.get(&project.at("")).expect(200);
        assert_eq!((&seen.json["role"], &seen.json["permissions"]), (&Value::Null, &json!(["read", "administer"])));
        admin.get(&project.at("/access-keys")).expect_problem(403, "forbidden");
        stranger.get(&project.at("")).expect_problem(404, "not_found");
    }

    fn a_role_acts_with_the_next_request(server: &Server) {
        let project = server.project();
        let (person, id) = project.member(server, "viewer");
        person.get(&project.at("/access-keys")).expect_problem(403, "forbidden");
        let member = project.at(format!("/members/{id}"));
        project.owner.put(&member, json!({ "role": "developer" })).expect(200);
        person.get(&project.at("/access-keys")).expect(200);
        person.put(&member, json!({ "role": "owner" })).expect_problem(403, "forbidden");
    }

    fn a_project_keeps_an_owner(server: &Server) {
        let project = server.project();
        let owner = project.owner.get("/v1/me").expect(200).id().to_owned();
        let path = project.at(format!("/members/{owner}"));
        for refused in [
            project.owner.delete(&path).expect_problem(409, "conflict"),
            project.owner.put(&path, json!({ "role": "expert" })).expect_problem(409, "conflict"),
        ] {
            assert_eq!(refused.text("/reason"), "last_owner");
        }
        let (second, _) = project.member(server, "owner");
        second.delete(&path).expect(204);
    }

    fn members_are_added_by_address_once(server: &Server) {
        let project = server.project();
        let (person, _) = server.user("member");
        let email = person.get("/v1/me").expect(200).text("/email").to_uppercase();
        let body = json!({ "email": email, "role": "expert" });
        project.owner.post(&project.at("/members"), body.clone()).expect(201);
        let refused = project.owner.post(&project.at("/members"), body).expect_problem(409, "conflict");
        assert_eq!(refused.text("/reason"), "already_a_member");
        let unknown = json!({ "email": "nobody@example.test", "role": "expert" });
        project.owner.post(&project.at("/members"), unknown).expect_problem(422, "validation_failed");
        project.owner.post(&project.at("/members"), json!({ "role": "expert" })).expect_problem(422, "validation_failed");
        let nobody = json!({ "user_id": "01890000-0000-7000-8000-000000000000", "role": "expert" });
        let refused = project.owner.post(&project.at("/members"), nobody).expect_problem(422, "validation_failed");
        assert_eq!((refused.text("/errors/0/pointer"), refused.text("/errors/0/code")), ("/user_id", "unknown"));
        assert_eq!(person.get(&project.at("/members")).expect(200).json["items"].as_array().map(Vec::len), Some(2));
    }

    fn a_disabled_user_is_out_at_once(server: &Server) {
        let admin = server.admin();
        let login = json!({ "email": format!("{}@example.test", unique("user")), "password": unique("password") });
        let body = json!({ "email": login["email"], "password": login["password"], "name": "A", "role": "member" });
        let user = admin.post("/v1/users", body).expect(201);
        let path = format!("/v1/users/{}", user.id());
        let anonymous = server.anonymous();
        let tokens = anonymous.post("/v1/auth/login", login.clone()).expect(200);
        let person = server.anonymous().with_bearer(tokens.text("/access_token"));
        person.get("/v1/me").expect(200);

        admin.patch(&path, json!({ "disabled": true })).if_match(user.etag()).expect(200);
        person.get("/v1/me").expect_problem(401, "unauthenticated");
        anonymous.post("/v1/auth/login", login.clone()).expect_problem(401, "unauthenticated");
        let refresh = json!({ "refresh_token": tokens.text("/refresh_token") });
        anonymous.post("/v1/auth/refresh", refresh.clone()).expect_problem(401, "unauthenticated");

        admin.patch(&path, json!({ "disabled": false })).if_match("\"2\"").expect(200);
        anonymous.post("/v1/auth/login", login).expect(200);
        anonymous.post("/v1/auth/refresh", refresh).expect_problem(401, "unauthenticated");
    }

    fn nobody_disables_themselves(server: &Server) {
        let (admin, id) = server.user("admin");
        let refused = admin.patch(&format!("/v1/users/{id}"), json!({ "disabled": true })).if_match("*").expect_problem(409, "conflict");
        assert_eq!(refused.text("/reason"), "own_user");
    }

    fn users_are_made_by_administrators(server: &Server) {
        let (member, _) = server.user("member");
        let email = format!("{}@example.test", unique("User"));
        let body = json!({ "email": email, "name": "A", "password": "ten chars!", "role": "member" });
        member.post("/v1/users", body.clone()).expect_problem(403, "forbidden");
        member.get("/v1/users").expect_problem(403, "forbidden");
        let made = server.admin().post("/v1/users", body.clone()).expect(201);
        assert!(!made.body.contains("password"), "{made}");
        let refused = server.admin().post("/v1/users", body).expect_problem(409, "conflict");
        assert_eq!(refused.text("/reason"), "email_taken");
        let weak = json!({ "email": "no address", "name": "", "password": "short", "role": "member" });
        let refused = server.admin().post("/v1/users", weak).expect_problem(422, "validation_failed");
        let pointers: Vec<_> = refused.json["errors"].as_array().expect("errors").iter().map(|e| e["pointer"].clone()).collect();
        assert_eq!(pointers, ["/email", "/password", "/name"]);
    }

    fn guessing_passwords_has_to_wait(server: &Server) {
        let guess = || {
            let body = json!({ "email": "guessed@example.test", "password": "a guess" });
            server.anonymous().post("/v1/auth/login", body).send()
        };
        let statuses: Vec<u16> = (0..11).map(|_| guess().status).collect();
        assert_eq!(statuses, [vec![401; 10], vec![429]].concat());
        let seconds: u32 = guess().header("retry-after").parse().expect("seconds");
        assert!((1..=300).contains(&seconds));
    }

}
