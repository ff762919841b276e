//! Load, and how it was answered.
//!
//! A closed loop finds the maximum: each connection sends its next request when the last was answered. An open loop sends at given
//! moments, whatever the server does, and counts a latency from the moment it was meant to be sent: what waits for a connection waits
//! for the server, and a stall is seen by everything that was due in it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::caller::Failure;
use crate::http::{Connection, Reply};

/// The status that stands for a broken connection in [`Outcome::failures`].
pub const BROKEN: u16 = 0;

/// Requests to send one after the other, from the beginning again when they are used up.
pub struct Requests {
    made: Vec<Vec<u8>>,
    next: AtomicUsize,
    /// How many of what one request asked for were refused in a reply of status 200.
    refused: fn(&Reply<'_>) -> u64,
}

impl Requests {
    /// Requests that are answered as a whole.
    pub fn new(made: Vec<Vec<u8>>) -> Arc<Self> {
        Self::of_many(made, |_| 0)
    }

    /// Requests of many parts each.
    pub fn of_many(made: Vec<Vec<u8>>, refused: fn(&Reply<'_>) -> u64) -> Arc<Self> {
        assert!(!made.is_empty(), "there is something to send");
        Arc::new(Self { made, next: AtomicUsize::new(0), refused })
    }

    fn next(&self) -> &[u8] {
        &self.made[self.next.fetch_add(1, Ordering::Relaxed) % self.made.len()]
    }
}

/// How load was answered.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests that were answered with a success, wholly.
    pub done: u64,
    /// What was not, by status.
    pub failures: BTreeMap<u16, u64>,
    /// How long it took.
    pub seconds: f64,
    /// Microseconds, of successes.
    latencies: Vec<u32>,
}

impl Outcome {
    /// Successes in a second.
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.seconds
    }

    /// The latency, milliseconds, that this share of the successes did not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (self.latencies.len() as f64 * share).ceil() as usize;
        f64::from(*self.latencies.get(at.saturating_sub(1).min(last)).unwrap_or(&0)) / 1000.0
    }

    fn count(&mut self, status: u16, refused: u64, since: Instant) {
        if status == 200 && refused == 0 {
            self.done += 1;
            self.latencies.push(u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            *self.failures.entry(status).or_default() += refused.max(1);
        }
    }

    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.latencies.extend(other.latencies);
        for (status, count) in other.failures {
            *self.failures.entry(status).or_default() += count;
        }
    }
}

/// As many requests as `connections` can, spread evenly over `servers`, for this long.
///
/// # Errors
/// Nobody listens there.
pub async fn closed(
    servers: &[SocketAddr],
    requests: &Arc<Requests>,
    connections: usize,
    time: Duration,
) -> Result<Outcome, Failure> {
    let open = connect(servers, connections).await?;
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for mut connection in open {
        let requests = Arc::clone(requests);
        running.spawn(async move {
            let mut outcome = Outcome::default();
            while begun.elapsed() < time {
                if !send(&mut connection, &requests, Instant::now(), &mut outcome).await {
                    break;
                }
            }
            outcome
        });
    }
    gathered(running, begun).await
}

/// `rate` requests a second, over at most `connections` at once, for this long.
///
/// # Errors
/// Nobody listens there.
pub async fn open(
    server: SocketAddr,
    requests: &Arc<Requests>,
    connections: usize,
    rate: f64,
    time: Duration,
) -> Result<Outcome, Failure> {
    let open = connect(&[server], connections).await?;
    let (due, moments) = mpsc::unbounded_channel();
    let moments = Arc::new(Mutex::new(moments));
    let mut running = JoinSet::new();
    for mut connection in open {
        let (requests, moments) = (Arc::clone(requests), Arc::clone(&moments));
        running.spawn(async move {
            let mut outcome = Outcome::default();
            loop {
                let moment = moments.lock().await.recv().await;
                let Some(moment) = moment else { return outcome };
                if !send(&mut connection, &requests, moment, &mut outcome).await {
                    return outcome;
                }
            }
        });
    }
    let begun = Instant::now();
    // A thread of its own: the runtime's timers have steps of a millisecond.
    let pace = std::thread::spawn(move || pace(begun, rate, time, &due));
    let outcome = gathered(running, begun).await;
    pace.join().map_err(|_| "the pace panicked")?;
    outcome
}

fn pace(begun: Instant, rate: f64, time: Duration, due: &mpsc::UnboundedSender<Instant>) {
    let all = (rate * time.as_secs_f64()).max(1.0) as u64;
    for number in 0..all {
        let moment = begun + Duration::from_secs_f64(number as f64 / rate);
        std::thread::sleep(moment.saturating_duration_since(Instant::now()));
        if due.send(moment).is_err() {
            return;
        }
    }
}

async fn connect(servers: &[SocketAddr], connections: usize) -> Result<Vec<Connection>, Failure> {
    let mut open = Vec::with_capacity(connections);
    for address in servers.iter().cycle().take(connections) {
        open.push(Connection::open(*address).await?);
    }
    Ok(open)
}

/// Sends one; whether the connection can be used further.
async fn send(
    connection: &mut Connection,
    requests: &Requests,
    since: Instant,
    outcome: &mut Outcome,
) -> bool {
    let sent = connection.send(requests.next()).await;
    if let Ok(reply) = &sent {
        outcome.count(reply.status, (requests.refused)(reply), since);
    } else {
        outcome.count(BROKEN, 0, since);
    }
    sent.is_ok()
}

async fn gathered(mut running: JoinSet<Outcome>, begun: Instant) -> Result<Outcome, Failure> {
    let mut all = Outcome::default();
    while let Some(outcome) = running.join_next().await {
        all.add(outcome?);
    }
    all.seconds = begun.elapsed().as_secs_f64();
    all.latencies.sort_unstable();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_not_exceeded_by_its_share() {
        let outcome = Outcome { latencies: (1..=1000).map(|n| n * 1000).collect(), ..Outcome::default() };
        let read = [0.0, 0.5, 0.99, 1.0].map(|share| outcome.quantile(share) as u32);
        assert_eq!(read, [1, 500, 990, 1000]);
        assert!(Outcome::default().quantile(0.99).abs() < f64::EPSILON);
    }

    /// A server that answers the first request after 60 ms and all others at once.
    #[tokio::test]
    async fn a_stall_is_seen_by_all_that_was_due_in_it() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stall = true;
            loop {
                stream.readable().await.unwrap();
                match stream.try_read(&mut [0; 4096]) {
                    Ok(0) => return,
                    Err(_) => continue,
                    Ok(_) => {}
                }
                if std::mem::take(&mut stall) {
                    tokio::time::sleep(Duration::from_millis(60)).await;
                }
                stream.try_write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            }
        });
        let requests = Requests::new(vec![crate::http::request("GET", "/", None, b"")]);
        let outcome = open(address, &requests, 1, 500.0, Duration::from_millis(100)).await.unwrap();
        assert_eq!((outcome.done, outcome.failures.len()), (50, 0));
        assert!(outcome.quantile(0.75) > 10.0 && outcome.quantile(1.0) >= 60.0, "{outcome:?}");
    }
}
