//! Keeps the program itself going: its backups and how they are restored, and the page that says how it is (R-DAT-1, R-OPS-1).
