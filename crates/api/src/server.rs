//! The running server.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{HttpServer, web};
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{AppState, app};
use crate::config::Config;

/// A server that is bound to its address and accepts connections.
pub struct Application {
    /// Where it listens.
    pub address: SocketAddr,
    server: Server,
}

impl Application {
    /// Binds the address of this configuration.
    ///
    /// # Errors
    /// The address is taken or not this machine's, or signals cannot be listened to.
    pub fn build(config: &Config, state: AppState) -> io::Result<Self> {
        let state = web::Data::new(state);
        let stop = stop_signal()?;
        let server = HttpServer::new(move || app(state.clone()))
            .workers(config.worker_count())
            .keep_alive(Duration::from_secs(75))
            .client_request_timeout(Duration::from_secs(10))
            .shutdown_timeout(config.drain_seconds)
            .shutdown_signal(stop)
            .bind(config.listen)?;
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
