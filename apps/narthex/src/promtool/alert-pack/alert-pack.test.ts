import { readdirSync, readFileSync } from "node:fs";
import { type ReplayedRule, runBacktest, timeText } from "@narthex/backtest";
import { Labels } from "@narthex/model";
import { createEngine, DEFAULT_FEATURES } from "@narthex/promql";
import type { AlertingSpec } from "@narthex/rules";
import { ManualClock, testHost } from "@narthex/runtime/testing";
import { MemoryStorage } from "@narthex/storage/testing";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runPromtool } from "../main.ts";
import { InputFeed } from "../unit-test/input-series.ts";
import { deploy, type Firing, groupsOf, type Incident, incidentFiles, RULE_FILES } from "./pack-files.ts";

const parser = DEFAULT_FEATURES;
const TESTS = readdirSync(`${deploy}alert-pack/tests`).toSorted();

/** The alerts of the pack, each with the name of its area: the rule file without folder and extension. */
const ALERTS = RULE_FILES.flatMap((file) =>
  groupsOf(file, parser).flatMap(({ spec }) =>
    spec.rules.flatMap((rule) => (rule.kind === "alerting" ? [{ area: areaOf(file), rule }] : [])),
  ),
);

function areaOf(file: string): string {
  const [, name] = /([\w-]+)\.yml$/.exec(file)!;
  return name === "host" ? "hosts" : name!;
}

test.for(TESTS)("the rules pass the tests of %s", async (name) => {
  const host = testHost(["test", "rules", `${deploy}alert-pack/tests/${name}`]);
  expect([await runPromtool(host), host.output.stdout, host.output.stderr]).toEqual([0, "  SUCCESS\n\n", ""]);
});

describe("in an incident, the alerts fire at the expected times with the expected labels", () => {
  for (const { rules, incidents } of incidentFiles())
    test.for(incidents)(`${rules.at(-1)}: $name`, async (incident) => {
      expect(await firingsOf(rules, incident)).toEqual(incident.firings.map((firing) => lineOf(firing)).toSorted());
    });
});

/** Returns the firings that a backtest of rule files finds, one line each, sorted. */
async function firingsOf(files: readonly string[], incident: Incident): Promise<readonly string[]> {
  const clock = new ManualClock(Date.parse(incident.end));
  const request = {
    clock,
    parser,
    engine: createEngine({ clock, features: parser }),
    externalLabels: Labels.of({}),
    externalUrl: "http://prometheus",
    signal: new AbortController().signal,
    groups: files.flatMap((file) => groupsOf(file, parser)),
    history: await samplesOf(incident),
    fromMs: Date.parse(incident.start),
    toMs: Date.parse(incident.end),
  };
  const { rules } = await runBacktest(request, undefined);
  expect(rules.filter(({ failures }) => failures !== undefined)).toEqual([]);
  return rules.flatMap(linesOf).toSorted();
}

/** Returns the samples of an incident. */
async function samplesOf({ series, start, end, interval }: Incident): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  await new InputFeed(input, Date.parse(start), interval * 1000).load(storage, Date.parse(end));
  return storage;
}

const linesOf = ({ spec, spans }: ReplayedRule): readonly string[] =>
  spans.all.flatMap(({ labels, firedAtMs, endedAtMs }) => {
    if (firedAtMs === undefined) return [];
    const { alertname: _, ...rest } = labels.toRecord();
    for (const name of spec.labels.keys()) delete rest[name];
    const to = endedAtMs === undefined ? {} : { to: timeText(endedAtMs) };
    return [lineOf({ alert: spec.name, labels: rest, from: timeText(firedAtMs), ...to })];
  });

const lineOf = ({ alert, labels, from, to = "the end" }: Firing): string =>
  `${alert} ${Labels.of(labels).toString()} from ${from} to ${to}`;

describe("each alert has", () => {
  test("a runbook: its section on the page of its area", () => {
    const missing = ALERTS.filter(({ area, rule }) => {
      const page = readFileSync(`${deploy}../docs/runbooks/${area}.md`, "utf8");
      const url = `{{ $externalURL }}/docs/runbooks/${area}.html#${rule.name.toLowerCase()}`;
      return !page.includes(`\n## ${rule.name}\n`) || annotation(rule, "runbook_url") !== url;
    });
    expect(missing.map(({ rule }) => rule.name)).toEqual([]);
  });

  test("a severity, a summary and a description", () => {
    const missing = ALERTS.filter(
      ({ rule }) =>
        !["critical", "warning", "info", "none"].includes(rule.labels.get("severity") ?? "") ||
        annotation(rule, "summary") === "" ||
        annotation(rule, "description") === "",
    );
    expect(missing.map(({ rule }) => rule.name)).toEqual([]);
  });

  test("a name of its own", () => {
    expect(new Set(ALERTS.map(({ rule }) => rule.name)).size).toBe(ALERTS.length);
  });

  test("a test in which it fires and one in which it does not", () => {
    const cases = TESTS.flatMap((name) => {
      const { tests } = parse(readFileSync(`${deploy}alert-pack/tests/${name}`, "utf8")) as TestFile;
      return tests.flatMap((group) => group.alert_rule_test);
    });
    const tested = (fires: boolean): Set<string> =>
      new Set(
        cases.filter(({ exp_alerts: [first] = [] }) => (first !== undefined) === fires).map((one) => one.alertname),
      );
    const names = ALERTS.map(({ rule }) => rule.name);
    expect(names.filter((name) => !tested(true).has(name))).toEqual([]);
    expect(names.filter((name) => !tested(false).has(name))).toEqual(["Watchdog"]);
  });

  test("an incident in which it fires, and an end of the firing", () => {
    const firings = incidentFiles().flatMap(({ incidents }) => incidents.flatMap(({ firings: all }) => all));
    const ended = new Set(firings.filter(({ to }) => to !== undefined).map(({ alert }) => alert));
    const missing = ALERTS.filter(({ rule }) => !ended.has(rule.name)).map(({ rule }) => rule.name);
    expect(missing).toEqual(["Watchdog"]);
    expect(firings.map(({ alert }) => alert)).toContain("Watchdog");
  });
});

interface TestFile {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly object[] }[];
  }[];
}

const annotation = (rule: AlertingSpec, name: string): string => rule.annotations.get(name) ?? "";
