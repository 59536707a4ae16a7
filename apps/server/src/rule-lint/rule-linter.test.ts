import { parseRuleFile, type RuleGroup } from "@narthex/rules";
import { QueryError, type QueryResult } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPolicy } from "./lint-policy.ts";
import { RuleLinter } from "./rule-linter.ts";

const folder = temporaryFolder();
const file = join(folder, "rules.yml");
const RULES = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    for: 5m\n";
const requester = {
  origin: { httpRequest: { clientIP: "127.0.0.1", method: "GET", path: "/api/v1/narthex/rule-lint" } },
  principal: undefined,
};

function linterOf(
  groups: () => readonly RuleGroup[],
  evaluate: () => Promise<QueryResult>,
  isRuleFile: (name: string) => boolean = () => true,
) {
  let now = 0;
  const linter = new RuleLinter({
    clock: { ...systemClock, monotonic: () => now },
    configuration: {
      current: { global: { scrapeIntervalMs: 15_000, evaluationIntervalMs: 15_000, externalLabels: undefined } },
    } as never,
    lookbackMs: 300_000,
    lane: { evaluate, features: {} as never },
    groups,
    isRuleFile,
    metricTypes: () => [],
  });
  return { linter, pass: (ms: number) => (now += ms) };
}

function loadedGroups(): readonly RuleGroup[] {
  writeFileSync(file, RULES);
  const loaded = parseRuleFile(RULES, file);
  if (!loaded.ok) throw new Error("invalid test data");
  return loaded.value.map((spec) => ({ file, spec }) as RuleGroup);
}

test("a report is kept for a minute, unless the rules change", async () => {
  let groups = loadedGroups();
  const { linter, pass } = linterOf(
    () => groups,
    () => Promise.reject(new Error("not asked")),
  );
  const first = await linter.check(false, requester);
  expect(first).toMatchObject({ findings: [{ check: "no-condition", file, line: 5, column: 11 }], isComplete: true });
  pass(59_000);
  expect(await linter.check(false, requester)).toBe(first);
  pass(2000);
  const second = await linter.check(false, requester);
  expect(second).not.toBe(first);
  groups = loadedGroups();
  expect(await linter.check(false, requester)).not.toBe(second);
});

test("a policy changes the findings, also of a report that is kept", async () => {
  const groups = loadedGroups();
  const { linter } = linterOf(
    () => groups,
    () => Promise.reject(new Error("not asked")),
  );
  const checksOf = async () => (await linter.check(false, requester)).findings.map(({ check }) => check);
  expect(await checksOf()).toEqual(["no-condition"]);
  const policy = join(folder, "policy.yml");
  writeFileSync(policy, 'checks: { no-condition: "off" }\nrequire: [{ labels: { team: .+ } }]\n');
  linter.setPolicy(await readPolicy(policy));
  expect(await checksOf()).toEqual(["requirement"]);
  linter.setPolicy(undefined);
  expect(await checksOf()).toEqual(["no-condition"]);
});

test("a policy that cannot be used is refused with its place", async () => {
  const policy = join(folder, "broken.yml");
  writeFileSync(policy, "checks: { nothing: warning }\n");
  await expect(readPolicy(policy)).rejects.toThrow(
    /^error loading the policy \(--rules\.lint-policy\): .*broken\.yml:1:9: there is no check "nothing"; use /,
  );
  await expect(readPolicy(join(folder, "absent.yml"))).rejects.toThrow(
    /^error loading the policy \(--rules\.lint-policy\): open .*absent\.yml: no such file or directory$/,
  );
});

test("refused queries leave checks out, and other failures are not kept", async () => {
  const groups = loadedGroups();
  let isBroken = true;
  const { linter } = linterOf(
    () => groups,
    () => Promise.reject(isBroken ? new Error("bug") : new QueryError("execution", "too many samples")),
  );
  await expect(linter.check(true, requester)).rejects.toThrow("bug");
  isBroken = false;
  expect(await linter.check(true, requester)).toMatchObject({ findings: [{ check: "no-condition" }], costs: [] });
});

test("a file is not read if its name is a namespace that a client has chosen", async () => {
  const groups = loadedGroups();
  const asked: string[] = [];
  const { linter } = linterOf(
    () => groups,
    () => Promise.reject(new Error("not asked")),
    (name) => asked.push(name) === 0,
  );
  expect(await linter.check(false, requester)).toMatchObject({
    findings: [{ check: "no-condition", file, line: 0, column: 0 }],
  });
  expect(asked).toEqual([file]);
});
