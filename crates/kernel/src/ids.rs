//! Row identities as types, so that a unit's id never stands where a person's is meant.

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
    /// A unit (单位) of the institution's tree; also the key of the scope index.
    UnitId
);
id!(
    /// One real, named person (实名), with or without a sign-in.
    PersonId
);
id!(
    /// A channel (网络阵地): one website, account or app.
    ChannelId
);
id!(
    /// A filing (备案) of a channel.
    FilingId
);
id!(
    /// A plan (总体规划, 工作计划) of a unit, in one of its editions.
    PlanId
);
id!(
    /// A task of a plan.
    PlanTaskId
);
id!(
    /// A regulation (规章制度) with all its versions.
    RegulationId
);
