import { chmodSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { exchangeablePart, ownIds } from "./trusted-path.ts";
import { writeFiles } from "./write-files.ts";

const folder = temporaryFolder();
const FILES = [{ path: "switch-over.sh", text: "", isSecret: false }];

test("files are not written into a folder that other users may change, or below it, also through a link", () => {
  const [open, link] = ["open", "link"].map((name) => join(folder, name)) as [string, string];
  mkdirSync(open);
  chmodSync(open, 0o777);
  symlinkSync(open, link);
  const owners = ownIds(process.getuid!(), {});
  const write = (path: string) => writeFiles(path, FILES, { force: false, elsewhere: "it --dir=FOLDER", owners });
  for (const path of [open, join(open, "new"), join(link, "new")])
    expect(() => write(path)).toThrow(/another user may change .*\/open, and so .*it --dir=FOLDER/);
  expect(existsSync(join(open, "new"))).toBe(false);
  chmodSync(open, 0o755);
  expect(write(join(link, "new"))).toHaveLength(1);
});

test("a folder of another user is refused, but not one of the user who has called sudo", () => {
  const look = () => ({ uid: 7, mode: 0o755, isDirectory: () => true });
  const part = (uid: number, env = {}) => exchangeablePart("/home", { owners: ownIds(uid, env)!, closed: 0o002, look });
  expect([part(8), part(7), part(0), part(0, { SUDO_UID: "7" }), part(8, { SUDO_UID: "7" })]).toEqual([
    "/",
    undefined,
    "/",
    undefined,
    "/",
  ]);
});
