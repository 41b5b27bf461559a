//! A disk that is full: a real one, a small tmpfs.

use super::{
    crash::{self, opening},
    machine::{Place, rows},
};
use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};
use zhendi_kernel::testing::Backend;

/// A small disk of its own; gone when it is dropped.
struct SmallDisk(PathBuf);

fn as_root(args: &[&str]) -> bool {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = if root {
        Command::new(args[0])
    } else {
        let mut command = Command::new("sudo");
        command.args(["-n", args[0]]);
        command
    };
    command
        .args(&args[1..])
        .status()
        .is_ok_and(|status| status.success())
}

impl SmallDisk {
    fn at(folder: &Path, size: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let path = folder.to_str().unwrap();
        let size = format!("size={size},mode=0777");
        assert!(
            as_root(&["mount", "-t", "tmpfs", "-o", &size, "tmpfs", path]),
            "this test needs root or sudo: it fills a disk of its own"
        );
        Self(folder.to_owned())
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&ballast)
            .unwrap();
        let mut piece = 1 << 20;
        while piece > 0 {
            match file.write(&vec![0; piece]) {
                Ok(1..) => {}
                _ => piece /= 2,
            }
        }
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        as_root(&["umount", "-l", self.0.to_str().unwrap()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_refused_with_the_reason_reads_go_on_and_it_recovers() {
    let place = Place::new(Backend::Sqlite).await;
    let disk = SmallDisk::at(&place.data(), "96m");
    let server = crash::start(&place);
    let cast = crash::enter(&server).await;
    let write = async |name: String| {
        cast.liaison
            .json("/api/v1/filings", &opening(cast.unit, &name))
            .await
            .unwrap()
    };
    let mut acknowledged = vec![];
    for n in 0..10 {
        let answer = write(format!("满盘之前 {n}")).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        acknowledged.push(answer.json()["id"].as_i64().unwrap());
    }
    let ballast = disk.fill();
    let mut refused = 0;
    for n in 0..60 {
        let answer = write(format!("满盘之中 {n}")).await;
        if answer.status == 201 {
            // What fitted into room already taken is as good as any other.
            acknowledged.push(answer.json()["id"].as_i64().unwrap());
            disk.fill();
            continue;
        }
        match answer.status {
            507 => assert!(answer.text.contains("存储空间已满"), "{}", answer.text),
            // It shared a commit with one that met the full disk.
            other => {
                assert_eq!(other, 503, "{}", answer.text);
                assert!(answer.text.contains("暂时无法保存"), "{}", answer.text);
                continue;
            }
        }
        refused += 1;
        for page in ["/", "/channels", "/filings", "/work-items"] {
            let seen = cast.liaison.get(page).await.unwrap();
            assert_eq!(seen.status, 200, "{page}: {}", seen.text);
        }
    }
    assert!(refused >= 20, "only {refused} writes met the full disk");
    std::fs::remove_file(ballast).unwrap();
    let answer = write("又有地方了".into()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    acknowledged.push(answer.json()["id"].as_i64().unwrap());
    assert_eq!(server.stop().0, 0);
    let whole = place.run(&["verify"]).expect(0);
    assert!(whole.out.contains("发现 0 处损坏"), "{whole:?}");
    let db = place.database().await;
    let there: Vec<String> = rows(&db, "SELECT id FROM filing").await.concat();
    for id in acknowledged {
        assert!(there.contains(&id.to_string()), "filing {id} is lost");
    }
    db.close().await.unwrap();
    drop(disk);
}
