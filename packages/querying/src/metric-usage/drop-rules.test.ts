import fc from "fast-check";
import { compilePattern } from "@narthex/model";
import { expect, test } from "vitest";
import { dropRules } from "./drop-rules.ts";

test("rules are written for each job, with several names in a line", () => {
  const names = Array.from({ length: 21 }, (_, i) => `m${i}`);
  const text = dropRules([
    { job: "node", names },
    { job: "it's", names: ["a.b"] },
  ]);
  expect(text).toBe(`scrape_configs:
  - job_name: 'node'
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: '${names.slice(0, 20).join("|")}'
        action: drop
      - source_labels: [__name__]
        regex: 'm20'
        action: drop
  - job_name: 'it''s'
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: 'a\\.b'
        action: drop
`);
  expect(dropRules([])).toBe("");
});

test("a rule drops exactly the metrics for which it was written", () => {
  const name = fc.string({
    unit: fc.constantFrom(...Array.from("ab.|()*+?[]{}^$\\'\"_:é ")),
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 40 }), name, (names, other) => {
      const lines = dropRules([{ job: "j", names }]).split("\n");
      const regexes = lines.flatMap((line) => /^ {8}regex: '(.*)'$/.exec(line)?.[1]?.replaceAll("''", "'") ?? []);
      const isDropped = (one: string): boolean => regexes.some((regex) => compilePattern(regex).test(one));
      expect(names.every(isDropped)).toBe(true);
      expect(isDropped(other)).toBe(names.includes(other));
    }),
  );
});
