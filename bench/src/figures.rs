//! What was measured, at one size, and where.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::caller::Failure;
use crate::load::Outcome;
use crate::scale::Scale;

/// The figures of one run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    pub scale: Scale,
    pub machine: String,
    pub database: String,
    /// By name; times in milliseconds unless the name says otherwise.
    pub values: BTreeMap<String, f64>,
    /// What was not answered with a success, by the name of the load and the status (0: the connection broke).
    pub failures: BTreeMap<String, u64>,
}

impl Figures {
    /// None yet. `database`: which engine.
    pub fn new(scale: Scale, database: &str) -> Self {
        Self {
            scale,
            machine: machine(),
            database: database.to_owned(),
            values: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Takes a figure down and says it.
    pub fn put(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        println!("{:>6}  {name:<44} {value:>12.2}", self.scale.to_string());
        self.values.insert(name, value);
    }

    /// Takes down the median of what was measured several times, and beside it the least and the most.
    ///
    /// # Panics
    /// Nothing was measured.
    pub fn spread(&mut self, name: &str, mut measured: Vec<f64>) {
        measured.sort_by(f64::total_cmp);
        self.put(name, measured[measured.len() / 2]);
        self.put(format!("{name}.least"), measured[0]);
        self.put(format!("{name}.most"), measured[measured.len() - 1]);
    }

    /// Takes down what failed under this load.
    pub fn failed(&mut self, name: &str, outcome: &Outcome) {
        for (status, count) in &outcome.failures {
            println!("{:>6}  {name}: {count} answered {status}", self.scale.to_string());
            *self.failures.entry(format!("{name}: {status}")).or_default() += count;
        }
    }

    /// A figure.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.get(name).copied()
    }

    /// Keeps them in a folder, for the report.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn keep(&self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join(format!("figures-{}.json", self.scale));
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    /// All that were kept in a folder, the smallest size first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn kept(folder: &Path) -> Result<Vec<Self>, Failure> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with("figures-") {
                all.push(serde_json::from_slice::<Self>(&std::fs::read(&path)?)?);
            }
        }
        all.sort_by_key(|figures| figures.scale);
        Ok(all)
    }
}

/// The processor, its cores and the memory, as the system tells them.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':'))
            .map_or("?".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let (processor, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let flags = value(&processor, "flags");
    let vnni = if flags.contains("vnni") { ", VNNI" } else { "" };
    let kib: f64 = value(&memory, "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0.0);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{}{vnni}, {cores} cores, {:.0} GiB of memory",
        value(&processor, "model name"),
        kib / 1024.0 / 1024.0
    )
}
