//! The commands of the program: one file a command.

pub mod demo;
pub mod doctor;
pub mod evaluate;
pub mod import;
pub mod import_codex;
pub mod migrate;
pub mod openapi;
pub mod serve;
pub mod set_password;
