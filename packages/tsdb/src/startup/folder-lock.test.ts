import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, rmSync } from "node:fs";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { FolderLockedError, lockFolder } from "./folder-lock.ts";

let dir = "";
beforeEach(() => void (dir = temporaryFolder()));

test("a lock file that its owner removes while this process opens it does not count as the lock", async () => {
  let opened = 0;
  const lock = await lockFolder(dir, (path) => {
    const file = openSync(path, "a+");
    // The owner releases the folder between this open and the lock.
    if (++opened === 1) rmSync(path);
    return file;
  });
  await expect(lockFolder(dir)).rejects.toThrow(FolderLockedError);
  lock.release();
  expect([opened, lock.kind]).toEqual([2, "flock"]);
});

test("another process holds the folder until it ends", async () => {
  const program = `
    import { lockFolder } from ${JSON.stringify(new URL("folder-lock.ts", import.meta.url).href)};
    await lockFolder(${JSON.stringify(dir)});
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await expect(lockFolder(dir)).rejects.toThrow("is in use by another process");
  child.kill("SIGKILL");
  await once(child, "close");
  (await lockFolder(dir)).release();
});
