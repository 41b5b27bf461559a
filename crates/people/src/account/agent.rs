//! The browser's name out of its header, short enough to recognise one's own device.

/// `Edge · Windows`, from a `User-Agent` header. Anything unknown is 其他浏览器 · 其他设备.
pub fn summary(header: &str) -> String {
    const BROWSERS: [(&str, &str); 10] = [
        ("wxwork", "企业微信"),
        ("MicroMessenger", "微信"),
        ("DingTalk", "钉钉"),
        ("QQBrowser", "QQ浏览器"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("OPR", "Opera"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("OpenHarmony", "鸿蒙"),
        ("HarmonyOS", "鸿蒙"),
        ("Android", "安卓"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
    ];
    let find = |list: &[(&str, &'static str)], other: &'static str| {
        list.iter()
            .find(|(mark, _)| header.contains(mark))
            .map_or(other, |(_, name)| *name)
    };
    let system = if header.contains("Linux") {
        "Linux"
    } else {
        "其他设备"
    };
    format!(
        "{} · {}",
        find(&BROWSERS, "其他浏览器"),
        find(&SYSTEMS, system)
    )
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn browsers_are_named() {
        assert_eq!(
            summary(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0"
            ),
            "Edge · Windows"
        );
        assert_eq!(
            summary(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Mobile MicroMessenger/8.0"
            ),
            "微信 · iPhone"
        );
        assert_eq!(summary(""), "其他浏览器 · 其他设备");
    }
}
