import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { FileLockedError } from "./file-claim.ts";
import { type LockCalls, lockFile } from "./file-lock.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

let path = "";
beforeEach(() => void (path = join(temporaryFolder(), "lock")));

test("if the owner removes its lock file while this process opens it, this process locks the next file instead", async () => {
  let opened = 0;
  const open: LockCalls["open"] = (name, flags) => {
    const file = openSync(name, flags);
    // Simulates an owner that releases the folder between the opening and the locking of the file by this process.
    if (++opened === 1) rmSync(name);
    return file;
  };
  const lock = await lockFile(path, { open });
  await expect(lockFile(path)).rejects.toThrow(FileLockedError);
  lock.release();
  expect([opened, lock.kind]).toEqual([2, "flock"]);
});

test("a file stays locked until the process that holds the lock ends", async () => {
  const program = `
    import { lockFile } from ${JSON.stringify(new URL("file-lock.ts", import.meta.url).href)};
    await lockFile(${JSON.stringify(path)});
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await expect(lockFile(path)).rejects.toThrow("another process holds the lock on");
  child.kill("SIGKILL");
  await once(child, "close");
  (await lockFile(path)).release();
});

/** A file system without flock. */
const WITHOUT_FLOCK: Partial<LockCalls> = { flock: async () => () => "unsupported" };

/** Returns what a process with the parent's number, a start and a host writes to its lock file. */
const record = (start: string, host = hostname()): string => `${process.ppid}\n${start}\n${host}\n`;

function startOfParent(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const fields = readFileSync(`/proc/${process.ppid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return `${boot} ${fields[19]}`;
}

test.each([
  ["of a process that runs", "taken", () => record(startOfParent())],
  ["of a process whose number another process has now", "pid", () => record("earlier-boot 1")],
  ["of another host, whose processes this one cannot see", "taken", () => record("earlier-boot 1", "other-host")],
  ["of an earlier version, of a process that runs", "taken", () => `${process.ppid}\n`],
  ["of an earlier version, with this number", "pid", () => `${process.pid}\n`],
  ["of an earlier process with this number", "pid", () => `${process.pid}\nearlier-boot 1\n${hostname()}\n`],
  ["of Prometheus, which is empty", "pid", () => ""],
])("without flock, a lock file %s is %s", async (_, expected, text) => {
  writeFileSync(path, text());
  const locked = await lockFile(path, WITHOUT_FLOCK).catch((error: unknown) => error);
  expect(locked instanceof FileLockedError ? "taken" : (locked as { kind: string }).kind).toBe(expected);
  if (expected === "taken") expect(readFileSync(path, "utf8")).toBe(text());
});

/** Creates the folder that a process holds while it claims the file. */
function guardOf(text: string, folder = `${path}.claim`): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "owner"), text);
}

test.each([
  ["its guard", (guard: string) => guardOf(record("earlier-boot 1"), guard)],
  ["the empty folder of an earlier version", (guard: string) => mkdirSync(guard)],
  ["an empty folder without an owner", (guard: string) => mkdirSync(`${guard}-x`)],
  ["a folder that did not become the guard", (guard: string) => guardOf(record("earlier-boot 1"), `${guard}-x`)],
  [
    "its guard inside the guard of another ended process",
    (guard: string) => {
      guardOf(record("earlier-boot 1"), guard);
      guardOf(record("earlier-boot 2"), join(guard, "next"));
    },
  ],
])("without flock, the next start removes what a killed process left: %s", async (_title, leave) => {
  leave(`${path}.claim`);
  const lock = await lockFile(path, WITHOUT_FLOCK);
  expect(readdirSync(join(path, ".."))).toEqual(["lock"]);
  lock.release();
});

test("without flock, a start respects a process that has replaced the guard of an ended process", async () => {
  guardOf(record("earlier-boot 1"));
  guardOf(record(startOfParent()), join(`${path}.claim`, "next"));
  await expect(lockFile(path, WITHOUT_FLOCK)).rejects.toThrow(FileLockedError);
  expect(readdirSync(join(path, ".."))).toEqual(["lock", "lock.claim"]);
  expect(existsSync(join(`${path}.claim`, "next", "owner"))).toBe(true);
});

// A process waits while it opens a FIFO, so it can be killed in the middle of a claim.
test.skipIf(process.platform === "win32")(
  "without flock, a file can be claimed after a kill during the claim",
  async () => {
    execFileSync("mkfifo", [path]);
    const program = `
    import { claimFile } from ${JSON.stringify(new URL("file-claim.ts", import.meta.url).href)};
    claimFile(${JSON.stringify(path)});`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "inherit" });
    await vi.waitFor(() => expect(existsSync(`${path}.claim`)).toBe(true), { timeout: 30_000 });
    child.kill("SIGKILL");
    await once(child, "close");
    rmSync(path);
    (await lockFile(path, WITHOUT_FLOCK)).release();
    expect(readdirSync(join(path, ".."))).toEqual([]);
  },
);

test("without flock, one of two processes that start at once gets the lock", async () => {
  guardOf(record(startOfParent()));
  await expect(lockFile(path, WITHOUT_FLOCK)).rejects.toThrow(`${path}.claim`);
  expect(readdirSync(`${path}.claim`)).toEqual(["owner"]);
  rmSync(`${path}.claim`, { recursive: true });
  const lock = await lockFile(path, WITHOUT_FLOCK);
  await expect(lockFile(path, WITHOUT_FLOCK)).rejects.toThrow(FileLockedError);
  lock.release();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("without flock, a process does not remove the lock file of the next owner", async () => {
  const lock = await lockFile(path, WITHOUT_FLOCK);
  writeFileSync(path, record(startOfParent()));
  lock.release();
  expect(readFileSync(path, "utf8")).toBe(record(startOfParent()));
});

test("on Windows, the lock is a file that no other process can open", async () => {
  let isOpen = false;
  const open: LockCalls["open"] = (name, flags) => {
    if (typeof flags !== "number" || (flags & 0x10000000) === 0) throw new Error("the file is not opened alone");
    if (isOpen) throw Object.assign(new Error("resource busy or locked"), { code: "EBUSY" });
    isOpen = true;
    return openSync(name, "a+");
  };
  const lock = await lockFile(path, { platform: "win32", open });
  expect(lock.kind).toBe("flock");
  await expect(lockFile(path, { platform: "win32", open })).rejects.toThrow(FileLockedError);
  lock.release();
  expect(existsSync(path)).toBe(false);
});
