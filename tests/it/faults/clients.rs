//! Clients that do not read, do not send, or do not wait.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::json;

use super::{body, insist_on};
use crate::support::builders::{Project, good, unique};
use crate::support::client::Caller;
use crate::support::{Server, on_both};

/// Connections of one kind at once: more than the server has workers and connections to its database.
const MANY: usize = 40;
/// Replies that nobody reads, on each of the connections: more than the kernel keeps for one.
const UNREAD: usize = 30;
/// Such connections: each costs as many replies as the kernel keeps.
const IDLE: usize = 12;

on_both! {
    fn a_client_that_hangs_up_is_recorded_once_at_the_most(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        let names: Vec<String> = (0..MANY).map(|_| unique("gone")).collect();
        for (number, name) in names.iter().enumerate() {
            let mut connection = connect(server);
            write_request(&mut connection, &app, "POST", &project.at("/validate"), &body(name, number).to_string());
            // Some are gone before the server looks, some while it works.
            std::thread::sleep(Duration::from_millis(number as u64 % 8));
            connection.shutdown(Shutdown::Both).expect("it hangs up");
        }
        for (number, name) in names.iter().enumerate() {
            let again = || app.post(&project.at("/validate"), body(name, number)).expect(200);
            assert_eq!(again().text("/interaction_id"), again().text("/interaction_id"));
        }
        insist_on(&project, &names);
        assert_eq!(project.all("/interactions").len(), MANY);
        let counted: u64 = project.all("/issues").iter().map(|issue| issue["counts"]["occurrences"].as_u64().unwrap()).sum();
        assert_eq!(counted, project.all("/interactions?escalated=true").len() as u64);
    }

    fn clients_that_do_not_read_hold_nobody_up(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime", "read"]);
        let mut large = good("Is it long?");
        large["response"] = json!("It is. ".repeat(30_000));
        let id = app.post(&project.at("/validate"), large).expect(200).text("/interaction_id").to_owned();
        let path = project.at(format!("/interactions/{id}"));
        let whole = app.get(&path).expect(200).body;
        assert!(whole.len() > 200_000);
        let mut idle: Vec<TcpStream> = (0..IDLE)
            .map(|_| {
                let mut connection = connect(server);
                (0..UNREAD).for_each(|_| write_request(&mut connection, &app, "GET", &path, ""));
                connection
            })
            .collect();
        insist_on_service(&project, &app);
        let mut late = idle.pop().expect("one of them");
        drop(idle);
        late.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let mut read = vec![0; whole.len()];
        late.read_exact(&mut read).expect("who reads at last gets what was asked for");
        assert!(String::from_utf8_lossy(&read).starts_with("HTTP/1.1 200"));
        insist_on_service(&project, &app);
    }

    fn clients_that_send_slowly_hold_nobody_up(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime", "read"]);
        let whole = request(&app, "POST", &project.at("/validate"), &body(&unique("slow"), 1).to_string());
        let (begun, rest) = whole.split_at(whole.len() - 40);
        let mut slow: Vec<TcpStream> = (0..MANY)
            .map(|_| {
                let mut connection = connect(server);
                connection.write_all(begun.as_bytes()).expect("it is sent");
                connection
            })
            .collect();
        insist_on_service(&project, &app);
        // One of them comes to its end, a byte at a time.
        let mut last = slow.pop().expect("one of them");
        for byte in rest.as_bytes() {
            last.write_all(&[*byte]).expect("it is sent");
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut reply = [0; 12];
        last.read_exact(&mut reply).expect("a reply");
        assert_eq!(&reply, b"HTTP/1.1 200");
    }
}

/// Somebody else is answered: were the server held up, this would end with the caller's patience.
#[track_caller]
fn insist_on_service(project: &Project, app: &Caller) {
    for _ in 0..5 {
        app.post(&project.at("/validate"), good("Is anybody there?")).expect(200);
        app.get(&project.at("/issues")).expect(200);
    }
}

fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address().trim_start_matches("http://")).expect("a connection")
}

fn write_request(connection: &mut TcpStream, caller: &Caller, method: &str, path: &str, body: &str) {
    connection.write_all(request(caller, method, path, body).as_bytes()).expect("it is sent");
}

fn request(caller: &Caller, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
    );
    format!("{head}{}\r\n{body}", caller.header_lines())
}
