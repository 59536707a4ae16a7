import { formatDuration, type Pattern } from "@narthex/model";
import type { LintedRule, Subject } from "../linted-rule.ts";
import type { Requirement, RuleMatch } from "../policy/policy.ts";
import type { RuleCheck } from "../rule-check.ts";

export const requirement: RuleCheck = {
  name: "requirement",
  severity: "warning",
  help: "The rule lacks what the policy file requires, such as a runbook or a team.",
  check(rule, { options }, report) {
    for (const required of options.policy.requirements) {
      if (!isMatched(rule, required.match)) continue;
      const comment = required.comment === "" ? "" : ` (${required.comment})`;
      for (const { subject, message, remedy } of lacking(rule, required))
        report(subject, message + comment, remedy, required.severity);
    }
  },
};

function isMatched({ spec, group, file }: LintedRule, { kind, labels, ...match }: RuleMatch): boolean {
  if (kind !== undefined && kind !== spec.kind) return false;
  if (match.file?.test(file) === false || match.group?.test(group.name) === false) return false;
  if (match.name?.test(spec.name) === false) return false;
  return [...labels].every(([name, pattern]) => pattern.test(spec.labels.get(name) ?? ""));
}

interface Lack {
  readonly subject: Subject;
  readonly message: string;
  readonly remedy: string;
}

function* lacking({ spec }: LintedRule, required: Requirement): Iterable<Lack> {
  const { name, minForMs, maxForMs } = required;
  if (name?.test(spec.name) === false)
    yield {
      subject: { part: "rule" },
      message: `the name ${spec.name} does not match ${name.source}`,
      remedy: "rename the rule",
    };
  yield* lackingTexts("labels", spec.labels, required.labels);
  if (spec.kind !== "alerting") return;
  yield* lackingTexts("annotations", spec.annotations, required.annotations);
  const written = formatDuration(spec.forMs);
  if (minForMs !== undefined && spec.forMs < minForMs)
    yield {
      subject: { part: "for" },
      message: `\`for\` is ${written}, but must be at least ${formatDuration(minForMs)}`,
      remedy: `write for: ${formatDuration(minForMs)}`,
    };
  if (maxForMs !== undefined && spec.forMs > maxForMs)
    yield {
      subject: { part: "for" },
      message: `\`for\` is ${written}, but must be at most ${formatDuration(maxForMs)}`,
      remedy: `write for: ${formatDuration(maxForMs)}`,
    };
}

function* lackingTexts(
  part: "labels" | "annotations",
  texts: ReadonlyMap<string, string>,
  required: ReadonlyMap<string, Pattern>,
): Iterable<Lack> {
  const word = part.slice(0, -1);
  for (const [name, pattern] of required) {
    const text = texts.get(name);
    if (text === undefined || text === "")
      yield {
        subject: { part: "rule" },
        message: `the ${word} ${name} is missing`,
        remedy: `add the ${word} with a text that matches ${pattern.source}`,
      };
    else if (!pattern.test(text))
      yield {
        subject: { part, name, offset: 0 },
        message: `the ${word} ${name} does not match ${pattern.source}`,
        remedy: `correct the ${word}`,
      };
  }
}
