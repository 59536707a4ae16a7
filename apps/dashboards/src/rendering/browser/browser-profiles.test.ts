import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeProfile, removeDeadProfiles, removeProfile } from "./browser-profiles.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "profiles-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("only folders of dead processes of this machine are removed, and links are not followed", async () => {
  const folder = temporaryFolder();
  const elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, "kept"), "");
  const kept = [
    "narthex-render-other-7-abcdef",
    "narthex-render-box-8-abcdef",
    "narthex-render-box-7-abc",
    "narthex-render-box-7-abcdef-x",
    "narthex-render-box-x-abcdef",
    "other-box-7-abcdef",
  ];
  const removed = ["narthex-render-box-7-abcdef", "narthex-render-box-9-ABC123"];
  for (const name of [...kept, ...removed]) {
    mkdirSync(join(folder, name, "Default"), { recursive: true });
    writeFileSync(join(folder, name, "Default/Cache"), "");
    symlinkSync(elsewhere, join(folder, name, "link"));
  }
  symlinkSync(elsewhere, join(folder, "narthex-render-box-7-linked"));
  writeFileSync(join(folder, "narthex-render-box-7-afile0"), "");
  const machine = { folder, name: "box", pid: 9 };
  expect(await removeDeadProfiles(machine, (pid) => pid === 8 || pid === 9)).toBe(2);
  expect(readdirSync(folder).toSorted()).toEqual(
    [...kept, "narthex-render-box-7-afile0", "narthex-render-box-7-linked"].toSorted(),
  );
  expect(existsSync(join(elsewhere, "kept"))).toBe(true);
});

test("a profile has a name by which a later process finds it", async () => {
  const profile = await makeProfile();
  expect(basename(profile)).toContain(`-${process.pid}-`);
  const folder = temporaryFolder();
  mkdirSync(join(folder, basename(profile)));
  await removeProfile(profile);
  expect(existsSync(profile)).toBe(false);
  expect(await removeDeadProfiles({ folder, name: hostname(), pid: 1 }, () => true)).toBe(0);
  expect(await removeDeadProfiles({ folder, name: hostname(), pid: 1 }, () => false)).toBe(1);
});
