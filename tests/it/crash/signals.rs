//! Signals that end a program politely.
