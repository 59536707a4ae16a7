import { decodeYaml, formatProblem, printYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { contextSection } from "./context-config.ts";

const problemsOf = (text: string): readonly string[] => {
  const decoded = decodeYaml(text, "context.yml", contextSection);
  return decoded.ok ? [] : decoded.problems.map(formatProblem);
};

test("a short file has defaults, and the printed settings have no secrets", () => {
  const text = "server: {url: 'http://server:9090/', http_config: {basic_auth: {username: u, password: hidden1}}}";
  const decoded = decodeYaml(text, "context.yml", contextSection);
  if (!decoded.ok) throw new Error(decoded.problems.map(formatProblem).join("\n"));
  expect(decoded.value).toMatchObject({
    server: { url: "http://server:9090" },
    dashboards: undefined,
    deploymentTags: ["deployment"],
    rangeMs: 3_600_000,
    timeoutMs: 3000,
    timeZone: "UTC",
    theme: "light",
  });
  expect(JSON.stringify(decoded.value)).not.toContain("hidden1");
  expect(printYaml(contextSection.encode(decoded.value))).not.toContain("hidden1");
});

test.each([
  ["server: {}", "context.yml:1:9"],
  ["server: {url: 'ftp://a'}", "is no HTTP address"],
  ["range: 8d", "range must be from 1m to 7d"],
  ["timeout: 1m", "timeout must be from 100ms to 10s"],
  ["time_zone: Mars", 'unknown time zone "Mars"'],
  ["theme: blue", 'unknown theme "blue"'],
  ["deployment_tags: ['']", "deployment_tags must be at most 20 tags, none empty"],
  ["servers: {}", "servers"],
])("the file %s is refused with its place: %s", (text, reason) => {
  expect(problemsOf(text)).toEqual([expect.stringContaining(reason)]);
  expect(problemsOf(text)[0]).toMatch(/^context\.yml:1/);
});
