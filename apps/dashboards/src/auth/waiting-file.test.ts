import { chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { leaveFile, waitingFile } from "./waiting-file.ts";

const NOBODY = 65_534;

test("the file of a request is closed to others, and belongs to the owner of the folder even if root writes it", async () => {
  const folder = temporaryFolder();
  if (process.getuid!() === 0) chownSync(folder, NOBODY, NOBODY);
  const file = join(folder, "request.json");
  await leaveFile(file, { user: "ann" });
  const [{ uid, gid, mode }, owner] = [statSync(file), statSync(folder)];
  expect([uid, gid, mode & 0o777]).toEqual([owner.uid, owner.gid, 0o600]);
  expect([await (await waitingFile(file))!.text(), readdirSync(folder)]).toEqual(['{"user":"ann"}', ["request.json"]]);
});

test("if the file of a request cannot be written, nothing is left", async () => {
  const folder = temporaryFolder();
  await leaveFile(join(folder, "folder"), {});
  await expect(leaveFile(join(folder, "folder", "request.json"), {})).rejects.toThrow(/ENOTDIR/);
  await expect(leaveFile(join(folder, "none", "request.json"), {})).rejects.toThrow(/ENOENT/);
  expect(readdirSync(folder)).toEqual(["folder"]);
});
