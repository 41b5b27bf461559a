//! Platforms, channels, the people behind them, and the keys that hold each account or site once.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// code, name, column of annex 2, how a channel is named there, other names.
type Seed = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// The platforms of R-REG-1 with the columns of annex 2. Data to begin with, edited under /platforms.
const SEEDS: &[Seed] = &[
    (
        "website",
        "网站",
        "website",
        "address",
        &[
            "网页",
            "官网",
            "网址",
            "门户网站",
            "部门网站",
            "学院网站",
            "官方网站",
            "WEB",
        ],
    ),
    (
        "wechat",
        "微信公众号",
        "wechat",
        "account",
        &[
            "微信",
            "公众号",
            "微信公众平台",
            "微信公众账号",
            "微信公众帐号",
        ],
    ),
    (
        "wechat_subscription",
        "微信订阅号",
        "wechat",
        "account",
        &["订阅号", "微信公众号（订阅号）"],
    ),
    (
        "wechat_service",
        "微信服务号",
        "wechat",
        "account",
        &["服务号", "微信公众号（服务号）"],
    ),
    (
        "weibo",
        "微博",
        "weibo",
        "account",
        &["新浪微博", "官方微博", "新浪"],
    ),
    (
        "douyin",
        "抖音",
        "douyin",
        "account",
        &["抖音号", "抖音短视频"],
    ),
    (
        "wechat_video",
        "视频号",
        "other",
        "account",
        &["微信视频号"],
    ),
    (
        "toutiao",
        "今日头条",
        "toutiao",
        "account",
        &["头条号", "头条"],
    ),
    (
        "qq",
        "QQ",
        "other",
        "account",
        &["QQ公众号", "QQ空间", "QQ群", "腾讯QQ"],
    ),
    ("kuaishou", "快手", "other", "account", &["快手号"]),
    (
        "bilibili",
        "哔哩哔哩",
        "other",
        "account",
        &["B站", "bilibili", "哔哩哔哩弹幕网", "b站号"],
    ),
    ("xiaohongshu", "小红书", "other", "account", &["小红书号"]),
    (
        "app",
        "移动客户端",
        "app",
        "account",
        &["APP", "客户端", "手机客户端", "移动应用", "移动APP"],
    ),
    (
        "mini_program",
        "小程序",
        "other",
        "account",
        &["微信小程序"],
    ),
    (
        "forum",
        "论坛",
        "other",
        "address",
        &["BBS", "贴吧", "校园论坛"],
    ),
    (
        "mailing_list",
        "邮件列表",
        "other",
        "account",
        &["邮件组", "电子邮件"],
    ),
    ("other", "其他", "other", "account", &["其他新媒体", "其它"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(platform()).await?;
        let mut seed = Query::insert()
            .into_table("platform")
            .columns([
                "code", "name", "aliases", "annex2", "named_by", "sort", "retired", "version",
            ])
            .to_owned();
        for ((code, name, annex2, named_by, aliases), sort) in SEEDS.iter().zip(1..) {
            let aliases = serde_json::json!(aliases);
            seed.values([
                (*code).into(),
                (*name).into(),
                aliases.into(),
                (*annex2).into(),
                (*named_by).into(),
                (sort * 10).into(),
                false.into(),
                0.into(),
            ])
            .map_err(|e| DbErr::Migration(e.to_string()))?;
        }
        manager.execute(seed).await?;
        manager.create_table(channel()).await?;
        for (name, columns) in [
            ("channel_unit", ["unit_id", "platform"]),
            ("channel_filing", ["filing_state", "file_by"]),
            ("channel_platform", ["platform", "filing_state"]),
            ("channel_updated", ["updated_at", "id"]),
            ("channel_name", ["name", "id"]),
        ] {
            let mut index = Index::create().name(name).table("channel").to_owned();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        manager.create_table(channel_person()).await?;
        manager
            .create_index(
                Index::create()
                    .name("channel_person_person")
                    .table("channel_person")
                    .col("person_id")
                    .to_owned(),
            )
            .await?;
        manager.create_table(identity()).await?;
        for column in ["channel_id", "filing_id"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("identity_{column}"))
                        .table("identity")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}

fn platform() -> TableCreateStatement {
    Table::create()
        .table("platform")
        .col(string("code").primary_key())
        .col(string("name"))
        .col(json_binary("aliases"))
        .col(string("annex2"))
        .col(string("named_by"))
        .col(integer("sort"))
        .col(boolean("retired"))
        .col(integer("version"))
        .to_owned()
}

fn channel() -> TableCreateStatement {
    Table::create()
        .table("channel")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        .col(text("name"))
        .col(big_integer("unit_id"))
        .col(string("platform"))
        .col(text("address_or_id"))
        .col(text("certified_body"))
        .col(string_null("opened_on"))
        .col(big_integer_null("followers"))
        .col(text("posting_frequency"))
        .col(text("responsible_department"))
        .col(string("holder_kind"))
        .col(text("holder_post"))
        .col(text_null("icp"))
        .col(json_binary("survey"))
        .col(text("remark"))
        .col(string("filing_state"))
        .col(string("running_state"))
        .col(date_null("file_by"))
        .col(string_null("filed_source"))
        .col(string_null("filing_number"))
        .col(text_null("second_account_reason"))
        .col(text("haystack"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(
            ForeignKey::create()
                .name("channel_of_platform")
                .from("channel", "platform")
                .to("platform", "code"),
        )
        .to_owned()
}

fn channel_person() -> TableCreateStatement {
    Table::create()
        .table("channel_person")
        .col(big_integer("channel_id"))
        .col(string("duty"))
        .col(integer("position"))
        .col(big_integer("person_id"))
        .primary_key(
            Index::create()
                .col("channel_id")
                .col("duty")
                .col("position"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("channel_person_of_channel")
                .from("channel_person", "channel_id")
                .to("channel", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn identity() -> TableCreateStatement {
    Table::create()
        .table("identity")
        .col(text("key").primary_key())
        .col(big_integer_null("channel_id"))
        .col(big_integer_null("filing_id"))
        .to_owned()
}
