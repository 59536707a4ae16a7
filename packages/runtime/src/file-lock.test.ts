import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { FileLockedError, lockFile } from "./file-lock.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

let path = "";
beforeEach(() => void (path = join(temporaryFolder(), "lock")));

test("if the owner removes its lock file while this process opens it, this process locks the next file instead", async () => {
  let opened = 0;
  const lock = await lockFile(path, (name) => {
    const file = openSync(name, "a+");
    // Simulates an owner that releases the folder between the opening and the locking of the file by this process.
    if (++opened === 1) rmSync(name);
    return file;
  });
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
