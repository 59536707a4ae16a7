import { formatProblem } from "@narthex/config";
import { parseRuleFile } from "@narthex/rules";
import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { CHECK_NAMES, findingLine, lintRules, parsePolicy } from "../index.ts";

const RULES = `groups:
- name: g
  rules:
  - alert: DiskFull
    expr: x > 1
    for: 1m
    labels: { severity: page, team: infra }
    annotations: { runbook_url: http://a }
  - record: job:x:sum
    expr: sum by (job) (x)
  - alert: hostDown
    expr: up == 0
    for: 5m
    labels: { severity: info }
`;

const policyOf = (source: string) => parsePolicy(source, "policy.yml", CHECK_NAMES);

async function findings(source: string): Promise<readonly string[]> {
  const policy = policyOf(source);
  const loaded = parseRuleFile(RULES, "r.yml");
  if (!policy.ok || !loaded.ok) throw new Error("invalid test data");
  const files = [{ file: "r.yml", groups: loaded.value, source: RULES }];
  const report = await lintRules({ files, clock: systemClock, parser: {}, policy: policy.value });
  return report.findings.map(findingLine);
}

test("a policy requires labels, annotations, names and durations of the rules that it matches", async () => {
  const policy = `require:
- match: { kind: alerting, labels: { severity: page|critical } }
  severity: error
  comment: see the handbook
  annotations: { runbook_url: "https://.+", summary: ".+" }
  min_for: 2m
- match: { kind: alerting }
  labels: { team: "[a-z]+" }
  name: "[A-Z].*"
`;
  expect(await findings(policy)).toEqual([
    'r.yml:8:33: error: requirement: rule "DiskFull": the annotation runbook_url does not match https://.+ (see the handbook); correct the annotation',
    'r.yml:4:5: error: requirement: rule "DiskFull": the annotation summary is missing (see the handbook); add the annotation with a text that matches .+',
    'r.yml:6:5: error: requirement: rule "DiskFull": `for` is 1m, but must be at least 2m (see the handbook); write for: 2m',
    'r.yml:11:5: warning: requirement: rule "hostDown": the name hostDown does not match [A-Z].*; rename the rule',
    'r.yml:11:5: warning: requirement: rule "hostDown": the label team is missing; add the label with a text that matches [a-z]+',
  ]);
});

test("a policy changes the severity of checks, and switches them off", async () => {
  const require = "require: [{ match: { name: hostDown }, labels: { team: .+ } }]";
  expect(await findings(`checks: { requirement: info }\n${require}`)).toEqual([
    expect.stringContaining(": info: requirement: "),
  ]);
  expect(await findings(`checks: { requirement: "off" }\n${require}`)).toEqual([]);
});

test("each fault of a policy is reported with its place and a remedy", () => {
  const problems = (source: string) => {
    const loaded = policyOf(source);
    return loaded.ok ? [] : loaded.problems.map(formatProblem);
  };
  expect(problems("checks: { nothing: warning }")).toEqual([
    expect.stringMatching(/^policy\.yml:1:9: there is no check "nothing"; use contradiction, /),
  ]);
  expect(problems("checks: { missing-for: loud }")).toEqual([
    'policy.yml:1:24: field checks.missing-for: unknown severity "loud"; use one of error, warning, info, off',
  ]);
  expect(problems("require:\n- match: { name: '(' }\n  labels: { a: b }")).toEqual([
    expect.stringMatching(
      /^policy\.yml:2:18: field name: error parsing regexp: .*; write a regular expression in RE2 syntax$/,
    ),
  ]);
  expect(problems("require:\n- match: { kind: alerting }")).toEqual([
    "policy.yml:2:3: the requirement requires nothing; set labels, annotations, name, min_for or max_for",
  ]);
  expect(problems("requires: []")).toEqual([expect.stringContaining("policy.yml:1:1: ")]);
  expect(problems("limits: { max_series: many }")).toEqual([expect.stringContaining("policy.yml:1:23: ")]);
});
