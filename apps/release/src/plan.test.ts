import { expect, test } from "vitest";
import { formats } from "./formats/registry.ts";
import { planRelease } from "./plan.ts";
import { targets } from "./targets.ts";

const values = { target: [], format: ["tar.gz"], node: [], dirty: false, out: "release" };

test("all targets with an available Node are planned, and the others are named with a hint", () => {
  const { targets: planned, leftOut } = planRelease(values, "/here");
  const without = targets.filter(({ node }) => node === undefined).map(({ name }) => name);
  expect(planned.map(({ name }) => name)).toEqual(
    targets.map(({ name }) => name).filter((name) => !without.includes(name)),
  );
  expect(leftOut).toEqual(
    without.map((name) => `${name} is left out: npm has no Node for it; give one with --node=${name}=PATH`),
  );
});

test("a target is planned if its Node is given", () => {
  const { targets: planned, given } = planRelease({ ...values, node: ["linux-x64-musl=some/node"] }, "/here");
  expect(planned.map(({ name }) => name)).toContain("linux-x64-musl");
  expect(given.get("linux-x64-musl")).toBe("/here/some/node");
});

test("names can be repeated or separated by commas", () => {
  const plan = planRelease(
    { ...values, target: ["linux-x64,windows-x64", "linux-arm64"], format: ["npm,deb"] },
    "/here",
  );
  expect(plan.targets.map(({ name }) => name)).toEqual(["linux-x64", "linux-arm64", "windows-x64"]);
  expect(plan.formats.map(({ name }) => name)).toEqual(["npm", "deb"]);
  expect(plan.out).toBe("/here/release");
});

test.each([
  [{ target: ["linux"] }, '--target: there is no "linux"; choose among linux-x64, '],
  [{ format: ["zip"] }, '--format: there is no "zip"; choose among tar.gz, npm, libraries, deb, rpm'],
  [{ node: ["linux-x64"] }, "--node=linux-x64: write TARGET=PATH"],
  [{ node: ["linux=x"] }, "--node=linux=x: write TARGET=PATH, with a target among linux-x64, "],
  [{ target: ["linux-x64-musl"] }, "linux-x64-musl is left out: npm has no Node for it"],
])("%j is refused", (flags, message) => {
  expect(() => planRelease({ ...values, ...flags }, "/here")).toThrow(message);
});

test("each format has a name of its own", () => {
  expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
});
