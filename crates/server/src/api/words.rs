//! What the document says to people, in Chinese; the code's own comments are for those who write it.
//! Fields and parameters that mean the same everywhere are said once, others as `Schema.field` or
//! `operation.parameter`.

use std::collections::BTreeMap;
use utoipa::{
    Modify,
    openapi::{
        OpenApi, RefOr, Schema,
        path::{Operation, PathItem},
    },
};

pub const TAGS: &[(&str, &str)] = &[
    ("units", "单位"),
    ("people", "人员"),
    ("channels", "网络阵地"),
    ("filings", "备案"),
    ("forms", "表格"),
    ("plans", "工作计划"),
    ("regulations", "规章制度"),
    ("directory", "官方账号名录"),
];

pub const OPERATIONS: &[(&str, &str)] = &[
    ("list_units", "查询您能看到的单位，按上下级顺序排列"),
    ("show_unit", "查询一个单位"),
    ("list_people", "查询您能看到的人员"),
    ("show_person", "查询一个人员"),
    (
        "list_channels",
        "查询您能看到的网络阵地，筛选、排序、分页与“网络阵地”页面相同",
    ),
    ("show_channel", "查询一个网络阵地的全部资料和管理人员"),
    (
        "search_directory",
        "查询官方账号：按名称、账号 ID 或网址，核对一个账号是否官方。无需令牌",
    ),
    ("list_filings", "查询您能看到的备案"),
    ("show_filing", "查询一件备案"),
    ("create_filing", "新建备案草稿"),
    ("submit_filing", "提交备案"),
    ("sign_filing", "单位负责人签署"),
    ("check_filing", "宣传部工作人员审核通过"),
    ("decide_filing", "宣传部审定：备案生效，网络阵地登记入册"),
    ("return_filing", "由当前办理人退回，须写明理由"),
    ("withdraw_filing", "由填报人或单位负责人撤回"),
    ("record_filing_paper", "由宣传部登记纸质审批，须附扫描件"),
    ("prove_filing", "上传平台注销证明：网络阵地转为已注销"),
    ("recheck_filing", "注销复查：确认已注销，或登记仍可访问"),
    ("list_plans", "查询您能看到的工作计划"),
    ("show_plan", "查询一份工作计划和它的任务"),
    ("create_plan", "新建工作计划草稿"),
    ("add_plan_task", "在草稿中增加任务"),
    ("submit_plan", "提交审定"),
    (
        "decide_plan",
        "审定通过：计划开始执行，任务列入责任人的待办",
    ),
    ("return_plan", "由审定人退回，须写明理由"),
    ("close_plan", "年终总结，计划归档"),
    ("report_plan_task", "填报任务进展，100 表示完成"),
    ("list_regulations", "查询适用于您的规章制度"),
    ("show_regulation", "查询一项规章制度的历次版本"),
    (
        "list_regulation_readings",
        "查询谁已阅读、谁未阅读（起草和发布人员）",
    ),
    ("confirm_regulation", "确认“我已阅读”最近发布的版本"),
    (
        "show_annex_two",
        "查询附件2（汇总表）的各项数字；每个数字带有对应网络阵地清单的网址",
    ),
    (
        "download_form",
        "下载表格：附件1、附件2、附件4，格式为 xls、xlsx 或 pdf；内容过多时返回 409，请按单位下载",
    ),
];

pub const ANSWERS: &[(&str, &str)] = &[
    ("200", "成功"),
    ("201", "已新建"),
    ("400", "内容有误，detail 逐项说明"),
    ("401", "没有令牌，或令牌已失效"),
    ("403", "没有权限"),
    ("404", "不存在，或您无权看到"),
    ("413", "超过大小限制"),
    ("409", "与当前状态或规定冲突，detail 说明原因"),
];

pub const PARAMETERS: &[(&str, &str)] = &[
    ("id", "编号"),
    ("page", "第几页，从 1 开始"),
    ("per_page", "每页条数，最多 200"),
    ("per", "每页条数：25、50 或 100"),
    ("unit", "单位编号，含其下级单位"),
    ("platform", "平台代码"),
    ("list_people.q", "姓名中的文字"),
    (
        "list_channels.q",
        "名称、账号 ID、网址、认证主体、责任部门中的文字；几个词用空格隔开，须同时出现",
    ),
    (
        "list_channels.after",
        "取这个标记之后的一页；标记由上一次查询给出",
    ),
    ("list_channels.before", "取这个标记之前的一页"),
    ("list_channels.filing", "备案状态代码，见 FilingState"),
    ("list_channels.running", "运行状态代码，见 RunningState"),
    (
        "list_channels.holder",
        "账号归属：unit 单位；person_by_post 以职务身份认证的个人",
    ),
    (
        "list_channels.recheck",
        "填 open 时，只要今年年检还没有核对的",
    ),
    ("list_channels.ids", "编号，用逗号分开，只要这些"),
    ("list_channels.overdue", "填 1 时，只要超过期限仍未备案的"),
    (
        "list_channels.sort",
        "排序：name 名称；unit 单位；platform 平台；updated 更新时间；opened 开通时间；due 补录期限",
    ),
    ("list_channels.dir", "填 desc 时，按相反的顺序"),
    ("search_directory.q", "名称、账号 ID 或网址"),
    (
        "list_filings.view",
        "范围：all 全部（默认）；mine 我填报的；waiting 等我办理的",
    ),
    (
        "list_filings.stage",
        "办理环节代码，见 FilingSummary 的 stage",
    ),
    ("list_filings.kind", "备案类型代码，见 FilingKind"),
    ("list_filings.paper", "只要有纸质审批的"),
    ("list_filings.year", "提交的年份"),
    ("list_filings.q", "名称、网址、账号 ID、备案编号中的文字"),
    ("list_filings.overdue", "只要已逾期的"),
    (
        "list_filings.sort",
        "排序：updated 更新时间；submitted 提交时间；due 期限；name 名称。不填时新的在前",
    ),
    ("list_filings.descending", "按相反的顺序"),
    ("task", "任务编号"),
    ("list_plans.year", "年度"),
    ("list_plans.kind", "类别代码，见 PlanKind"),
    ("list_plans.stage", "状态代码，见 PlanStage"),
    ("list_plans.q", "名称或目标中的文字"),
    ("list_plans.mine", "只要有我任务的"),
    (
        "list_regulations.view",
        "不填时为现行；waiting 待我阅读；drafts 起草中；repealed 已废止",
    ),
    ("list_regulations.unit", "发布单位编号，含其下级单位"),
    ("list_regulations.q", "名称、文号或正文中的文字"),
    (
        "list_channels.line",
        "附件2的行：opened 单位开设；personal 个人账号；problems 有问题；rectified 已整改；interactive 有互动功能；reviewed 有审核制度；outsourced 委托运营",
    ),
    (
        "list_channels.column",
        "与 line 同用，附件2的列：website、weibo、wechat、toutiao、douyin、app、other；media 为网站以外各列",
    ),
    ("own", "填 1 时，只要本单位的，不含下级单位"),
    ("year", "年度，不填为今年"),
    ("file", "文件名，如 annex-1.xlsx、annex-2.pdf、annex-4.xls"),
];

pub const SCHEMAS: &[(&str, &str)] = &[
    ("UnitId", "单位的编号"),
    ("PersonId", "人员的编号"),
    ("ChannelId", "网络阵地的编号"),
    ("FilingId", "备案的编号"),
    ("UnitPage", "一页单位"),
    ("UnitView", "单位"),
    ("PersonPage", "一页人员"),
    ("PersonView", "人员；不提供工号和邮箱"),
    ("ChannelPage", "一页网络阵地"),
    ("ChannelSummary", "列表中的网络阵地"),
    ("ChannelView", "网络阵地的全部资料"),
    ("ChannelPerson", "网络阵地的管理人员"),
    ("WebFacts", "网站和应用的信息"),
    ("SiteFacts", "网站的信息；空值表示尚未填报"),
    ("Mlps", "等级保护：级别、备案编号、定级和测评日期"),
    ("AppFacts", "应用的信息；空值表示尚未填报"),
    ("Hosting", "主机托管方式"),
    ("AnnexOne", "摸排情况（附件1）；空值表示尚未填报"),
    ("DirectoryPage", "名录查询结果"),
    ("DirectoryEntry", "名录中的官方账号"),
    (
        "DirectoryVerdict",
        "核对结果：official 是官方账号；similar 没有这个账号 ID 或网址，但有名称相近的，请自行比对；not_found 没有找到",
    ),
    ("FilingPage", "一页备案"),
    ("FilingSummary", "列表中的备案"),
    ("FilingView", "备案的全部内容"),
    ("FilingAct", "已办理的一个环节"),
    ("NewFiling", "新建的备案草稿，可以不完整"),
    (
        "FilingContent",
        "登记表（附件3）中关于账号的各栏，按填写的原样",
    ),
    ("FilingContact", "登记表中填写的一个人"),
    ("FilingContacts", "登记表中的管理相关人员"),
    ("FilingSaid", "办理意见"),
    ("FilingRoute", "各环节由什么角色办理"),
    (
        "FilingStep",
        "环节：signature 单位负责人签署；check 审核；decision 审定",
    ),
    ("FilingVerdict", "结果：agreed 同意；returned 退回"),
    (
        "FilingKind",
        "备案类型：opening 开设；change 变更；cancellation 注销",
    ),
    (
        "FilingClosing",
        "注销生效后：awaiting_proof 待办理注销；awaiting_recheck 待复查；confirmed_gone 已确认注销",
    ),
    ("FilingPaper", "纸质审批件"),
    ("FilingScan", "扫描件：PDF、JPG 或 PNG"),
    ("NewPaper", "要登记的纸质审批"),
    ("NewProof", "平台注销证明"),
    ("NewRecheck", "注销复查结果"),
    ("PlanId", "工作计划的编号"),
    ("PlanTaskId", "计划任务的编号"),
    ("RegulationId", "规章制度的编号"),
    ("PlanPage", "一页工作计划"),
    ("PlanSummary", "列表中的工作计划"),
    ("PlanView", "工作计划的全部内容"),
    ("PlanTaskView", "计划中的任务"),
    ("NewPlan", "新建的计划"),
    ("NewPlanTask", "新增的任务"),
    ("PlanSaid", "办理意见"),
    ("PlanClosing", "年终总结"),
    ("PlanReport", "任务进展"),
    ("RegulationPage", "一页规章制度"),
    ("RegulationSummary", "列表中的规章制度"),
    ("RegulationView", "规章制度及其历次版本"),
    ("RegulationVersion", "一个版本；起草中的只给起草和发布人员"),
    ("RegulationReader", "一个人的阅读情况"),
    ("RegulationRead", "读过的版本"),
    ("AnnexTwoView", "附件2，按现在的台账统计"),
    ("AnnexTwoLine", "附件2的一行"),
    ("AnnexTwoFigure", "附件2的一个数字"),
];

pub const FIELDS: &[(&str, &str)] = &[
    ("id", "编号"),
    ("name", "名称"),
    ("unit", "单位编号"),
    ("unit_name", "单位名称"),
    ("platform", "平台代码"),
    ("platform_name", "平台名称"),
    ("items", "本页的内容"),
    ("page", "第几页，从 1 开始"),
    ("pages", "共几页"),
    ("per_page", "每页条数"),
    ("total", "全部页合计条数"),
    ("created_at", "建立时间"),
    ("updated_at", "最近更新时间"),
    ("version", "版本号，每次改动加 1；办理时须附上所看到的版本"),
    ("post", "职务"),
    ("address_or_id", "账号 ID 或网址，不知道时为空"),
    ("certified_body", "认证主体"),
    (
        "opened_on",
        "开通时间，如 2016-03-01、2009-09 或 2012，知道多少写多少",
    ),
    ("followers", "粉丝量（关注数）"),
    ("posting_frequency", "发布频次"),
    ("responsible_department", "责任部门"),
    (
        "holder",
        "账号归属：unit 单位；person_by_post 以职务身份认证的个人",
    ),
    ("holder_post", "以职务身份认证的个人所任职务"),
    ("icp", "网站 ICP 备案号"),
    ("leader", "主管领导"),
    ("reviewers", "审核人"),
    ("operators", "运维工作人员，第一位是负责人"),
    ("filing", "备案状态"),
    ("running", "运行状态"),
    ("file_by", "须在此日前补录备案；不需补录的没有"),
    ("channel", "网络阵地编号"),
    ("document_number", "备案编号，生效后才有"),
    ("due", "办理期限"),
    ("submitted_at", "提交时间"),
    ("author", "填报人编号"),
    (
        "stage",
        "办理环节：draft 草稿；awaiting_unit_head 待单位负责人签署；awaiting_officer_check 待宣传部审核；awaiting_decision 待宣传部审定；returned 已退回；withdrawn 已撤回；effective 已生效",
    ),
    ("opinion", "意见；留空表示同意，退回时必须写明理由"),
    ("UnitView.parent", "上级单位编号；学校自身没有"),
    ("UnitView.short_name", "简称"),
    ("UnitView.kind", "单位类别"),
    ("UnitView.publicity", "是否宣传部门"),
    ("UnitView.closed_at", "撤销时间；未撤销的没有"),
    ("PersonView.name", "姓名"),
    ("PersonView.employment", "用工性质"),
    ("PersonView.phone", "手机号；列表中隐去中间四位"),
    ("PersonView.left", "是否已离岗"),
    ("ChannelPerson.name", "姓名"),
    (
        "ChannelPerson.phone",
        "手机号；无权查看人员的，隐去中间四位",
    ),
    ("ChannelView.survey", "摸排情况（附件1）"),
    ("ChannelView.remark", "备注"),
    ("ChannelView.filed_source", "备案来源"),
    ("ChannelView.filing_number", "备案编号"),
    (
        "ChannelView.second_account_reason",
        "同一平台再开设账号的理由",
    ),
    ("ChannelView.merged_into", "并入的网络阵地；未并入的没有"),
    ("ChannelView.web", "网站或 APP 的备案与运行情况"),
    ("WebFacts.site", "网站情况；不是网站的没有"),
    ("WebFacts.app", "APP 情况；不是 APP 的没有"),
    ("SiteFacts.hosting", "托管方式"),
    ("SiteFacts.provider", "托管方"),
    ("SiteFacts.ipv6", "是否支持 IPv6"),
    ("SiteFacts.mlps", "等级保护情况"),
    ("Mlps.level", "等保级别，1 到 5"),
    ("AnnexOne.problem", "问题排查情况"),
    ("AnnexOne.rectified", "是否整改"),
    ("AnnexOne.interactive", "是否具有互动功能"),
    ("AnnexOne.review_system", "是否建立内容发布审核制度"),
    ("AnnexOne.outsourced", "是否委托其他单位运营"),
    ("AnnexOne.operator", "受托运营单位"),
    ("DirectoryPage.verdict", "核对结果；没有查询内容时为空"),
    ("DirectoryPage.official", "核对到的官方账号"),
    ("FilingSummary.awaiting", "等待哪个角色办理"),
    ("FilingSummary.overdue", "是否已逾期"),
    ("FilingSummary.kind", "备案类型"),
    ("FilingSummary.closing", "注销生效后等待什么"),
    ("FilingSummary.paper", "是否有纸质审批"),
    ("FilingView.kind", "备案类型"),
    (
        "FilingView.record",
        "变更所对照的网络阵地版本，同意时须一并送回",
    ),
    (
        "FilingView.changed",
        "变更项：栏目名，人员带职责和行号，如 operator_phone_0",
    ),
    ("FilingView.closing", "注销生效后等待什么"),
    ("FilingAct.paper", "纸质审批件；在线办理的为空"),
    ("FilingPaper.recorded_by", "登记人编号"),
    ("FilingPaper.recorded_for", "受谁委托登记"),
    ("FilingPaper.decided_on", "审批日期"),
    ("FilingPaper.number", "文号或编号"),
    ("FilingPaper.scan", "扫描件的附件编号"),
    ("NewFiling.kind", "备案类型，不填为开设"),
    ("NewFiling.record", "变更须填：据以填写的网络阵地版本"),
    ("FilingSaid.record", "变更须填：所对照的网络阵地版本"),
    ("NewPaper.record", "变更须填：所对照的网络阵地版本"),
    ("NewPaper.decider", "审批人编号，须能办理该环节且不是登记人"),
    ("NewPaper.verdict", "审批结果"),
    ("NewPaper.opinion", "审批意见；退回须填"),
    ("NewPaper.decided_on", "审批日期"),
    ("NewPaper.number", "文号或编号"),
    ("NewPaper.scan", "扫描件"),
    ("NewProof.note", "说明"),
    ("NewProof.scan", "截图"),
    ("NewRecheck.gone", "是否已确认注销"),
    ("NewRecheck.note", "复查情况；没有截图时须填"),
    ("NewRecheck.scan", "截图"),
    ("FilingScan.name", "文件名"),
    ("FilingScan.content", "文件内容，base64"),
    ("FilingContent.web", "网站和应用信息，按栏目名"),
    ("FilingContent.new_unit", "变更后的开设单位编号；不变为空"),
    ("FilingContent.reason", "变更事由或注销原因"),
    ("FilingContent.closing_notice", "注销公告链接"),
    (
        "FilingContent.followers_plan",
        "关注者安排：guided 引导关注；moved 迁移；told 公告告知；none 不涉及",
    ),
    ("FilingContent.followers_note", "关注者安排说明"),
    (
        "FilingContent.content_plan",
        "内容处置：archived 归档；moved 迁移；kept 保留只读；deleted 清空",
    ),
    ("FilingContent.content_note", "内容处置说明"),
    ("FilingContent.close_on", "计划注销日期"),
    ("FilingView.content", "登记表内容"),
    (
        "FilingView.contacts",
        "管理相关人员；无须联系的，手机号隐去中间四位",
    ),
    ("FilingView.author_for", "受谁委托填报"),
    ("FilingView.route", "各环节由什么角色办理"),
    ("FilingView.acts", "已办理的各个环节，按先后"),
    ("FilingView.effective_at", "生效时间"),
    ("FilingAct.round", "第几次提交，从 1 开始"),
    ("FilingAct.step", "环节"),
    ("FilingAct.person", "办理人编号"),
    ("FilingAct.on_behalf_of", "受谁委托办理"),
    ("FilingAct.at", "办理时间"),
    ("FilingAct.opinion", "意见"),
    ("FilingAct.verdict", "结果"),
    ("NewFiling.unit", "开设单位编号；填了 channel 时不需要"),
    ("NewFiling.channel", "要补录备案的网络阵地编号"),
    ("NewFiling.content", "登记表内容"),
    ("NewFiling.contacts", "管理相关人员"),
    ("FilingContent.second_reason", "同一平台再开设账号的理由"),
    ("FilingContact.name", "姓名"),
    ("FilingContact.phone", "联系电话"),
    ("FilingContact.employment", "人员类别代码，见 Employment"),
    (
        "FilingSaid.confirmed",
        "审核时逐项确认的要点：name 名称；avatar 头像；certified_body 认证主体；staff 人员；one_account 集约化；需先盖章时还有 seal 盖章",
    ),
    ("FilingRoute.signature", "签署的角色"),
    ("FilingRoute.check", "审核的角色"),
    ("FilingRoute.decision", "审定的角色"),
    ("title", "名称"),
    ("number", "文号"),
    ("text", "文字内容"),
    ("effective_on", "施行日期"),
    ("repealed_on", "废止日期；没有废止的没有"),
    ("PlanSummary.kind", "类别"),
    ("PlanSummary.year", "年度；总体规划为起始年度"),
    ("PlanSummary.through", "最后一个年度"),
    ("PlanSummary.stage", "状态"),
    ("PlanSummary.edition", "第几版"),
    ("PlanSummary.in_force_at", "开始执行的时间"),
    ("PlanSummary.tasks", "任务数"),
    ("PlanSummary.done", "已完成的任务数"),
    ("PlanSummary.overdue", "逾期的任务数"),
    ("PlanSummary.progress", "总进度，0 到 100"),
    ("PlanView.kind", "类别"),
    ("PlanView.year", "年度；总体规划为起始年度"),
    ("PlanView.through", "最后一个年度"),
    ("PlanView.goals", "工作目标"),
    ("PlanView.stage", "状态"),
    ("PlanView.edition", "第几版"),
    ("PlanView.revises", "所修订的计划编号"),
    ("PlanView.author", "拟稿人编号"),
    ("PlanView.author_for", "受谁委托拟稿"),
    ("PlanView.opinion", "最近一次审定或退回的意见"),
    ("PlanView.decided_by", "审定人编号"),
    ("PlanView.decided_for", "受谁委托审定"),
    ("PlanView.in_force_at", "开始执行的时间"),
    ("PlanView.summary", "年终总结"),
    ("PlanView.ended_at", "总结或被修订的时间"),
    ("PlanView.tasks", "任务，按时限"),
    ("PlanTaskView.what", "任务"),
    ("PlanTaskView.detail", "具体要求"),
    ("PlanTaskView.person", "负责人编号"),
    ("PlanTaskView.helpers", "协助人员编号"),
    ("PlanTaskView.due", "完成时限"),
    ("PlanTaskView.first_due", "原定时限"),
    ("PlanTaskView.progress", "进度，0 到 100"),
    ("PlanTaskView.state", "状态"),
    ("PlanTaskView.done_at", "完成时间"),
    ("NewPlan.kind", "类别，不填为年度工作计划"),
    ("NewPlan.year", "年度"),
    ("NewPlan.through", "总体规划的最后一个年度"),
    ("NewPlan.goals", "工作目标"),
    ("NewPlan.from", "复制哪一份计划的目标和任务"),
    ("NewPlanTask.what", "任务"),
    ("NewPlanTask.detail", "具体要求"),
    ("NewPlanTask.person", "负责人编号"),
    ("NewPlanTask.helpers", "协助人员编号"),
    ("NewPlanTask.due", "完成时限"),
    ("PlanClosing.summary", "年终总结"),
    ("PlanClosing.carry", "是否把没有完成的任务结转到下一年度"),
    ("PlanReport.progress", "进度，0 到 100；100 表示完成"),
    ("RegulationSummary.unit", "发布单位编号"),
    ("RegulationView.unit", "发布单位编号"),
    ("RegulationSummary.scope", "适用单位编号，含其下级单位"),
    ("RegulationView.scope", "适用单位编号，含其下级单位"),
    ("RegulationSummary.state", "状态"),
    ("RegulationView.state", "状态"),
    ("RegulationView.repeal_reason", "废止理由"),
    ("RegulationView.supersedes", "所代替的制度编号"),
    ("RegulationView.readers", "须阅读的角色代码；* 表示全体人员"),
    (
        "RegulationView.current",
        "现行的是第几版；尚未施行的，为即将施行的一版",
    ),
    ("RegulationView.versions", "历次版本，先发布的在前"),
    ("RegulationVersion.ordinal", "第几版"),
    ("RegulationVersion.text", "正文，纯文字"),
    ("RegulationVersion.note", "修订说明"),
    ("RegulationVersion.issued_at", "发布时间；起草中的没有"),
    ("RegulationReader.name", "姓名"),
    ("RegulationReader.unit", "单位名称"),
    ("RegulationReader.required", "是否须阅读"),
    ("RegulationReader.read", "是否已阅读"),
    ("RegulationRead.ordinal", "读过的是第几版"),
    ("AnnexTwoView.date", "统计日期"),
    ("AnnexTwoView.hash", "内容校验码，与打印件上的相同"),
    ("AnnexTwoView.rows", "各行"),
    ("AnnexTwoLine.line", "行的代码，见 list_channels 的 line"),
    ("AnnexTwoLine.label", "行的名称，与表上所印相同"),
    ("AnnexTwoLine.figures", "从左到右各列的数字"),
    (
        "AnnexTwoFigure.column",
        "列的代码，见 list_channels 的 column；total 为合计",
    ),
    ("AnnexTwoFigure.label", "列的名称，与表上所印相同"),
    ("AnnexTwoFigure.count", "数量"),
    ("AnnexTwoFigure.href", "对应的网络阵地清单"),
];

/// Puts the words into the document.
pub struct Chinese;

type Words = BTreeMap<&'static str, &'static str>;

fn look_up(words: &Words, whole: &str, part: &str) -> Option<String> {
    let word = words
        .get(format!("{whole}.{part}").as_str())
        .or_else(|| words.get(part));
    word.map(|word| (*word).to_owned())
}

impl Modify for Chinese {
    fn modify(&self, document: &mut OpenApi) {
        let words = |list: &[(&'static str, &'static str)]| list.iter().copied().collect::<Words>();
        let (tags, operations) = (words(TAGS), words(OPERATIONS));
        let (answers, parameters) = (words(ANSWERS), words(PARAMETERS));
        for operation in document.paths.paths.values_mut().flat_map(operations_of) {
            let id = operation.operation_id.clone().unwrap_or_default();
            if let Some(summary) = operations.get(id.as_str()) {
                operation.summary = Some((*summary).to_owned());
            }
            for tag in operation.tags.iter_mut().flatten() {
                if let Some(word) = tags.get(tag.as_str()) {
                    *tag = (*word).to_owned();
                }
            }
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter
                    && let Some(word) = look_up(&parameters, &id, &parameter.name)
                {
                    parameter.description = Some(word);
                }
            }
            for (status, answer) in &mut operation.responses.responses {
                if let (RefOr::T(answer), Some(word)) = (answer, answers.get(status.as_str())) {
                    answer.description = (*word).to_owned();
                }
            }
        }
        let (schemas, fields) = (words(SCHEMAS), words(FIELDS));
        for (name, schema) in document
            .components
            .iter_mut()
            .flat_map(|all| &mut all.schemas)
        {
            if let RefOr::T(Schema::Object(object)) = schema {
                for (field, schema) in &mut object.properties {
                    if let Some(word) = look_up(&fields, name, field) {
                        describe(schema, word);
                    }
                }
            }
            if let Some(word) = schemas.get(name.as_str()) {
                describe(schema, (*word).to_owned());
            }
        }
    }
}

fn operations_of(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut path.get,
        &mut path.post,
        &mut path.put,
        &mut path.delete,
    ]
    .into_iter()
    .flatten()
}

fn describe(schema: &mut RefOr<Schema>, word: String) {
    match schema {
        RefOr::Ref(reference) => reference.description = word,
        RefOr::T(Schema::Object(object)) => object.description = Some(word),
        RefOr::T(Schema::Array(array)) => array.description = Some(word),
        RefOr::T(Schema::OneOf(choice)) => choice.description = Some(word),
        RefOr::T(Schema::AllOf(all)) => all.description = Some(word),
        RefOr::T(_) => {}
    }
}
