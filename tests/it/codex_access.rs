//! The Codex wire's users, organizations, projects and access keys.

use serde_json::{Value, json};

use crate::support::builders::unique;
use crate::support::client::Caller;
use crate::support::{Server, on_both};

on_both! {
    fn a_client_begins_with_the_user_and_their_organization(server: &Server) {
        let (person, id) = server.user("member");
        let token = person.post("/v1/me/api-keys", json!({ "name": "laptop" })).expect(201).text("/token").to_owned();
        let client = server.anonymous().with_header("x-api-key", &token);
        let user = client.get("/api/users/myself/api-key").expect(200);
        assert_eq!((user.id(), user.text("/api_key")), (id.as_str(), token.as_str()));
        assert_eq!(user.header("cache-control"), "no-store");
        for field in ["email", "email_verified", "first_name", "last_name", "name", "phone_number", "is_account_activated"] {
            assert!(user.json.get(field).is_some(), "{field}: {user}");
        }
        let organizations = client.get("/api/users/myself/organizations").expect(200);
        let organization = organizations.text("/organizations/0/organization_id").to_owned();
        assert_eq!(organizations.text("/organizations/0/user_id"), id);
        let shown = client.get(&format!("/api/organizations/{organization}/")).expect(200);
        assert_eq!((shown.id(), shown.text("/payment_status")), (organization.as_str(), "NULL"));
        let permissions = client.get(&format!("/api/organizations/{organization}/permissions")).expect(200);
        assert_eq!((&permissions.json["create_projects"], &permissions.json["create_users"]), (&json!(true), &json!(false)));
        client.get(&format!("/api/organizations/{organization}/members")).expect(403);
        let members = server.admin().get(&format!("/api/organizations/{organization}/members")).expect(200);
        assert!(members.list("").iter().any(|member| member["user_id"] == id.as_str()));
        for billing in ["billing", "billing/invoices", "billing/plan-details/"] {
            let refused = client.get(&format!("/api/organizations/{organization}/{billing}")).expect(404);
            assert!(refused.text("/detail").contains("billed"), "{refused}");
        }
        client.get(&format!("/api/organizations/{id}")).expect(404);
    }

    fn a_user_activates_themselves_and_replaces_their_key(server: &Server) {
        let (person, _) = server.user("member");
        let token = person.post("/v1/me/api-keys", json!({ "name": "laptop" })).expect(201).text("/token").to_owned();
        let client = server.anonymous().with_header("x-api-key", &token);
        let names = json!({ "first_name": "Ada", "last_name": "King Lovelace", "discovery_source": null, "phone_number": "1" });
        let user = client.patch("/api/users/activate_account", names).expect(200);
        assert_eq!((user.text("/name"), user.text("/first_name"), user.text("/last_name")), ("Ada King Lovelace", "Ada", "King Lovelace"));
        assert_eq!(client.get("/api/users/myself").expect(200).text("/name"), "Ada King Lovelace");
        assert!(!client.get("/api/users/myself").expect(200).body.contains(&token), "the key is shown where it is asked for only");
        client.call("POST", "/api/users/verification/resend").expect(200);
        let fresh = client.call("POST", "/api/users/myself/api-key/refresh").header("content-type", "application/json").expect(200);
        for field in ["api_key_timestamp", "created_at", "updated_at", "account_activated_at", "discovery_source", "user_provided_company_name"] {
            assert!(fresh.json.get(field).is_some(), "{field}: {fresh}");
        }
        client.get("/api/users/myself/api-key").expect(401);
        server.anonymous().with_header("x-api-key", fresh.text("/api_key")).get("/api/users/myself/api-key").expect(200);
        assert!(!fresh.text("/api_key").starts_with("sk-"));
    }

    fn a_project_is_made_listed_changed_and_deleted(server: &Server) {
        let owner = server.admin();
        let organization = organization(&owner);
        let name = unique("Wire Project");
        let body = json!({ "name": name, "organization_id": organization, "config": {}, "description": null });
        let made = owner.post("/api/projects/", body.clone()).expect(200);
        whole_project(&made.json);
        assert_eq!(made.text("/created_by_user_id"), owner.get("/v1/me").expect(200).id());
        let path = format!("/api/projects/{}", made.id());
        let shown = owner.get(&path).expect(200);
        whole_project(&shown.json);
        assert_eq!(shown.json["custom_rank_enabled"], false);
        let again = owner.post("/api/projects/", body).expect(400);
        assert!(again.text("/detail").contains("name"), "{again}");

        let found = owner.get(&format!("/api/projects/?query={}&include_unaddressed_counts=true", name[5..].to_uppercase())).expect(200);
        assert_eq!((&found.json["total_count"], &found.json["filters"]["query"]), (&json!(1), &json!(name[5..].to_uppercase())));
        whole_project(&found.json["projects"][0]);
        assert_eq!(found.json["projects"][0]["unaddressed_count"], 0);

        let change = json!({
            "name": null, "description": "About water.", "auto_clustering_enabled": true,
            "config": { "max_distance": 0.25, "eval_config": {
                "default_evals": { "trustworthiness": { "eval_key": "trustworthiness", "name": "Trust", "threshold": 0.9 } },
                "custom_evals": { "evals": { "tone": { "eval_key": "tone", "name": "Tone", "criteria": "Kind?", "should_guardrail": true } } },
            } },
        });
        let changed = owner.put(&path, change).expect(200);
        whole_project(&changed.json);
        assert_eq!((changed.text("/name"), changed.text("/description")), (name.as_str(), "About water."));
        assert_eq!((&changed.json["config"]["max_distance"], &changed.json["auto_clustering_enabled"]), (&json!(0.25), &json!(true)));
        let evals = &changed.json["config"]["eval_config"];
        assert_eq!(evals["default_evals"]["trustworthiness"]["threshold"], 0.9);
        assert_eq!(evals["custom_evals"]["evals"]["tone"]["should_guardrail"], true);
        let kept = owner.put(&path, json!({ "config": { "tlm_evals_model": "small" } })).expect(200);
        assert_eq!(kept.json["config"]["max_distance"], 0.25);
        let nulls = owner.put(&path, json!({ "config": { "max_distance": null, "eval_config": null } })).expect(200);
        assert_eq!(nulls.json["config"], kept.json["config"], "null leaves what there is");
        let wrong = json!({ "max_distance": "near", "query_use_llm_matching": "yes", "llm_matching_quality_preset": "great", "tlm_evals_model": 7 });
        for (name, value) in wrong.as_object().expect("an object") {
            for refused in [owner.put(&path, json!({ "config": { name: value } })).expect(422),
                owner.post("/api/projects", json!({ "name": unique("p"), "organization_id": organization, "config": { name: value } })).expect(422)] {
                assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "config", name]), "{refused}");
            }
        }
        let far = owner.put(&path, json!({ "config": { "max_distance": 1.5 } })).expect(422);
        assert_eq!(far.json["detail"][0]["loc"], json!(["body", "config", "max_distance"]));
        let settings = format!("/v1/projects/{}/settings", made.id());
        let extensions = owner.get(&settings).expect(200).json["extensions"].clone();
        let mut odd = extensions.clone();
        odd["codex"]["config"]["max_distance"] = json!("near");
        owner.patch(&settings, json!({ "extensions": odd })).if_match("*").expect(200);
        assert_eq!(owner.get(&path).expect(200).json["config"]["max_distance"], Value::Null, "nothing of another type is told");
        owner.patch(&settings, json!({ "extensions": extensions })).if_match("*").expect(200);

        let refused = json!({ "name": "Other", "config": { "eval_config": { "default_evals": { "query_ease": { "threshold": 3 } } } } });
        let refused = owner.put(&path, refused).expect(422);
        assert_eq!(refused.json["detail"][0]["loc"].as_array().map(Vec::len), Some(6), "{refused}");
        assert_eq!(owner.get(&path).expect(200).text("/name"), name);

        owner.delete(&path).expect(204);
        owner.get(&path).expect(404);
        owner.get("/api/projects/not-an-id").expect(404);
    }

    fn projects_come_in_pages_in_both_orders(server: &Server) {
        let (owner, _) = server.user("member");
        let organization = organization(&owner);
        let made: Vec<String> = (0..5)
            .map(|_| owner.post("/api/projects", json!({ "name": unique("p"), "organization_id": organization, "config": {} })).expect(200).id().to_owned())
            .collect();
        let ids = |query: &str| -> Vec<String> {
            let page = owner.get(&format!("/api/projects/?{query}")).expect(200);
            assert_eq!(page.json["total_count"], 5);
            assert_eq!(page.json["projects"][0]["unaddressed_count"], Value::Null);
            page.list("/projects").iter().map(|project| project["id"].as_str().expect("an id").to_owned()).collect()
        };
        assert_eq!(ids("order=asc&sort=created_at&limit=2&offset=1"), made[1..3]);
        assert_eq!(ids("order=desc&sort=created_at&limit=2&offset=3"), [made[1].clone(), made[0].clone()]);
        assert_eq!(ids(&format!("order=asc&organization_id={organization}&limit=")), made);
        owner.put(&format!("/api/projects/{}", made[0]), json!({ "description": "Changed last." })).expect(200);
        assert_eq!(ids("sort=updated_at&order=desc&limit=1"), [made[0].clone()]);
        owner.get("/api/projects/?sort=colour").expect(422);
        owner.get("/api/projects/?limit=-1").expect(422);
    }

    fn a_project_is_made_from_another_one(server: &Server) {
        let template = server.project();
        let path = format!("/api/projects/{}", template.id);
        template.owner.put(&path, json!({ "description": "Original.", "config": { "max_distance": 0.1 } })).expect(200);
        let tone = json!({ "eval_key": "tone", "name": "Tone", "criteria": "Kind?", "threshold": 0.4, "query_identifier": "Q" });
        template.owner.post(&format!("{path}/evals"), tone).expect(200);
        let guardrail = json!({ "name": "Competitors", "patterns": ["acme"], "focus": ["response"] });
        template.owner.post(&template.at("/guardrails"), guardrail).expect(201);
        let organization = organization(&template.owner);
        let copy = |body: Value| {
            template.owner.post(&format!("/api/projects/create-from-template?template_project_id={}", template.id), body)
        };
        let made = copy(json!({ "organization_id": organization, "name": null, "description": null })).expect(200);
        whole_project(&made.json);
        assert_eq!(made.text("/description"), "Original.");
        let original = template.owner.get(&path).expect(200);
        assert_eq!(made.json["config"], original.json["config"]);
        assert!(made.text("/name").starts_with(original.text("/name")) && made.text("/name") != original.text("/name"));
        let guardrails = template.owner.get(&format!("/v1/projects/{}/guardrails", made.id())).expect(200);
        assert_eq!(guardrails.items()[0]["name"], "Competitors");
        let named = copy(json!({ "organization_id": organization, "name": unique("copy"), "description": "New." })).expect(200);
        assert_eq!(named.text("/description"), "New.");
        let (stranger, _) = server.user("member");
        let body = json!({ "organization_id": organization });
        stranger.post(&format!("/api/projects/create-from-template?template_project_id={}", template.id), body).expect(404);
    }

    fn an_access_key_lives_and_ends(server: &Server) {
        let project = server.project();
        let keys = format!("/api/projects/{}/access_keys", project.id);
        let body = json!({ "name": "app", "description": null, "expires_at": null });
        let made = project.owner.post(&format!("{keys}/"), body).expect(200);
        whole_key(&made.json);
        let key = format!("{keys}/{}", made.id());
        let service = server.anonymous().with_header("x-access-key", made.text("/token"));
        assert_eq!(service.get("/api/projects/id_from_access_key").expect(200).text("/project_id"), project.id);
        service.get(&format!("/api/projects/{}", project.id)).expect(200);

        let listed = project.owner.get(&format!("{keys}/")).expect(200);
        for shown in [listed.list("")[0].clone(), project.owner.get(&key).expect(200).json] {
            whole_key(&shown);
            let token = shown["token"].as_str().expect("a token");
            assert!(token != made.text("/token") && token.ends_with(&made.text("/token")[44..]), "{shown}");
            assert_eq!(shown["status"], "active");
        }
        let naive = json!({ "name": "app 2", "description": "For the shop.", "expires_at": "2100-01-01T00:00:00" });
        let changed = project.owner.put(&key, naive).expect(200);
        assert_eq!((changed.text("/expires_at"), changed.text("/name")), ("2100-01-01T00:00:00Z", "app 2"));
        assert!(changed.text("/updated_at") > changed.text("/created_at"));
        project.owner.put(&key, json!({ "name": "app 2", "expires_at": "2001-01-01" })).expect(422);
        let renamed = project.owner.put(&key, json!({ "name": "app 3" })).expect(200);
        assert_eq!((renamed.text("/expires_at"), renamed.text("/description")), ("2100-01-01T00:00:00Z", "For the shop."));
        let open = project.owner.put(&key, json!({ "name": "app 3", "expires_at": null, "description": null })).expect(200);
        assert_eq!((&open.json["expires_at"], &open.json["description"]), (&Value::Null, &Value::Null));

        project.owner.call("POST", &format!("{key}/revoke")).header("content-type", "application/json").expect(204);
        assert_eq!(project.owner.get(&key).expect(200).json["status"], "revoked");
        service.get("/api/projects/id_from_access_key").expect(401);
        project.owner.delete(&key).expect(204);
        project.owner.get(&key).expect(404);
        project.owner.delete(&key).expect(404);
    }

    fn what_needs_a_user_is_a_401_to_a_key(server: &Server) {
        let project = server.project();
        let keys = format!("/api/projects/{}/access_keys/", project.id);
        let token = project.owner.post(&keys, json!({ "name": "app" })).expect(200).text("/token").to_owned();
        let service = server.anonymous().with_header("x-access-key", &token);
        for refused in [
            service.post(&keys, json!({ "name": "more" })),
            service.get(&keys),
            service.get("/api/users/myself/api-key"),
            service.get("/api/projects/"),
            service.put(&format!("/api/projects/{}", project.id), json!({})),
            service.delete(&format!("/api/projects/{}", project.id)),
        ] {
            let refused = refused.expect(401);
            assert!(refused.text("/detail").contains("access key"), "{refused}");
        }
        let (viewer, _) = project.member(server, "viewer");
        viewer.get(&keys).expect(403);
        viewer.get(&format!("/api/projects/{}", project.id)).expect(200);
        server.user("member").0.get(&keys).expect(404);
        assert_eq!(project.owner.post(&keys, json!({ "name": null })).expect(422).json["detail"][0]["loc"], json!(["body", "name"]));
    }

    fn evaluations_are_made_changed_and_taken_away(server: &Server) {
        let project = server.project();
        let evals = format!("/api/projects/{}/evals", project.id);
        let new = json!({
            "eval_key": "brand_safety", "name": "Brand Safety", "criteria": "Is the Response kind to the brand?", "response_identifier": "Response",
            "threshold": 0.3, "threshold_direction": "below", "should_guardrail": true, "should_escalate": false, "priority": null, "is_default": false,
            "guardrailed_fallback": { "message": "Let me not.", "priority": 2, "type": "ai_guidance" },
        });
        let whole = project.owner.post(&evals, new.clone()).expect(200);
        whole_project(&whole.json);
        let listed = project.owner.get(&format!("{evals}/")).expect(200);
        assert_eq!((listed.list("/evals").len(), &listed.json["total_count"]), (6, &json!(6)));
        let safety = listed.list("/evals").iter().find(|eval| eval["eval_key"] == "brand_safety").expect("it is listed").clone();
        assert_eq!((&safety["response_identifier"], &safety["query_identifier"]), (&json!("Response"), &Value::Null));
        assert_eq!((&safety["guardrailed_fallback"]["type"], &safety["guardrailed_fallback"]["message"]), (&json!("ai_guidance"), &json!("Let me not.")));
        let guardrails = project.owner.get(&format!("{evals}?guardrails_only=true&limit=1&offset=1")).expect(200);
        assert_eq!((guardrails.list("/evals").len(), &guardrails.json["total_count"]), (1, &json!(2)));

        project.owner.post(&evals, new).expect(400);
        for key in ["..", "Brand Safety", "a/b", "", &"a".repeat(65)] {
            let body = json!({ "eval_key": key, "name": "x", "criteria": "y" });
            let refused = project.owner.post(&evals, body).expect(422);
            assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "eval_key"]));
        }
        let changed = project.owner.put(&format!("{evals}/brand_safety"), json!({ "eval_key": "brand_safety", "enabled": false })).expect(200);
        assert_eq!(changed.json["config"]["eval_config"]["custom_evals"]["evals"]["brand_safety"]["enabled"], false);
        project.owner.put(&format!("{evals}/brand_safety"), json!({ "eval_key": "other" })).expect(422);
        project.owner.put(&format!("{evals}/nothing"), json!({ "eval_key": "nothing" })).expect(404);
        let fallback = |body: Value| {
            let changed = project.owner.put(&format!("{evals}/brand_safety"), body).expect(200);
            changed.json["config"]["eval_config"]["custom_evals"]["evals"]["brand_safety"].clone()
        };
        assert_eq!(fallback(json!({ "threshold": null }))["guardrailed_fallback"]["message"], "Let me not.");
        let without = fallback(json!({ "guardrailed_fallback": null, "response_identifier": null }));
        assert_eq!((&without["guardrailed_fallback"], &without["response_identifier"]), (&Value::Null, &Value::Null), "these may be null");
        let shouted = json!({ "guardrailed_fallback": { "message": "No.", "priority": 1, "type": "shout" } });
        let refused = project.owner.put(&format!("{evals}/brand_safety"), shouted).expect(422);
        assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "guardrailed_fallback", "type"]), "{refused}");
        let default = json!({ "eval_key": "trustworthiness", "threshold": 0.6, "should_escalate": false });
        let changed = project.owner.put(&format!("{evals}/trustworthiness"), default).expect(200);
        assert_eq!(changed.json["config"]["eval_config"]["default_evals"]["trustworthiness"]["threshold"], 0.6);

        project.owner.delete(&format!("{evals}/trustworthiness")).expect(400);
        let without = project.owner.delete(&format!("{evals}/brand_safety")).expect(200);
        assert_eq!(without.json["config"]["eval_config"]["custom_evals"]["evals"], json!({}));
    }
}

fn organization(person: &Caller) -> String {
    let mine = person.get("/api/users/myself/organizations/").expect(200);
    mine.text("/organizations/0/organization_id").to_owned()
}

/// Insists on every field of a project, which the strict clients need.
#[track_caller]
fn whole_project(project: &Value) {
    for text in ["id", "name", "organization_id", "created_at", "updated_at", "created_by_user_id"] {
        assert!(project[text].is_string(), "{text}: {project}");
    }
    for field in ["description", "auto_clustering_enabled"] {
        assert!(project.get(field).is_some(), "{field}: {project}");
    }
    assert!(
        project["is_template"].is_boolean() && project["config"].get("max_distance").is_some(),
        "{project}"
    );
    let evals = &project["config"]["eval_config"];
    assert_eq!(evals["default_evals"].as_object().map(serde_json::Map::len), Some(5), "{project}");
    assert!(evals["default_evals"]["trustworthiness"]["display_name"].is_string(), "{project}");
    assert!(evals["custom_evals"]["evals"].is_object(), "{project}");
}

/// Insists on every field of an access key, and the shape of its token.
#[track_caller]
fn whole_key(key: &Value) {
    for field in [
        "id",
        "token",
        "created_at",
        "last_used_at",
        "name",
        "project_id",
        "status",
        "updated_at",
        "description",
        "expires_at",
    ] {
        assert!(key.get(field).is_some(), "{field}: {key}");
    }
    let token = key["token"].as_str().expect("a token");
    assert!(token.len() == 48 && token.starts_with("sk-1-"), "{token}");
}
