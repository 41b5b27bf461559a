//! Sizes and times in words.

use chrono::TimeDelta;

/// `1.4 GB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit < UNITS.len() - 1 {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{n} B"),
        _ if value < 10.0 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// How long ago, in days.
pub fn age_in_days(days: i64) -> String {
    match days {
        ..=0 => "1 天之内".into(),
        days => format!("{days} 天前"),
    }
}

/// `3 分 20 秒`.
pub fn duration(took: TimeDelta) -> String {
    let seconds = took.num_seconds();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "不到 1 秒".into(),
        (0, 0, s) => format!("{s} 秒"),
        (0, m, s) => format!("{m} 分 {s} 秒"),
        (h, m, _) => format!("{h} 小时 {m} 分"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_read_naturally() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KB");
        assert_eq!(bytes(20 << 30), "20 GB");
        assert_eq!(duration(TimeDelta::seconds(200)), "3 分 20 秒");
        assert_eq!(age_in_days(0), "1 天之内");
    }
}
