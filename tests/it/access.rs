//! Signing in, staying signed in, and tokens that lie.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::server::{ADMIN_EMAIL, ADMIN_PASSWORD};
use crate::support::{Database, Server, on_both};

/// How long a refresh token that was already used still works: two tabs may refresh at once.
const GRACE_SECONDS: u64 = 30;

on_both! {
    fn a_password_buys_a_token_that_says_who(server: &Server) {
        let tokens = sign_in(server);
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(tokens["expires_in"], 15 * 60, "an access token lives 15 minutes");
        let (header, claims) = decoded(access_token(&tokens));
        assert_eq!(header["alg"], "EdDSA");
        for claim in ["iss", "aud", "exp", "nbf", "sub"] {
            assert!(!claims[claim].is_null(), "{claim} is missing: {claims}");
        }
        assert!(claims.get("role").is_none() && claims.get("roles").is_none(), "a token says who, not what: {claims}");
        let me = server.anonymous().with_bearer(access_token(&tokens)).get("/v1/me").expect(200);
        assert_eq!(me.text("/email"), ADMIN_EMAIL);
    }

    fn a_wrong_password_and_an_unknown_user_look_alike(server: &Server) {
        let login = |email: &str, password: &str| {
            let credentials = json!({ "email": email, "password": password });
            server.anonymous().post("/v1/auth/login", credentials).expect(401).json
        };
        let mut wrong = login(ADMIN_EMAIL, "not the password");
        let mut unknown = login("nobody@example.test", "not the password");
        for problem in [&mut wrong, &mut unknown] {
            problem["instance"] = Value::Null;
            problem["request_id"] = Value::Null;
        }
        assert_eq!(wrong, unknown);
    }

    fn an_email_address_signs_in_in_any_case(server: &Server) {
        server.login(&ADMIN_EMAIL.to_uppercase(), ADMIN_PASSWORD).get("/v1/me").expect(200);
    }

    fn a_refresh_token_rotates(server: &Server) {
        let first = sign_in(server);
        let second = refresh(server, &first).expect(200).json;
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        server.anonymous().with_bearer(access_token(&second)).get("/v1/me").expect(200);
        refresh(server, &second).expect(200);
    }

    fn two_tabs_may_refresh_at_once(server: &Server) {
        let first = sign_in(server);
        refresh(server, &first).expect(200);
        let late = refresh(server, &first).expect(200).json;
        refresh(server, &late).expect(200);
    }

    fn a_stolen_refresh_token_ends_every_descendant(server: &Server) {
        let first = sign_in(server);
        let second = refresh(server, &first).expect(200).json;
        let other_session = sign_in(server);
        std::thread::sleep(Duration::from_secs(GRACE_SECONDS + 1));
        refresh(server, &first).expect(401);
        refresh(server, &second).expect(401);
        refresh(server, &other_session).expect(200);
    }

    fn logging_out_ends_the_refresh_token(server: &Server) {
        let tokens = sign_in(server);
        let body = json!({ "refresh_token": tokens["refresh_token"] });
        let signed_in = server.anonymous().with_bearer(access_token(&tokens));
        signed_in.post("/v1/auth/logout", body).expect(204);
        refresh(server, &tokens).expect(401);
    }

    fn an_invented_refresh_token_is_refused(server: &Server) {
        for invented in ["", "x", "rt-0000", "\u{0}", &"a".repeat(10_000)] {
            let reply = refresh(server, &json!({ "refresh_token": invented }));
            assert!([400, 401, 422].contains(&reply.status), "{reply}");
        }
    }

    /// RFC 8725's list, as far as it shows from outside; expiry, audience and issuer are tested beside the verifier.
    fn a_token_that_lies_is_refused(server: &Server) {
        let honest = access_token(&sign_in(server)).to_owned();
        server.anonymous().with_bearer(&honest).get("/v1/me").expect(200);
        let stranger = Server::start(Database::Sqlite);
        let foreign = access_token(&sign_in(&stranger)).to_owned();
        let key = server.anonymous().get("/.well-known/jwks.json").expect(200).json["keys"][0].clone();

        let (header, claims) = decoded(&honest);
        let signature = honest.rsplit('.').next().expect("a signature");
        let foreign_signature = foreign.rsplit('.').next().expect("a signature");
        let with = |part: &Value, name: &str, value: Value| {
            let mut part = part.clone();
            part[name] = value;
            part
        };
        let none = with(&header, "alg", json!("none"));
        let lies = [
            ("no signature", encoded(&header, &claims, "")),
            ("alg none", encoded(&none, &claims, "")),
            ("alg None", encoded(&with(&header, "alg", json!("nOnE")), &claims, "")),
            ("alg none with a signature", encoded(&none, &claims, signature)),
            ("alg HS256, signed with the public key", hmac_signed(&with(&header, "alg", json!("HS256")), &claims, &key)),
            ("alg RS256", encoded(&with(&header, "alg", json!("RS256")), &claims, signature)),
            ("another kid", encoded(&with(&header, "kid", json!("another")), &claims, signature)),
            ("a key of its own", encoded(&with(&header, "jwk", key.clone()), &claims, foreign_signature)),
            ("a later end", encoded(&header, &with(&claims, "exp", json!(4_000_000_000_u64)), signature)),
            ("somebody else", encoded(&header, &with(&claims, "sub", json!("01890000-0000-7000-8000-000000000000")), signature)),
            ("another audience", encoded(&header, &with(&claims, "aud", json!("else")), signature)),
            ("another server's", foreign.clone()),
            ("another server's signature", encoded(&header, &claims, foreign_signature)),
            ("another server's, under our kid", {
                let (theirs, claims) = decoded(&foreign);
                encoded(&with(&theirs, "kid", header["kid"].clone()), &claims, foreign_signature)
            }),
            ("two parts", honest.rsplit_once('.').expect("three parts").0.to_owned()),
            ("four parts", format!("{honest}.AAAA")),
            ("empty parts", "..".to_owned()),
            ("not a token", "x".to_owned()),
            ("a long one", "a".repeat(7000)),
        ];
        for (lie, token) in lies {
            let reply = server.anonymous().with_bearer(&token).get("/v1/me").send();
            assert_eq!(reply.status, 401, "{lie}: {reply}");
            assert!(reply.header("www-authenticate").starts_with("Bearer"), "{lie}: {reply}");
        }
    }

    fn an_access_key_is_shown_once_and_dies_when_revoked(server: &Server) {
        let project = server.project();
        let keys = project.at("/access-keys");
        let created = project.owner.post(&keys, json!({ "name": "ci", "scopes": ["read"] })).expect(201);
        let token = created.text("/token").to_owned();
        let secret = token.splitn(3, '-').nth(2).expect("sk-<n>-<secret>");
        assert!(token.starts_with("sk-") && secret.len() == 43, "{token}");
        assert!(!project.owner.get(&keys).expect(200).body.contains(secret), "a list shows no secret");

        let service = server.anonymous().with_header("x-access-key", &token);
        service.get(&project.at("/interactions")).expect(200);
        server.anonymous().with_bearer(&token).get(&project.at("/interactions")).expect(200);
        project.owner.post(&format!("{keys}/{}/revoke", created.id()), json!({})).expect(200);
        service.get(&project.at("/interactions")).expect(401);
    }

    fn a_role_taken_away_is_gone_at_once(server: &Server) {
        let project = server.project();
        let (viewer, user_id) = project.member(server, "viewer");
        viewer.get(&project.at("/interactions")).expect(200);
        project.owner.delete(&project.at(format!("/members/{user_id}"))).expect(204);
        viewer.get(&project.at("/interactions")).expect(404);
    }
}

fn sign_in(server: &Server) -> Value {
    let credentials = json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD });
    server.anonymous().post("/v1/auth/login", credentials).expect(200).json
}

fn refresh(server: &Server, tokens: &Value) -> crate::support::client::Reply {
    server.anonymous().post("/v1/auth/refresh", json!({ "refresh_token": tokens["refresh_token"] })).send()
}

fn access_token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().expect("an access token")
}

/// A JWT's header and claims.
fn decoded(token: &str) -> (Value, Value) {
    let part = |n| {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(n).expect("three parts")).expect("base64url");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (part(0), part(1))
}

fn encoded(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// Signed with HMAC, the published key as its secret: what a verifier that trusts the header's `alg` would accept.
fn hmac_signed(header: &Value, claims: &Value, key: &Value) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let secret = URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("an OKP key")).expect("base64url");
    let unsigned = encoded(header, claims, "");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&secret).expect("any length");
    mac.update(unsigned.trim_end_matches('.').as_bytes());
    unsigned + &URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
