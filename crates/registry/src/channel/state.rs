//! The two states of a channel, each for itself (R-REG-3): whether it is filed, and whether it runs.

use serde::{Deserialize, Serialize};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:tt, $label:tt, $tone:literal, $icon:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[schema(description = concat!($($code, " ", $label, "；"),+))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// All of them, in the order of pages.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The code in the database, the address line and the API.
            pub fn code(self) -> &'static str { match self { $(Self::$variant => $code,)+ } }
            /// What people read.
            pub fn label(self) -> &'static str { match self { $(Self::$variant => $label,)+ } }
            /// The tone of its badge.
            pub fn tone(self) -> &'static str { match self { $(Self::$variant => $tone,)+ } }
            /// The icon of its badge.
            pub fn icon(self) -> &'static str { match self { $(Self::$variant => $icon,)+ } }
            /// Reads a code or a label.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($code | $label => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.label()) }
        }
    };
}

states! {
    /// How far a channel's filing is.
    FilingState {
        /// Live before it was filed; to be filed by a set date (R-REG-2).
        Unfiled = "unfiled", "待补录备案", "warning", "alert-circle";
        /// A filing is on its way.
        InProgress = "in_progress", "备案中", "info", "hourglass";
        Filed = "filed", "已备案", "success", "circle-check";
        /// 注销: its filing was cancelled.
        Cancelled = "cancelled", "已注销", "neutral", "archive";
        /// A second record of an account that is registered once more; see the other.
        Merged = "merged", "已并入", "neutral", "corner-up-right";
    }
}

impl FilingState {
    /// Nothing more happens to the record: it only serves to be looked up.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Merged)
    }
}

states! {
    /// Whether a channel runs.
    RunningState {
        /// Not opened yet: nothing goes live before its filing is effective.
        Planned = "planned", "筹备", "neutral", "circle-dashed";
        Live = "live", "运行", "success", "broadcast";
        Suspended = "suspended", "暂停", "warning", "player-pause";
        Migrating = "migrating", "迁移", "info", "corner-up-right";
        Closed = "closed", "关闭", "neutral", "player-stop";
    }
}
