import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unpinnedImages, withDigests } from "./pinned-images.ts";
import { root } from "./sources.ts";

const digest = `@sha256:${"0a".repeat(32)}`;

test.each([
  ["FROM node:24 AS a\nFROM a AS b\nFROM scratch\n", ["1: node:24"]],
  [`FROM --platform=$BUILDPLATFORM node:24${digest} AS a\nFROM a\n`, []],
  [`FROM --platform=$BUILDPLATFORM node:24@sha256:0 AS a\n`, ["1: node:24@sha256:0"]],
  [`  image: narthex/server\n  image: postgres:17\n  image: x/y:1${digest}\n`, ["2: postgres:17"]],
])("the images without a digest in %j are %j", (text, expected) => {
  expect(unpinnedImages(text)).toEqual(expected);
});

test("digests are added to the images that have none", () => {
  const text = `FROM node:24 AS a\nFROM a\nFROM x/y:1${digest}\n  image: narthex/server\n  image: postgres:17\n`;
  const written = withDigests(text, () => digest.slice(1));
  expect(written).toBe(
    `FROM node:24${digest} AS a\nFROM a\nFROM x/y:1${digest}\n  image: narthex/server\n  image: postgres:17${digest}\n`,
  );
  expect(() => withDigests(text, () => "latest")).toThrow('the digest of node:24 is "latest"');
});

test("the release workflow refuses images without a digest, and Renovate proposes digests", () => {
  const workflow = readFileSync(join(root, ".github/workflows/release.yml"), "utf8");
  expect(workflow.indexOf("node checks/pinned-images.ts")).toBeGreaterThan(0);
  expect(workflow.indexOf("node checks/pinned-images.ts")).toBeLessThan(workflow.indexOf("pnpm@12.21.0 release"));
  expect(JSON.parse(readFileSync(join(root, "renovate.json"), "utf8"))).toMatchObject({
    extends: expect.arrayContaining(["docker:pinDigests", "helpers:pinGitHubActionDigests"]) as unknown,
  });
});
