import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { addressFields, projectAddress } from "./project-address.ts";

test.each<[string, object, { NARTHEX_REPOSITORY?: string }, string | undefined]>([
  ["nothing", {}, {}, undefined],
  ["package.json", { repository: "https://forge.example/a/narthex" }, {}, "https://forge.example/a/narthex"],
  [
    "package.json with npm's form",
    { repository: { type: "git", url: "git+https://forge.example/a/narthex.git" } },
    {},
    "https://forge.example/a/narthex",
  ],
  [
    "the variable before package.json",
    { repository: "https://forge.example/a/narthex" },
    { NARTHEX_REPOSITORY: "https://forge.example/fork/narthex/" },
    "https://forge.example/fork/narthex",
  ],
])("the address of the project comes from %s", (_, manifest, env, expected) => {
  const root = temporaryFolder();
  expect(projectAddress(root, env)).toBe(env.NARTHEX_REPOSITORY === undefined ? undefined : expected);
  writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
  expect(projectAddress(root, env)).toBe(expected);
});

test.each(["narthex", "git@forge.example:a/narthex.git", "http://forge.example/a", "https://forge.example/a b"])(
  "an address that a user cannot open is refused: %s",
  (address) => {
    expect(() => projectAddress(temporaryFolder(), { NARTHEX_REPOSITORY: address })).toThrow("give an https address");
  },
);

test("the manifest of a package names the repository, and the folder of the package in it", () => {
  expect(addressFields("https://forge.example/a", "packages/tsdb")).toEqual({
    homepage: "https://forge.example/a",
    repository: { type: "git", url: "git+https://forge.example/a.git", directory: "packages/tsdb" },
  });
});
