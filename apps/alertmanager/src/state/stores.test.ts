import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { main } from "../main.ts";
import { storeUrl } from "./stores.ts";

const folder = temporaryFolder();

test("storeUrl() uses the flag, the file or the environment variable, and refuses two of them together", () => {
  const file = join(folder, "url");
  writeFileSync(file, "postgres://from-file\n");
  const flags = (url: string, path: string) => ({ "store.url": url, "store.url-file": path });
  expect(storeUrl(flags("", ""), {})).toBeUndefined();
  expect(storeUrl(flags("postgres://flag", ""), { NARTHEX_STORE_URL: "postgres://env" })).toBe("postgres://flag");
  expect(storeUrl(flags("", file), { NARTHEX_STORE_URL: "postgres://env" })).toBe("postgres://from-file");
  expect(storeUrl(flags("", ""), { NARTHEX_STORE_URL: "postgres://env" })).toBe("postgres://env");
  expect(() => storeUrl(flags("postgres://flag", file), {})).toThrow(/remove one of them/);
  expect(() => storeUrl(flags("", join(folder, "none")), {})).toThrow(/^--store\.url-file: ENOENT/);
});

test.each([
  [["--store.url=postgres://me:hidden@h/d", "--cluster.peer=h:1"], /two ways to share state between instances/],
  [["--store.url=mysql://me:hidden@h/d"], /not of the form postgres:/],
])("a start with %j ends with a sentence that quotes no password", async (args, message) => {
  const config = join(folder, "alertmanager.yml");
  writeFileSync(config, "route: {receiver: a}\nreceivers: [{name: a}]\n");
  const host = testHost([`--config.file=${config}`, `--storage.path=${folder}/data`, ...args]);
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toMatch(message);
  expect(host.output.stderr).not.toContain("hidden");
});
