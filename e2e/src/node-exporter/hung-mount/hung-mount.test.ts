import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher, root, Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const PYTHON = "/usr/bin/python3";
const NAMESPACES = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];

/** Reports whether this machine can mount a file system whose server never answers. */
function canHang(): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/dev/fuse") || !existsSync(PYTHON)) return false;
  try {
    execFileSync("unshare", [...NAMESPACES, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Number of mounts whose server never answers. The number exceeds Node's threads for file access. */
const DEAD_MOUNTS = 6;
/** Time in seconds that the filesystem collector waits for all mounts together. */
const TIMEOUT_SECONDS = 5;

test.skipIf(!canHang())(
  "mounts of a dead server cost one wait, delay no other collector, and do not prevent the exporter's exit",
  async () => {
    using workplace = new Workplace();
    const folder = workplace.path("mounts");
    mkdirSync(folder);
    const address = `127.0.0.1:${await freePort()}`;
    const mountProgram = [join(root, "e2e/src/node-exporter/hung-mount/hung-mounts.py"), folder, String(DEAD_MOUNTS)];
    const command = [launcher, "node-exporter", `--web.listen-address=${address}`];
    await using exporter = new Running("unshare", [
      ...NAMESPACES,
      PYTHON,
      ...mountProgram,
      ...command,
      `--collector.filesystem.mount-timeout=${TIMEOUT_SECONDS}s`,
    ]);
    await exporter.ready(`http://${address}/`);
    const scrape = async (query = ""): Promise<string> => (await fetch(`http://${address}/metrics${query}`)).text();

    const answered: string[] = [];
    const dead = scrape().then((body) => (answered.push("with the mounts"), body));
    // Scrapes all collectors except `filesystem`, which must respond while the mounts hang.
    const others = await scrape("?exclude[]=filesystem");
    answered.push("without them");
    expect(others).toContain('node_scrape_collector_success{collector="textfile"} 1');
    for (const body of [await dead, await scrape()]) {
      const stuck = body
        .split("\n")
        .filter((line) => /^node_filesystem_device_error.*"(mountpoint timeout|not asked: .*)".* 1$/.test(line));
      expect(stuck).toHaveLength(DEAD_MOUNTS);
      expect(body).toMatch(/^node_filesystem_size_bytes\{.*mountpoint="\/"\} \d/m);
      expect(body).toContain('node_scrape_collector_success{collector="filesystem"} 1');
    }
    expect(answered).toEqual(["without them", "with the mounts"]);

    execFileSync("pkill", ["-TERM", "-P", childOf(exporter.child.pid!)]);
    expect((await exporter.ended).code).toBe(0);
  },
);

/**
 * Returns the id of the child process of the `unshare` command. The exporter is this child, in its own mount namespace.
 */
const childOf = (pid: number): string => execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).trim();
