//! A disk that does what a test tells it to, under a server on SQLite.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{Database, Server};

/// What the disk does to the database.
#[derive(Clone, Copy)]
pub enum Trouble {
    /// Nothing is synced until it is over.
    Hold,
    /// Syncing fails.
    Fail,
    /// There is no room to write.
    Full,
}

/// The disk of one server.
pub struct Disk(TempDir);

impl Disk {
    /// A server on SQLite, and its disk. The disk is made by the compiler that builds the server.
    pub fn under_a_server() -> (Server, Self) {
        let folder = TempDir::with_prefix("expert-workspace-disk-").expect("a temporary folder");
        let (source, library) = (folder.path().join("disk.c"), folder.path().join("disk.so"));
        std::fs::write(&source, include_str!("disk.c")).expect("a file");
        let made = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .output();
        let made = made.expect("cc runs: building the server takes it");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let text = |path: PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
        let (library, told) = (text(library), text(folder.path().to_owned()));
        let settings = [("LD_PRELOAD", library.as_str()), ("TEST_DISK", told.as_str())];
        (Server::start_with(Database::Sqlite, &settings), Self(folder))
    }

    /// Trouble from now on.
    pub fn begin(&self, trouble: Trouble) {
        std::fs::write(self.file(trouble), "").expect("a file");
    }

    /// It is over.
    pub fn end(&self, trouble: Trouble) {
        std::fs::remove_file(self.file(trouble)).expect("the file");
    }

    fn file(&self, trouble: Trouble) -> PathBuf {
        self.0.path().join(match trouble {
            Trouble::Hold => "hold",
            Trouble::Fail => "fail",
            Trouble::Full => "full",
        })
    }
}
