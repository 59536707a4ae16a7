import { expect, test } from "vitest";
import { withNotice } from "./NoticeBell.tsx";
import { yamlTokens } from "./yaml-tokens.ts";

test.each([
  "global:",
  "  scrape_interval: 5s",
  "- job_name: node # the host",
  "    - targets: ['a:9100']",
  "  - https://example.org:9090/x",
  '  "quoted key": "a: b"',
  "# a comment",
  "",
  "  expr: 'up == 0'",
  "  key with spaces: |-",
])("the tokens of %j are the line, letter for letter", (line) => {
  expect(
    yamlTokens(line)
      .map((token) => token.text)
      .join(""),
  ).toBe(line);
});

test("keys and values of YAML are told apart", () => {
  expect(yamlTokens("  interval: 5s").map((token) => token.kind)).toEqual(["plain", "key", "plain", "number"]);
  expect(yamlTokens("on: true").at(-1)?.kind).toBe("word");
});

test("a notice appears once and goes when it is inactive", () => {
  const one = { text: "x", date: "1", active: true };
  const again = { text: "x", date: "2", active: true };
  expect(withNotice([one], again)).toEqual([again]);
  expect(withNotice([one], { ...again, active: false })).toEqual([]);
});
