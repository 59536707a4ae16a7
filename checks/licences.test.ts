import { expect, test } from "vitest";
import { isAccepted, productionPackages, refusedPackages } from "./licences.ts";

test("every package that the roles and the user interface need has an accepted licence", () => {
  const packages = productionPackages();
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["fastify", "react", "yaml"]));
  expect(refusedPackages(packages)).toEqual([]);
});

test("a package with another licence, or without one, is reported with its version", () => {
  const packages = [
    { name: "free", version: "1.0.0", licence: "MIT", folder: "" },
    { name: "bound", version: "2.0.0", licence: "AGPL-3.0-only", folder: "" },
    { name: "silent", version: "3.0.0", licence: "unknown", folder: "" },
  ];
  expect(refusedPackages(packages)).toEqual(["bound 2.0.0: AGPL-3.0-only", "silent 3.0.0: unknown"]);
});

test.each([
  ["MIT", true],
  ["(MPL-2.0 OR Apache-2.0)", true],
  ["MIT AND Apache-2.0", true],
  ["MIT AND GPL-3.0-only", false],
  ["(MIT OR Apache-2.0) AND GPL-3.0-only", false],
  ["SEE LICENSE IN LICENSE.txt", false],
  ["", false],
])("%j is accepted: %s", (licence, accepted) => {
  expect(isAccepted(licence)).toBe(accepted);
});
