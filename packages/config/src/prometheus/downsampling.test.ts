import { expect, test } from "vitest";
import { parsePrometheusConfig } from "../load.ts";
import { printPrometheusConfig } from "./effective.ts";

const read = (yaml: string, agent = false) => parsePrometheusConfig(yaml, "a.yml", { agent }, () => undefined);

/** Reads a configuration. Returns the position and message of its first problem. */
function problemOf(yaml: string, agent = false): string {
  const parsed = read(yaml, agent);
  if (parsed.ok) throw new Error("there is no problem");
  const { line, message } = parsed.problems[0]!;
  return `${line}: ${message}`;
}

const YAML = `downsampling:
  - match: '{job="node"}'
    retention: {5m: 180d, 1h: 2y}
  - retention: {1h: 0s}
`;

test("downsampling: each entry defines what is kept, and its printed form reads the same", () => {
  const parsed = read(YAML);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const DAY = 86_400_000;
  expect(parsed.value.downsampling.map(({ match, retention }) => [match, retention])).toEqual([
    ['{job="node"}', { fiveMinutesMs: 180 * DAY, oneHourMs: 730 * DAY }],
    ["", { fiveMinutesMs: undefined, oneHourMs: 0 }],
  ]);
  const printed = printPrometheusConfig(parsed.value);
  const again = read(printed);
  if (!again.ok) throw new Error(JSON.stringify(again.problems));
  expect(printPrometheusConfig(again.value)).toBe(printed);
  expect(again.value.downsampling.map(({ retention }) => retention)).toEqual(
    parsed.value.downsampling.map(({ retention }) => retention),
  );
});

test("downsampling: a file without it is printed without it", () => {
  const parsed = read("global: {}");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(printPrometheusConfig(parsed.value)).not.toContain("downsampling");
});

test("downsampling: an entry that keeps nothing, an unknown resolution, and an agent are refused", () => {
  expect(problemOf("downsampling: [{match: up}]")).toBe("1: an entry of downsampling keeps nothing");
  expect(problemOf("downsampling:\n  - retention: {10m: 1d}")).toMatch(/^2: .*10m/);
  expect(problemOf("downsampling: [{retention: {1h: 1d}}]", true)).toBe(
    "1: field downsampling is not allowed in agent mode",
  );
});
