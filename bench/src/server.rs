//! The servers that are measured: the real one and the bare one, each a process of its own on loopback.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::caller::Failure;

/// The administrator of every database made here.
pub const ADMIN_EMAIL: &str = "admin@example.test";
/// Their password.
pub const ADMIN_PASSWORD: &str = "a password for measurements only";
const SECRET_KEY: &str = "bWVhc3VyZW1lbnRzIG9ubHkgbWVhc3VyZW1lbnRzISE=";

/// How long a server may take to listen: it migrates first.
const PATIENCE: Duration = Duration::from_mins(2);

/// Linux counts a process's time in hundredths of a second, on every architecture.
const US_PER_TICK: f64 = 10_000.0;

/// A process that listens; it ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// The program `expert-workspace` on this database, set up as it comes but for these settings; its log goes to a file in `folder`.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(
        program: &Path,
        database: &str,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("EW_")) {
            command.env_remove(name);
        }
        command
            .arg("serve")
            .current_dir(folder)
            .env("EW_LISTEN", "127.0.0.1:0")
            .env("EW_DATABASE_URL", database)
            .env("EW_ADMIN_EMAIL", ADMIN_EMAIL)
            .env("EW_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("EW_SECRET_KEY", SECRET_KEY)
            .envs(settings.iter().copied());
        Self::spawn(command, &folder.join("server.log"))
    }

    /// The bare handler of this very program.
    ///
    /// # Errors
    /// It does not start.
    pub fn bare(folder: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare");
        Self::spawn(command, &folder.join("bare.log"))
    }

    fn spawn(mut command: Command, log: &Path) -> Result<Self, Failure> {
        let written = File::create(log)?;
        command.stdin(Stdio::null()).stdout(written.try_clone()?).stderr(written);
        let mut child =
            command.spawn().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let since = Instant::now();
        loop {
            let said = std::fs::read_to_string(log)?;
            if let Some(address) = listening(&said) {
                return Ok(Self { child, address });
            }
            if child.try_wait()?.is_some() || since.elapsed() > PATIENCE {
                let _ = child.kill();
                return Err(format!("the server does not listen:\n{said}").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Its resident memory, MiB.
    ///
    /// # Errors
    /// The system does not say (only Linux does).
    pub fn resident_mib(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kib.ok_or("no VmRSS in the status of the process")? / 1024.0)
    }

    /// The processor's time it has used, microseconds: other work on the machine does not show in it.
    ///
    /// # Errors
    /// The system does not say (only Linux does).
    pub fn processor_us(&self) -> Result<f64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in brackets, may hold anything; user and system time are the 14th and 15th field.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? * US_PER_TICK)
    }

    /// Waits until it does nothing any more of itself, or so long: it samples what was asked, and merges issues.
    ///
    /// # Errors
    /// As [`Server::processor_us`].
    pub async fn settled(&self, at_most: Duration) -> Result<(), Failure> {
        const LOOK_EVERY: Duration = Duration::from_secs(1);
        // It looks for work once a second itself.
        const LOOKS: u32 = 3;
        let idle = LOOK_EVERY.as_micros() as f64 / 20.0;
        let (begun, mut before, mut quiet) = (Instant::now(), self.processor_us()?, 0);
        while begun.elapsed() < at_most && quiet < LOOKS {
            tokio::time::sleep(LOOK_EVERY).await;
            let used = self.processor_us()? - before;
            quiet = if used < idle { quiet + 1 } else { 0 };
            before += used;
        }
        Ok(())
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// It cannot be asked.
    pub fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// The address in a line `listening on http://127.0.0.1:PORT`, once the line is complete.
fn listening(said: &str) -> Option<SocketAddr> {
    let rest = said.split_once("listening on http://")?.1;
    rest.split_once(|c: char| !c.is_ascii_alphanumeric() && !".:[]".contains(c))?.0.parse().ok()
}
