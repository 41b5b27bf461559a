//! Roles (who someone is at a unit or on a channel) and what each may do.

/// An enum of named things: a stable code for the database and the API, a label for people. The using
/// crate has `serde` and `utoipa`.
#[macro_export]
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:tt, $zh:tt;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[schema(description = concat!($($code, " ", $zh, "；"),+))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// All of them, in the order that pages show.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The stable code: database, API, spreadsheets of the program's own.
            pub fn code(self) -> &'static str { match self { $(Self::$variant => $code,)+ } }
            /// The name that people read.
            pub fn label(self) -> &'static str { match self { $(Self::$variant => $zh,)+ } }
            /// Reads a code or a label.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($code | $zh => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.label()) }
        }
    };
}

named! {
    /// What someone is, at a unit (reaching down its subtree) or on one channel (Rule 4).
    Role {
        /// R-ORG-2: sees everything, receives analyses, decides on plans.
        PartyCommittee = "party_committee", "学院党委";
        /// R-ORG-3: approves major matters; has the units of a portfolio.
        PortfolioLeader = "portfolio_leader", "分管领导";
        /// R-ORG-4: third review, decides on filings.
        PublicityHead = "publicity_head", "宣传部负责人";
        /// R-ORG-11: stands at level 2 for the publicity department's own channels.
        PublicityDeputy = "publicity_deputy", "宣传部副职";
        /// R-ORG-4: keeps the registry, checks filings.
        PublicityOfficer = "publicity_officer", "宣传部工作人员";
        /// R-ORG-5.
        NetworkCenter = "network_center", "网络信息中心人员";
        /// R-ORG-6: second review, signs the unit's filings.
        UnitHead = "unit_head", "单位负责人";
        /// The person who fills in a unit's forms (填表人; Notice 3(3) 专人专岗).
        UnitLiaison = "unit_liaison", "单位联络员";
        /// R-ORG-7: first review, publishing. Per channel.
        ChannelAdmin = "channel_admin", "网络阵地管理员";
        /// R-ORG-7: the admin's deputy (AB岗). Per channel.
        ChannelDeputy = "channel_deputy", "网络阵地管理员（B岗）";
        /// R-ORG-8.
        Author = "author", "拟稿人";
        /// R-ORG-8: replies and comment moderation. Per channel.
        Moderator = "moderator", "互动管理员";
        /// R-ORG-9: creates units and accounts; keeps the machine running.
        SystemAdmin = "system_admin", "系统管理员";
        /// R-ORG-9: grants and takes away roles.
        SecurityAdmin = "security_admin", "安全管理员";
        /// R-ORG-9: reads the audit chain.
        Auditor = "auditor", "审计员";
    }
}

named! {
    /// One thing that an actor may do somewhere.
    Permission {
        /// See units and who holds which role there.
        ViewUnits = "view_units", "查看单位";
        /// Create, rename, move, merge and close units.
        ManageUnits = "manage_units", "管理单位";
        /// See persons with what a duty needs (phones in full).
        ViewPeople = "view_people", "查看人员";
        /// Create persons and accounts, unlock, reset.
        ManagePeople = "manage_people", "管理人员账号";
        /// Give and take roles.
        GrantRoles = "grant_roles", "授予角色";
        /// See channels and their facts.
        ViewChannels = "view_channels", "查看网络阵地";
        /// Keep the registry: correct facts, platforms, imports over all units.
        ManageRegistry = "manage_registry", "管理台账";
        /// Import a unit's spreadsheets.
        ImportChannels = "import_channels", "导入台账";
        /// See filings with their attachments.
        ViewFilings = "view_filings", "查看备案";
        /// Draft, submit and withdraw filings.
        DraftFilings = "draft_filings", "填写备案";
        /// Act at one of the levels of a filing; which one is the filing's own route.
        DecideFilings = "decide_filings", "审批备案";
        /// Record a decision on a filing that was taken on paper (R-REV-11).
        RecordPaper = "record_paper", "登记纸质审批";
        /// See manuscripts under review with their trail; an author always sees their own.
        ViewManuscripts = "view_manuscripts", "查看稿件";
        /// Write manuscripts and submit them.
        DraftManuscripts = "draft_manuscripts", "拟写稿件";
        /// Act at one of the levels of review; which one is the workflow's law (Rule 6(1)).
        ReviewManuscripts = "review_manuscripts", "审核稿件";
        /// Publish what is approved (授权发布), withdraw it; separate from review (R-REV-5).
        PublishContent = "publish_content", "发布内容";
        /// Connect channels with their platforms.
        ManageConnections = "manage_connections", "管理发布通道";
        /// Set who reviews at which level, with checklists and times.
        ManageWorkflows = "manage_workflows", "设置审核流程";
        /// Keep dictionaries of wrong words and of words to watch.
        ManageDictionaries = "manage_dictionaries", "维护词库";
        /// See plans and how far their tasks are (R-GOV-1).
        ViewPlans = "view_plans", "查看工作计划";
        /// Write plans and keep their tasks.
        DraftPlans = "draft_plans", "拟订工作计划";
        /// Put plans into force; whose plan is whose to decide is the plan's own law.
        DecidePlans = "decide_plans", "审定工作计划";
        /// Write regulations (规章制度). Reading them is everyone's.
        DraftRegulations = "draft_regulations", "起草规章制度";
        /// Issue and repeal regulations.
        IssueRegulations = "issue_regulations", "发布规章制度";
        /// See and retry jobs, change the settings of the machine.
        Operate = "operate", "系统运维";
        /// Read, verify and export the audit chain.
        ReadAudit = "read_audit", "查阅审计记录";
        /// See everything's figures.
        ViewOverview = "view_overview", "查看全局情况";
    }
}

/// The three separated duties (三员分立, R-ORG-9) and the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Creates accounts and keeps the machine; grants nothing, reviews nothing.
    System,
    /// Grants rights; creates no account, reviews nothing.
    Security,
    /// Reads the record; changes nothing.
    Audit,
    /// Everyone who works with channels and content.
    Content,
}

impl Role {
    /// Which of the separated duties the role belongs to. Nobody may hold roles of two duties.
    pub fn duty(self) -> Duty {
        match self {
            Self::SystemAdmin => Duty::System,
            Self::SecurityAdmin => Duty::Security,
            Self::Auditor => Duty::Audit,
            _ => Duty::Content,
        }
    }

    /// Rule 4(5) names channel admins (and R-ORG-8 moderators) per channel, not per unit.
    pub fn per_channel(self) -> bool {
        matches!(
            self,
            Self::ChannelAdmin | Self::ChannelDeputy | Self::Moderator
        )
    }

    /// Roles that only make sense at the root: they serve the whole institution.
    pub fn institution_wide(self) -> bool {
        matches!(
            self,
            Self::PartyCommittee
                | Self::PublicityHead
                | Self::PublicityDeputy
                | Self::PublicityOfficer
                | Self::NetworkCenter
                | Self::SystemAdmin
                | Self::SecurityAdmin
                | Self::Auditor
        )
    }

    /// Students hold no admin or review role (Notice 3(3), R-REG-7; a setting).
    pub fn barred_to_students(self) -> bool {
        !matches!(self, Self::Author)
    }

    /// What the role may do within its scope.
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::*;
        match self {
            Self::PartyCommittee => &[
                ViewUnits,
                ViewChannels,
                ViewFilings,
                ViewPlans,
                DecidePlans,
                IssueRegulations,
                ViewOverview,
                ViewManuscripts,
            ],
            Self::PortfolioLeader => &[
                ViewUnits,
                ViewChannels,
                ViewFilings,
                DecideFilings,
                ViewPlans,
                ViewOverview,
                ViewManuscripts,
                ReviewManuscripts,
            ],
            Self::PublicityHead | Self::PublicityDeputy => &[
                ViewUnits,
                ViewPeople,
                ViewChannels,
                ManageRegistry,
                ImportChannels,
                ViewFilings,
                DecideFilings,
                RecordPaper,
                ViewPlans,
                DraftPlans,
                DecidePlans,
                DraftRegulations,
                IssueRegulations,
                ViewOverview,
                ViewManuscripts,
                DraftManuscripts,
                ReviewManuscripts,
                ManageConnections,
                ManageWorkflows,
                ManageDictionaries,
            ],
            Self::PublicityOfficer => &[
                ViewUnits,
                ViewPeople,
                ViewChannels,
                ManageRegistry,
                ImportChannels,
                ViewFilings,
                DraftFilings,
                DecideFilings,
                RecordPaper,
                ViewPlans,
                DraftPlans,
                DraftRegulations,
                ViewOverview,
                ViewManuscripts,
                DraftManuscripts,
                ManageConnections,
                ManageWorkflows,
                ManageDictionaries,
            ],
            Self::NetworkCenter => &[
                ViewUnits,
                ViewChannels,
                ViewFilings,
                ViewPlans,
                DraftRegulations,
                ViewOverview,
            ],
            Self::UnitHead => &[
                ViewUnits,
                ViewPeople,
                ViewChannels,
                ViewFilings,
                DecideFilings,
                ViewPlans,
                DraftPlans,
                DecidePlans,
                DraftRegulations,
                IssueRegulations,
                ViewManuscripts,
                DraftManuscripts,
                ReviewManuscripts,
                ManageDictionaries,
            ],
            Self::UnitLiaison => &[
                ViewUnits,
                ViewPeople,
                ViewChannels,
                ImportChannels,
                ViewFilings,
                DraftFilings,
                ViewPlans,
                DraftPlans,
                DraftRegulations,
                ViewManuscripts,
                DraftManuscripts,
                ManageDictionaries,
            ],
            Self::ChannelAdmin | Self::ChannelDeputy => &[
                ViewChannels,
                ViewFilings,
                DraftFilings,
                ViewManuscripts,
                DraftManuscripts,
                ReviewManuscripts,
                PublishContent,
                ManageConnections,
            ],
            Self::Author => &[ViewChannels, DraftManuscripts],
            Self::Moderator => &[ViewChannels],
            Self::SystemAdmin => &[ViewUnits, ManageUnits, ViewPeople, ManagePeople, Operate],
            Self::SecurityAdmin => &[ViewUnits, ViewPeople, ViewChannels, GrantRoles],
            Self::Auditor => &[ViewUnits, ReadAudit],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_duties_share_no_power_to_change() {
        use Permission::*;
        let changes = |role: Role| {
            role.permissions()
                .iter()
                .copied()
                .filter(|p| !matches!(p, ViewUnits | ViewPeople | ViewChannels))
                .collect::<Vec<_>>()
        };
        let three = [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor];
        for one in three {
            for other in Role::ALL.iter().filter(|other| **other != one) {
                for permission in changes(one) {
                    assert!(
                        !other.permissions().contains(&permission),
                        "{permission:?} is {one:?}'s alone, yet {other:?} has it"
                    );
                }
            }
        }
    }

    #[test]
    fn codes_and_labels_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.code()), Some(*role));
            assert_eq!(Role::parse(role.label()), Some(*role));
        }
    }
}
