import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher, root, Running } from "./running.ts";
import { freePort, Workplace } from "./workplace.ts";

const PYTHON = "/usr/bin/python3";
const NAMESPACES = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];

/** A file system whose server is silent can be mounted here. */
function canHang(): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/dev/fuse") || !existsSync(PYTHON)) return false;
  try {
    execFileSync("unshare", [...NAMESPACES, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** More than Node has threads for file work. */
const DEAD_MOUNTS = 6;
const TIMEOUT_SECONDS = 5;

const seconds = async (what: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await what();
  return (performance.now() - start) / 1000;
};

test.skipIf(!canHang())(
  "mounts of a dead server cost one wait, delay no other collector, and do not keep a stopped exporter alive",
  async () => {
    using place = new Workplace();
    const folder = place.path("mounts");
    mkdirSync(folder);
    const address = `127.0.0.1:${await freePort()}`;
    const beside = [join(root, "e2e/src/node-exporter/hung-mounts.py"), folder, String(DEAD_MOUNTS)];
    const command = [launcher, "node-exporter", `--web.listen-address=${address}`];
    await using exporter = new Running("unshare", [
      ...NAMESPACES,
      PYTHON,
      ...beside,
      ...command,
      `--collector.filesystem.mount-timeout=${TIMEOUT_SECONDS}s`,
    ]);
    await exporter.ready(`http://${address}/`);
    const scrape = async (query = ""): Promise<string> => (await fetch(`http://${address}/metrics${query}`)).text();

    const dead = scrape();
    // While the mounts hang the others answer.
    const others = await seconds(async () => {
      expect(await scrape("?exclude[]=filesystem")).toContain('node_scrape_collector_success{collector="textfile"} 1');
    });
    expect(others).toBeLessThan(TIMEOUT_SECONDS);
    for (const body of [await dead, await scrape()]) {
      const stuck = body
        .split("\n")
        .filter((line) => /^node_filesystem_device_error.*"mountpoint timeout".* 1$/.test(line));
      expect(stuck).toHaveLength(DEAD_MOUNTS);
      expect(body).toMatch(/^node_filesystem_size_bytes\{.*mountpoint="\/"\} \d/m);
      expect(body).toContain('node_scrape_collector_success{collector="filesystem"} 1');
    }
    expect(await seconds(() => scrape())).toBeLessThan(TIMEOUT_SECONDS);

    execFileSync("pkill", ["-TERM", "-P", childOf(exporter.child.pid!)]);
    expect((await exporter.ended).code).toBe(0);
  },
);

/** The process that unshare made, in whose namespace the exporter runs. */
const childOf = (pid: number): string => execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).trim();
