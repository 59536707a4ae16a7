import { expect, test } from "vitest";
import type { RuleFinding } from "../api/narthex.ts";
import { countFindings, RuleFindings } from "./rule-findings.ts";

const finding = (group: string, ruleIndex: number, severity: RuleFinding["severity"]): RuleFinding => ({
  check: "cost",
  severity,
  file: "f",
  line: 1,
  column: 1,
  group,
  ruleIndex,
  message: "m",
  remedy: "r",
});

test("findings and costs belong to the rule with the same file, group and index", () => {
  const findings = [finding("g", 0, "error"), finding("g", 1, "info"), finding("h", 0, "info")];
  const cost = { file: "f", group: "g", ruleIndex: 1, series: 3, samples: 4 };
  const found = new RuleFindings({ findings, costs: [cost] });
  expect(found.of("f", "g", 1)).toEqual({ findings: [findings[1]], cost });
  expect(found.of("f", "h", 0)).toEqual({ findings: [findings[2]], cost: undefined });
  expect(found.of("other", "g", 0)).toEqual({ findings: [], cost: undefined });
  expect(countFindings(findings)).toBe("1 errors, 0 warnings, 2 notes");
});
