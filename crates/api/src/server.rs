//! The running server.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{HttpServer, web};
use tokio::net::TcpSocket;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{AppState, app};
use crate::config::Config;

/// `SIGXFSZ`, on Linux and on the BSDs.
const FILE_TOO_LARGE: i32 = 25;
/// Connections that may wait to be accepted.
const WAITING: u32 = 1024;

/// Takes this address without listening there yet: who starts a server learns that it is taken before anything else is done.
///
/// # Errors
/// The address is taken or not this machine's.
pub fn take(address: SocketAddr) -> io::Result<TcpSocket> {
    let take = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Connections of the server before may still be closing.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    };
    take().map_err(|error| not_listening(address, error))
}

fn not_listening(address: SocketAddr, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot listen on {address} (EW_LISTEN): {error}"))
}

/// A server that is bound to its address and accepts connections.
pub struct Application {
    /// Where it listens.
    pub address: SocketAddr,
    server: Server,
}

impl Application {
    /// Listens on the socket that [`take`] gave.
    ///
    /// # Errors
    /// Neither connections nor signals can be listened to.
    pub fn build(config: &Config, socket: TcpSocket, state: AppState) -> io::Result<Self> {
        let state = web::Data::new(state);
        let stop = stop_signal()?;
        survive_a_full_disk()?;
        let listener = socket.listen(WAITING).map_err(|error| not_listening(config.listen, error))?;
        let server = HttpServer::new(move || app(state.clone()))
            .workers(config.worker_count())
            .keep_alive(Duration::from_secs(75))
            .client_request_timeout(Duration::from_secs(10))
            .shutdown_timeout(config.drain_seconds)
            .shutdown_signal(stop)
            .listen(listener.into_std()?)?;
        let address = server.addrs()[0];
        Ok(Self { address, server: server.run() })
    }

    /// Serves until SIGTERM or SIGINT; then accepts nothing more, lets requests under way finish, and returns.
    ///
    /// # Errors
    /// The server fails.
    pub async fn run_until_stopped(self) -> io::Result<()> {
        self.server.await
    }
}

/// Resolves at the first SIGTERM or SIGINT.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "{name}: finishing the requests under way");
    })
}

/// A file that may not grow is the database's refusal, no reason to die: who listens to the signal is not killed by it.
fn survive_a_full_disk() -> io::Result<()> {
    signal(SignalKind::from_raw(FILE_TOO_LARGE)).map(drop)
}
