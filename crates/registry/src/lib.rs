//! What an institution says online goes through a registered channel: the platforms, the channels with
//! their facts and states, filings, imports of spreadsheets, the public directory and the first page.

pub mod channel;
pub mod dashboard;
pub mod directory;
pub mod filing;
pub mod platform;
pub mod settings;
pub mod unit_page;

mod migrations;

pub use zhendi_office::PartialDate;

use zhendi_kernel::{
    Permission, app::MenuEntry, jobs::Handlers, migrations::Steps, web::Routes,
};

/// The context's tables, after those of the kernel and of people.
pub fn steps() -> Steps {
    migrations::steps()
}

/// Every page and API route of the context.
pub fn routes() -> Routes {
    Routes::new()
        .merge(dashboard::routes())
        .merge(channel::routes())
        .merge(directory::routes())
        .merge(unit_page::routes())
        .merge(platform::routes())
        .merge(settings::routes())
}

/// What the context does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    channel::jobs(handlers)
}

/// The context's entries of the main menu.
pub fn menu() -> Vec<MenuEntry> {
    vec![
        MenuEntry {
            label: "网络阵地",
            href: "/channels",
            icon: "broadcast",
            needs: &[Permission::ViewChannels],
        },
        MenuEntry {
            label: "官方账号名录",
            href: "/directory",
            icon: "rosette-discount-check",
            needs: &[],
        },
        MenuEntry {
            label: "台账设置",
            href: "/settings/registry",
            icon: "settings",
            needs: &[Permission::ManageRegistry],
        },
    ]
}
