import { formatProblem } from "@narthex/config";
import { expect, test } from "vitest";
import { parseRuleFile } from "../rule-file.ts";
import { parseBehaviourFile } from "./behaviour-file.ts";
import { withBehaviours } from "./load-behaviour-files.ts";

const RULES = `
groups:
  - name: hosts
    rules:
      - { alert: HighLoad, expr: load > 90, labels: { severity: page } }
      - { alert: HighLoad, expr: load > 70, labels: { severity: ticket } }
      - { alert: Gone, expr: absent(load) }
      - { alert: Down, expr: up == 0 }
      - { record: Recorded, expr: load }
`;

/** Returns the problems of a behaviour file, or the behaviours of its rules. */
function read(text: string, rules = RULES) {
  const loaded = parseRuleFile(rules, "dir/hosts.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const entries = parseBehaviourFile(text, "b.yml");
  if (!entries.ok) return { problems: entries.problems.map(formatProblem) };
  const result = withBehaviours(new Map([["dir/hosts.yml", loaded.value]]), entries.value, {});
  if (!result.ok) return { problems: result.problems.map(formatProblem) };
  const specs = result.files.get("dir/hosts.yml")!.flatMap((group) => group.rules);
  return {
    problems: result.unused.map(formatProblem),
    behaviours: specs.map((spec) => (spec.kind === "alerting" ? spec.behaviour : "recording")),
  };
}

test("an entry is for the alerts with its name, group, file and labels", () => {
  const { problems, behaviours } = read(`behaviours:
  - alert: HighLoad
    group: hosts
    file: hosts.yml
    labels: { severity: ticket }
    on_no_data: keep
    recovery_threshold: 60
    flap_damping: { max_changes: 4, window: 1h }
`);
  expect(problems).toEqual([]);
  expect(behaviours).toMatchObject([
    undefined,
    {
      onNoData: "keep",
      data: { text: "load" },
      recovery: { text: "load < 60", threshold: "< 60" },
      damping: { maxChanges: 4, windowMs: 3_600_000 },
      file: "b.yml",
      line: 2,
    },
    undefined,
    undefined,
    "recording",
  ]);
});

test.each([
  [
    "- { alert: HighLoad }",
    "b.yml:2:5: the entry sets no behaviour; write on_no_data, recovery_threshold, recovery_expr or flap_damping",
  ],
  ["- { on_no_data: keep }", "b.yml:2:5: the entry names no alert; write alert: and the name of a rule"],
  [
    "- { alert: A, on_no_data: drop }",
    'b.yml:2:29: field on_no_data: unknown value "drop"; use one of keep, fire, resolve',
  ],
  ["- { alert: A, on_no_dat: keep }", /^b\.yml:2:17: .*on_no_dat.*on_no_data/],
  [
    "- { alert: A, recovery_threshold: 5, recovery_expr: up }",
    "b.yml:2:55: the entry has both recovery_threshold and recovery_expr; remove one of the two",
  ],
  [
    "- { alert: A, flap_damping: { max_changes: 1, window: 1h } }",
    "b.yml:2:46: max_changes is 1; write a number from 2 to 100; a start and an end are two changes",
  ],
  ["- { alert: A, flap_damping: { max_changes: 2 } }", /^b\.yml:2:31: window is 0s; write a duration up to 30d/],
  ["- { alert: A, recovery_threshold: .inf }", /^b\.yml:2:37: recovery_threshold is Infinity; write a finite number/],
])("%s is refused with place and remedy", (entry, expected) => {
  const [first] = read(`behaviours:\n  ${entry}\n`).problems;
  expect(first).toEqual(typeof expected === "string" ? expected : expect.stringMatching(expected));
});

test.each([
  [
    "- { alert: Gone, on_no_data: keep }",
    'b.yml:2:32: alert "Gone" of group "hosts": the expression of the rule always has data, because it contains absent(), vector() or no selector; remove on_no_data, or write data: with an expression that returns the label sets that have data',
  ],
  [
    "- { alert: Down, recovery_threshold: 1 }",
    /^b\.yml:2:40: alert "Down" of group "hosts": the expression of the rule is not/,
  ],
  [
    "- { alert: Down, recovery_expr: up > }",
    /^b\.yml:2:35: alert "Down" .* recovery_expr: could not parse expression: 1:5/,
  ],
  [
    "- { alert: Down, recovery_expr: '5', on_no_data: keep }",
    /recovery_expr: the expression returns no instant vector; write/,
  ],
  [
    "- { alert: Down, on_no_data: keep }\n  - { alert: Down, on_no_data: fire }",
    'b.yml:3:5: alert "Down" of group "hosts": the behaviour is already set in b.yml:2; remove one entry, or add labels to both',
  ],
  [
    "- { alert: HighLod, on_no_data: keep }",
    'b.yml:2:14: no alert "HighLod" in the rule files; write alert: HighLoad?',
  ],
  [
    "- { alert: Down, group: host, on_no_data: keep }",
    'b.yml:2:14: no alert "Down" of group "host" in the rule files; write group: hosts?',
  ],
  [
    "- { alert: Down, file: osts.yml, on_no_data: keep }",
    'b.yml:2:14: no alert "Down" of file "osts.yml" in the rule files; correct group, file and labels as in the rule file',
  ],
  ["- { alert: Recorded, on_no_data: keep }", /^b\.yml:2:14: no alert "Recorded" in the rule files/],
])("%s is reported with the rule, the place and the remedy", (entry, expected) => {
  const { problems } = read(`behaviours:\n  ${entry}\n`);
  expect(problems).toEqual([typeof expected === "string" ? expected : expect.stringMatching(expected)]);
});

test("data: replaces the expression that is made of the rule's expression", () => {
  const { behaviours } = read("behaviours: [{ alert: Gone, on_no_data: keep, data: 'up{job=\"x\"}' }]");
  expect(behaviours).toMatchObject([undefined, undefined, { data: { text: 'up{job="x"}' } }, undefined, "recording"]);
});

test("an empty file and an empty list have no entries", () => {
  for (const text of ["", "behaviours: []"]) expect(read(text).problems).toEqual([]);
});

test("similar names are searched for a limited number of entries and names", () => {
  const alerts = Array.from("abcdefghijklmnopqrstuvwxyzABCD", (letter) => `HighLoad${letter}`);
  const long = "Hihg".padEnd(101, "x");
  const { problems } = read(
    `behaviours: [${[long, ...alerts].map((alert) => `{alert: ${alert}, on_no_data: keep}`).join()}]`,
  );
  const hints = problems.map((problem) => problem.slice(problem.lastIndexOf("; ") + 2));
  expect(hints).toEqual([
    "write alert: as in the rule file",
    ...alerts.slice(0, 19).map(() => "write alert: HighLoad?"),
    ...alerts.slice(19).map(() => "correct group, file and labels as in the rule file"),
  ]);
});
