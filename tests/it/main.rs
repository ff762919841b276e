//! Black-box tests of the real server.
