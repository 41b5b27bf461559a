//! What every request and job has at hand.

use crate::{
    Actor, Clock, Db, Entropy, Fault, Permission, audit, config::Config, files::Files, jobs,
    outgoing::Outgoing, secrets::Keyring, settings, work,
};
use std::{ops::Deref, sync::Arc};

/// The running program; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub entropy: Entropy,
    pub config: Config,
    /// Opens and seals secrets and personal fields.
    pub keys: Keyring,
    /// Signs audit checkpoints.
    pub signer: audit::Signer,
    pub files: Files,
    /// The guarded way out to other servers.
    pub outgoing: Outgoing,
    /// What the job runner knows to do.
    pub jobs: jobs::Handlers,
    /// Knows who holds which role: whom the list of work asks.
    pub holders: Arc<dyn work::Holders>,
    /// The kinds of work items with their names for people, for example `("filing.sign", "备案签字")`.
    pub work_kinds: Vec<(&'static str, &'static str)>,
    /// The entries of the main menu, each shown to those who may use it.
    pub menu: Vec<MenuEntry>,
}

/// An entry of the main menu.
#[derive(Clone, Copy, Debug)]
pub struct MenuEntry {
    pub label: &'static str,
    pub href: &'static str,
    /// Name of the icon in the sprite.
    pub icon: &'static str,
    /// Who sees it: everyone signed in, or those with any of these permissions somewhere.
    pub needs: &'static [Permission],
}

impl MenuEntry {
    /// Whether the entry is for this actor.
    pub fn is_for(&self, actor: &Actor) -> bool {
        self.needs.is_empty() || self.needs.iter().any(|p| actor.may_somewhere(*p))
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The present moment.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// The settings of an area.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setting<T: settings::Setting>(&self) -> Result<T, Fault> {
        settings::get(self.db.read()).await
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
