//! What a list of interactions is narrowed by, alike on both databases.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::{Server, on_both};

on_both! {
    fn by_what_evaluations_said(server: &Server) {
        let list = List::new(server);
        let scored = |query: &str, trust: Value, helpful: Value| {
            let mut body = good(query);
            body["scores"] = json!({ "trustworthiness": trust, "response_helpfulness": helpful, "unjudged": 0.5 });
            list.record(body);
        };
        scored("both pass", json!(0.7), json!(0.9));
        scored("one fails", json!(0.699), json!(0.9));
        scored("both fail", json!(0.1), json!(0.1));
        scored("one is missing", json!(null), json!(0.9));
        assert_eq!(list.found("failing=trustworthiness"), ["both fail", "one fails"]);
        assert_eq!(list.found("failing=trustworthiness,response_helpfulness"), ["both fail"]);
        assert_eq!(list.found("passing=trustworthiness"), ["both pass"]);
        assert_eq!(list.found("passing=response_helpfulness&failing=trustworthiness"), ["one fails"]);
        assert_eq!(list.found("problem=hallucination,unhelpful"), ["both fail", "one fails"]);
        assert_eq!(list.found("problem=unhelpful").len(), 0);
        for nobodys in ["failing=unjudged", "passing=unjudged", "failing=%27%22%5D%29--", "passing=%24.a"] {
            assert_eq!(list.found(nobodys).len(), 0, "{nobodys}");
        }
    }

    fn by_the_tools_it_calls(server: &Server) {
        let list = List::new(server);
        let calling = |query: &str, names: &[&str]| {
            let calls: Vec<Value> = names
                .iter()
                .map(|name| json!({ "id": "c", "type": "function", "function": { "name": name, "arguments": "{}" } }))
                .collect();
            let mut body = good(query);
            body["response"] = json!({ "choices": [{ "message": { "role": "assistant", "content": "…", "tool_calls": calls } }] });
            list.record(body);
        };
        list.record(good("plain"));
        calling("none", &[]);
        calling("one", &["find \"it\""]);
        calling("two", &["look, up", "book", "book"]);
        assert_eq!(list.found("calls_tools=true"), ["two", "one"]);
        assert_eq!(list.found("calls_tools=false"), ["none", "plain"]);
        assert_eq!(list.found("tools=book"), ["two"]);
        assert_eq!(list.found("tools=book,find%20%22it%22"), ["two", "one"]);
        assert_eq!(list.found("tools=Book").len(), 0);
        assert_eq!(list.all("")[0]["tools_called"], json!(["look, up", "book"]));
        assert_eq!(list.all("")[3]["tools_called"], json!([]));
    }

    fn by_metadata(server: &Server) {
        let list = List::new(server);
        let with = |query: &str, metadata: Value| {
            let mut body = good(query);
            body["metadata"] = metadata;
            list.record(body);
        };
        list.record(good("nothing"));
        with("empty", json!({}));
        with("pro", json!({ "plan": "pro", "seats": 3, "paid": true, "a\"b.c[0]": "x" }));
        with("team", json!({ "plan": "team", "seats": 3.0, "paid": false }));
        with("null", json!({ "plan": null, "seats": "3", "paid": 1 }));
        with("nested", json!({ "plan": ["pro"], "seats": { "3": 3 } }));
        let found = |metadata: Value| list.found(&format!("metadata={}", encoded(&metadata.to_string())));
        assert_eq!(found(json!({ "plan": "pro" })), ["pro"]);
        assert_eq!(found(json!({ "plan": ["pro", "team"] })), ["team", "pro"]);
        assert_eq!(found(json!({ "plan": ["pro", null] })), ["null", "pro", "empty", "nothing"]);
        assert_eq!(found(json!({ "plan": null })), ["null", "empty", "nothing"]);
        assert_eq!(found(json!({ "plan": [] })), ["null", "empty", "nothing"]);
        assert_eq!(found(json!({ "seats": 3 })), ["team", "pro"]);
        assert_eq!(found(json!({ "seats": "3" })), ["null"]);
        assert_eq!(found(json!({ "paid": true })), ["pro"]);
        assert_eq!(found(json!({ "paid": 1 })), ["null"]);
        assert_eq!(found(json!({ "plan": "pro", "paid": false })).len(), 0);
        assert_eq!(found(json!({ "a\"b.c[0]": "x" })), ["pro"]);
        assert_eq!(found(json!({})).len(), 6);
        for wrong in ["[]", "7", "{", "%7B%22a%22%3A%22%5Cu0000%22%7D", "%7B%22a%22%3A%7B%7D%7D", "%7B%22a%22%3A%5B%5B1%5D%5D%7D"] {
            list.refuses(&format!("metadata={wrong}"));
        }
    }

    fn by_words_in_any_case(server: &Server) {
        let list = List::new(server);
        let said = |query: &str, rewritten: Value, response: &str| {
            let mut body = good(query);
            body["rewritten_query"] = rewritten;
            body["response"] = json!(response);
            list.record(body);
        };
        said("Wie ÖFFNE ich ein Konto?", json!(null), "In der Filiale.");
        said("and then?", json!("What comes after the 5% [fee]?"), "Nothing_at all.");
        said("plain", json!(null), "In two\nlines: a*b\\c");
        let found = |text: &str| list.found(&format!("search={}", encoded(text)));
        assert_eq!(found("öffne"), ["Wie ÖFFNE ich ein Konto?"]);
        assert_eq!(found("KONTO?"), ["Wie ÖFFNE ich ein Konto?"]);
        assert_eq!(found("in "), ["plain", "Wie ÖFFNE ich ein Konto?"]);
        assert_eq!(found("5% [FEE]"), ["and then?"]);
        assert_eq!(found("THEN"), ["and then?"]);
        assert_eq!(found("a*B\\c"), ["plain"]);
        assert_eq!(found("two\nlines"), ["plain"]);
        for other in ["a.b", "k.nto", "nothing%at", "nothing?at", "[a-z]", "oeffne", "***:x", "^in"] {
            assert_eq!(found(other).len(), 0, "{other}");
        }
        list.refuses("search=%00");
        list.refuses(&format!("search={}", "x".repeat(201)));
    }

    fn by_issue_and_page_by_page(server: &Server) {
        let list = List::new(server);
        for _ in 0..3 {
            list.record(bad("How do I close my account?"));
        }
        list.record(bad("Which fees does a transfer abroad have?"));
        let issue = list.all("search=close")[0]["issue_id"].as_str().expect("an issue").to_owned();
        let of_issue = format!("issue_id={issue}&failing=trustworthiness&search=ACCOUNT");
        assert_eq!(list.found(&of_issue).len(), 3);
        let page = list.project.owner.get(&list.project.at(format!("/interactions?limit=2&{of_issue}"))).expect(200);
        let cursor = page.text("/next_cursor");
        let next = list.project.owner.get(&list.project.at(format!("/interactions?limit=2&{of_issue}&cursor={cursor}"))).expect(200);
        assert_eq!((page.items().len(), next.items().len()), (2, 1));
        let other = format!("/interactions?limit=2&failing=trustworthiness&cursor={cursor}");
        list.project.owner.get(&list.project.at(other)).expect_problem(400, "invalid_cursor");
    }

    fn the_few_of_a_large_issue_are_found_wherever_they_are(server: &Server) {
        let list = List::new(server);
        let asked = |number: i64| {
            let mut body = bad("How do I close my account?");
            body["created_at"] = json!(1_780_000_000 + number / 3);
            body["metadata"] = json!({ "place": if number % 20 == 7 { "wanted" } else { "other" }, "number": number });
            body
        };
        let batch: Vec<Value> = (0..90).map(asked).collect();
        list.project.owner.post(&list.project.at("/interactions/batch"), json!({ "interactions": batch })).expect(200);
        let issue = list.all("search=close&limit=1")[0]["issue_id"].as_str().expect("an issue").to_owned();
        let wanted = encoded(r#"{"place":"wanted"}"#);
        for order in ["occurred_at", "-occurred_at"] {
            let (mut numbers, mut cursor) = (Vec::new(), String::new());
            loop {
                let query = format!("issue_id={issue}&metadata={wanted}&include=metadata&limit=1&sort={order}{cursor}");
                let page = list.project.owner.get(&list.project.at(format!("/interactions?{query}"))).expect(200);
                numbers.extend(page.items().iter().map(|item| item["metadata"]["number"].as_i64().expect("a number")));
                match page.json["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            if order.starts_with('-') {
                numbers.reverse();
            }
            assert_eq!(numbers, [7, 27, 47, 67, 87], "{order}");
        }
    }

    fn what_no_index_finds_is_looked_for_in_parts(server: &Server) {
        let list = List::new(server);
        let send = |batch: Vec<Value>| {
            list.project.owner.post(&list.project.at("/interactions/batch"), json!({ "interactions": batch })).expect(200);
        };
        let at = |mut body: Value, moment: i64| {
            body["created_at"] = json!(1_780_000_000 + moment);
            body
        };
        let step = |query: &str, moment: i64| {
            let mut body = at(good(query), moment);
            body["kind"] = json!("step");
            body
        };
        send(vec![at(bad("The oldest needle"), -2), at(bad("A needle at the bottom"), -1)]);
        for batch in 0..105 {
            // Three at each moment: places are told apart by their ids, too.
            let hay = |number: i64| step(&format!("hay {number}"), number / 3);
            send((batch * 100..(batch + 1) * 100).map(hay).collect());
        }
        send(vec![step("The needle on top", 20_000)]);

        let page = |query: &str| list.project.owner.get(&list.project.at(format!("/interactions?{query}"))).expect(200);
        let first = page("search=needle");
        assert_eq!(first.items().len(), 1, "{}", first.json);
        let cursor = first.text("/next_cursor");
        // The ten-thousandth from the top: 10,500 pieces of hay, the first 501 of which are left.
        assert_eq!(first.text("/stopped_at"), "2026-05-28T20:29:27Z");
        assert!(first.header("link").contains(cursor));
        let rest = page(&format!("search=needle&cursor={cursor}"));
        let found: Vec<&Value> = rest.items().iter().map(|item| &item["query_excerpt"]).collect();
        assert_eq!(found, ["A needle at the bottom", "The oldest needle"]);
        assert_eq!((&rest.json["next_cursor"], &rest.json["stopped_at"]), (&json!(null), &json!(null)));

        let full = page("search=hay&limit=3");
        assert_eq!((full.items().len(), &full.json["stopped_at"]), (3, &json!(null)));
        // What has an index is found wherever it is, and what else is asked for is looked for from there.
        assert_eq!(list.found("escalated=true"), ["A needle at the bottom", "The oldest needle"]);
        assert_eq!(list.found("blocked=true&search=oldest"), ["The oldest needle"]);
        assert_eq!(list.found("problem=hallucination&sort=occurred_at"), ["The oldest needle", "A needle at the bottom"]);
        assert_eq!(page("kind=response&calls_tools=false").items().len(), 0);

        // Found in several stretches, page after page, in either order.
        let all = |order: &str| {
            let (mut found, mut cursor) = (Vec::<i64>::new(), String::new());
            loop {
                let page = page(&format!("search=hay%2070&limit=5&sort={order}{cursor}"));
                let number = |item: &Value| item["query_excerpt"].as_str().and_then(|text| text.strip_prefix("hay ")?.parse::<i64>().ok());
                found.extend(page.items().iter().map(|item| number(item).expect("a piece of hay")));
                match page.json["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return found,
                }
            }
        };
        let expected: Vec<i64> = [70..71, 700..710, 7000..7100].into_iter().flatten().collect();
        for order in ["occurred_at", "-occurred_at"] {
            let mut found = all(order);
            if order.starts_with('-') {
                found.reverse();
            }
            assert!(found.is_sorted_by_key(|number| number / 3), "{order}: {found:?}");
            found.sort_unstable();
            assert_eq!(found, expected, "{order}: each once");
        }
    }
}

/// The list of a project's interactions.
struct List {
    project: Project,
}

impl List {
    fn new(server: &Server) -> Self {
        Self { project: server.project() }
    }

    fn record(&self, body: Value) {
        self.project.owner.post(&self.project.at("/validate"), body).expect(200);
    }

    fn all(&self, query: &str) -> Vec<Value> {
        self.project
            .owner
            .get(&self.project.at(format!("/interactions?{query}")))
            .expect(200)
            .items()
            .to_vec()
    }

    fn found(&self, query: &str) -> Vec<String> {
        self.all(query)
            .iter()
            .map(|item| item["query_excerpt"].as_str().expect("a query").to_owned())
            .collect()
    }

    fn refuses(&self, query: &str) {
        self.project
            .owner
            .get(&self.project.at(format!("/interactions?{query}")))
            .expect_problem(400, "invalid_query");
    }
}

/// As a value in a query string.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").expect("a String takes everything");
        encoded
    })
}
