//! The real server as a child process.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use super::at_exit::AtExit;
use super::builders::unique;
use super::client::Caller;
use super::database::{Database, Home, psql, sqlite};

/// The administrator every test server starts with.
pub const ADMIN_EMAIL: &str = "admin@example.test";
/// Their password.
pub const ADMIN_PASSWORD: &str = "a password for tests only";

const SECRET_KEY: &str = "dGVzdHMgb25seSB0ZXN0cyBvbmx5IHRlc3RzIG9ubHk=";
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `expert-workspace serve` on a database of its own.
pub struct Server {
    database: Database,
    home: Arc<Home>,
    settings: Vec<(String, String)>,
    log: PathBuf,
    process: Option<Process>,
}

/// Between a start and its stop.
struct Process {
    child: Child,
    address: String,
    kill_at_exit: AtExit,
}

impl Server {
    /// A fresh server on an empty database.
    pub fn start(database: Database) -> Self {
        Self::start_with(database, &[])
    }

    /// A fresh server with more settings: `("EW_…", "value")`.
    pub fn start_with(database: Database, settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut server = Self::at(database, Arc::new(Home::new(database)), settings);
        server.spawn();
        server
    }

    /// Two servers on one empty database, started at the same moment.
    pub fn start_two(database: Database) -> (Self, Self) {
        let home = Arc::new(Home::new(database));
        let mut first = Self::at(database, Arc::clone(&home), Vec::new());
        let mut second = Self::at(database, home, Vec::new());
        std::thread::scope(|scope| {
            scope.spawn(|| first.spawn());
            scope.spawn(|| second.spawn());
        });
        (first, second)
    }

    fn at(database: Database, home: Arc<Home>, settings: Vec<(String, String)>) -> Self {
        let log = home.folder.join(format!("{}.log", unique("server")));
        Self { database, home, settings, log, process: None }
    }

    /// The server that tests share: each works in a project of its own.
    pub fn shared(database: Database) -> &'static Self {
        static SQLITE: OnceLock<Server> = OnceLock::new();
        static POSTGRES: OnceLock<Server> = OnceLock::new();
        let cell = match database {
            Database::Sqlite => &SQLITE,
            Database::Postgres => &POSTGRES,
        };
        cell.get_or_init(|| Self::start(database))
    }

    /// Which engine it runs on.
    pub fn database(&self) -> Database {
        self.database
    }

    /// Asks it to stop (SIGTERM) and waits until it has drained.
    pub fn stop(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("the server runs");
        signal("TERM", process.child.id());
        let since = Instant::now();
        let status = loop {
            if let Some(status) = process.child.try_wait().expect("the server's status") {
                break status;
            }
            assert!(since.elapsed() < PATIENCE, "the server does not stop:\n{}", self.log());
            sleep(Duration::from_millis(5));
        };
        process.kill_at_exit.disarm();
        status
    }

    /// Kills it as a power cut would (SIGKILL).
    pub fn kill9(&mut self) {
        let mut process = self.process.take().expect("the server runs");
        process.child.kill().and_then(|()| process.child.wait()).expect("the server dies");
        process.kill_at_exit.disarm();
    }

    /// Starts it again on the same database; stops it first if it runs.
    pub fn restart(&mut self) {
        if self.process.is_some() {
            self.stop();
        }
        self.spawn();
    }

    /// Starts it again on the same database with these settings instead of the ones before.
    pub fn restart_with(&mut self, settings: &[(&str, &str)]) {
        self.settings = settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        self.restart();
    }

    /// Runs another command of the program (`import`, `openapi`, …) on the same database, to its end.
    pub fn command(&self, arguments: &[&str]) -> Output {
        self.program().args(arguments).output().expect("the program runs")
    }

    /// Starts another server on the same database, with these settings instead, which refuses to: what it says on standard error.
    pub fn refuses_to_start(&self, settings: &[(&str, &str)]) -> String {
        let said = self.home.folder.join(format!("{}.err", unique("refusal")));
        let mut child = self
            .program()
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&said).expect("a file"))
            .spawn()
            .expect("the program runs");
        let since = Instant::now();
        let ended = loop {
            let ended = child.try_wait().expect("its status");
            if ended.is_some() || since.elapsed() > PATIENCE {
                break ended;
            }
            sleep(Duration::from_millis(5));
        };
        let _ = child.kill().and_then(|()| child.wait());
        let said = std::fs::read_to_string(said).expect("what it said");
        assert_eq!(ended.and_then(|status| status.code()), Some(1), "{said}");
        said
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.process.as_ref().expect("the server runs").child.id()
    }

    /// Ends every connection to its database and lets nobody in, as if PostgreSQL had stopped.
    pub fn cut_off_database(&self) {
        self.home.let_in(false);
    }

    /// Lets everybody in again.
    pub fn restore_database(&self) {
        self.home.let_in(true);
    }

    /// The URL of its database.
    pub fn database_url(&self) -> &str {
        &self.home.url
    }

    /// Its working folder, in which its SQLite file `test.db` lies.
    pub fn folder(&self) -> &Path {
        &self.home.folder
    }

    /// What the database says to this statement: a row a line, its columns parted by `|`. For what the API does not show, or would not do.
    pub fn query(&self, statement: &str) -> String {
        match self.database {
            Database::Postgres => psql(&self.home.url, statement),
            Database::Sqlite => sqlite(&self.home.folder.join("test.db"), statement),
        }
    }

    /// An id as this database writes it in a statement.
    pub fn literal(&self, id: &str) -> String {
        match self.database {
            Database::Postgres => format!("'{id}'"),
            Database::Sqlite => format!("x'{}'", id.replace('-', "")),
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.process.as_ref().expect("the server runs").address
    }

    /// Somebody without credentials.
    pub fn anonymous(&self) -> Caller {
        Caller::new(self.address())
    }

    /// The administrator of the default organization, signed in.
    pub fn admin(&self) -> Caller {
        self.login(ADMIN_EMAIL, ADMIN_PASSWORD)
    }

    /// Somebody who signs in.
    pub fn login(&self, email: &str, password: &str) -> Caller {
        let credentials = json!({ "email": email, "password": password });
        let reply = self.anonymous().post("/v1/auth/login", credentials).expect(200);
        self.anonymous().with_bearer(reply.text("/access_token"))
    }

    /// Where the program `expert-workspace` is.
    pub fn program_path() -> PathBuf {
        binary()
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Prints what it logs from now on if the test fails.
    pub fn log_on_failure(&self) -> LogOnFailure {
        let mut log = std::fs::File::open(&self.log).expect("the log file");
        log.seek(SeekFrom::End(0)).expect("the log's end");
        LogOnFailure(log)
    }

    fn program(&self) -> Command {
        let mut command = bare_program(&self.home.folder);
        command
            .env("EW_LISTEN", "127.0.0.1:0")
            .env("EW_DATABASE_URL", &self.home.url)
            .env("EW_ADMIN_EMAIL", ADMIN_EMAIL)
            .env("EW_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("EW_SECRET_KEY", SECRET_KEY)
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    fn spawn(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(&self.log).expect("a log file");
        let earlier = self.log().len();
        let mut child = self
            .program()
            .arg("serve")
            .stdout(log.try_clone().expect("the log file"))
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let kill_at_exit = AtExit::run(r#"kill -9 "$1""#, &[&child.id().to_string()]);
        let since = Instant::now();
        let address = loop {
            if let Some(address) = listening(&self.log()[earlier..]) {
                break address;
            }
            let ended = child.try_wait().expect("the server's status");
            assert!(
                ended.is_none() && since.elapsed() < PATIENCE,
                "the server does not listen ({ended:?}):\n{}",
                self.log()
            );
            sleep(Duration::from_millis(2));
        };
        self.process = Some(Process { child, address, kill_at_exit });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill9();
        }
    }
}

/// See [`Server::log_on_failure`]. Holds the file open, since the server and its folder go first.
pub struct LogOnFailure(std::fs::File);

impl Drop for LogOnFailure {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut log = String::new();
            let _ = self.0.read_to_string(&mut log);
            println!("--- the server's log ---\n{log}");
        }
    }
}

/// The address in a line `… listening on http://127.0.0.1:PORT …`, once the line is complete.
fn listening(log: &str) -> Option<String> {
    let rest = log.split_once("listening on http://")?.1;
    let address = rest.split_once(|c: char| !c.is_ascii_alphanumeric() && !".:[]".contains(c))?.0;
    Some(format!("http://{address}"))
}

/// Runs the program in this folder with nothing configured, to its end.
pub fn program_in(folder: &Path, arguments: &[&str]) -> Output {
    bare_program(folder).args(arguments).output().expect("the program runs")
}

/// The program, without any setting of whoever runs the tests.
fn bare_program(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("EW_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn signal(name: &str, process: u32) {
    let status =
        Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status().expect("sh runs");
    assert!(status.success(), "kill -{name} {process}");
}

/// `EW_BIN`, else the program beside this test executable (`target/<profile>/`).
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("EW_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("this executable's path");
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/");
    let program = profile.join("expert-workspace");
    assert!(program.exists(), "{} is missing: run `scripts/test.sh`, which builds it", program.display());
    program
}
