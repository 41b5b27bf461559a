//! Row identities of the context as types.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType, utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = i64)]
        #[sea_orm(try_from_u64)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    };
}

id!(
    /// A manuscript (稿件) with all its versions.
    ManuscriptId
);
id!(
    /// One immutable version of a manuscript.
    VersionId
);
id!(
    /// A workflow of review, with all its versions.
    WorkflowId
);
id!(
    /// An approval (授权) of exact content for channels.
    ApprovalId
);
id!(
    /// A publication of a version on one channel.
    PublicationId
);
id!(
    /// A channel's connection to its platform.
    ConnectionId
);
id!(
    /// A word of a dictionary (词库) of the institution or a unit.
    WordId
);
id!(
    /// A reviewer's annotation at a place of a version.
    AnnotationId
);
id!(
    /// Another system that is told of changes.
    HookId
);
id!(
    /// A text that was handed to the departments that handle what is wrong with it (转送).
    ForwardingId
);
