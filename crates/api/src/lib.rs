//! HTTP: the contract under `/v1`, its problems and its OpenAPI document; the Codex wire under `/api`; and the program
//! `expert-workspace`.

pub mod app;
pub mod boundary;
pub mod chunks;
pub mod cli;
pub mod code;
pub mod codex;
mod commands;
pub mod config;
pub mod cursor;
pub mod extract;
pub mod openapi;
pub mod paging;
pub mod problem;
pub mod protection;
pub mod reply;
pub mod routes;
pub mod server;
pub mod start;
pub mod telemetry;
