import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, rmSync } from "node:fs";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { FolderLockedError, lockFolder } from "./folder-lock.ts";

let dir = "";
beforeEach(() => void (dir = temporaryFolder()));

test("if the owner removes its lock file while this process opens it, this process locks the next file instead", async () => {
  let opened = 0;
  const lock = await lockFolder(dir, (path) => {
    const file = openSync(path, "a+");
    // The owner releases the folder after this process has opened the file, and before it locks the file.
    if (++opened === 1) rmSync(path);
    return file;
  });
  await expect(lockFolder(dir)).rejects.toThrow(FolderLockedError);
  lock.release();
  expect([opened, lock.kind]).toEqual([2, "flock"]);
});

test("a folder stays locked until the process that holds the lock ends", async () => {
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
