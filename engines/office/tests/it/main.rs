//! The reader seen from outside: the samples, the forms in every shape, and files made to harm.

mod build;
mod hostile;
mod kinds;
mod made;
mod memory;
mod recognise;
mod returned;
mod round;
mod samples;
