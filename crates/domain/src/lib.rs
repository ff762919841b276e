//! What the words of the workspace mean, and the rules they obey. Pure: no I/O, no clock, no randomness.
