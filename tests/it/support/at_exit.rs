//! Clean-up that happens however the test process ends.

use std::process::{Child, Command, Stdio};

/// A shell command that runs when this value is dropped, or when the test process ends, even killed: a waiting
/// shell sees its standard input close. (A `static` is never dropped, so `Drop` alone would not do.)
pub struct AtExit(Option<Child>);

impl AtExit {
    /// `script` sees `arguments` as `$1`, `$2`, …
    pub fn run(script: &str, arguments: &[&str]) -> Self {
        let waiting = format!("trap '' INT TERM HUP; read -r _; {script}");
        let child = Command::new("sh")
            .args(["-c", &waiting, "at-exit"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        Self(Some(child))
    }

    /// Forgets the command: what it was to clean up is gone.
    pub fn disarm(mut self) {
        if let Some(mut child) = self.0.take() {
            child.kill().and_then(|()| child.wait()).expect("the waiting shell ends");
        }
    }
}

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // `wait` closes the shell's standard input first.
            let _ = child.wait();
        }
    }
}
