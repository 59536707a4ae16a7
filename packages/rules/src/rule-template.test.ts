import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { checkTemplate, RuleTemplate } from "./rule-template.ts";

const data = { labels: Labels.of({ job: "api" }), externalLabels: Labels.of({}), externalUrl: "http://a", value: 1 };
const context = { time: 0, externalUrl: "http://a", query: () => [] };

/** Returns a text that counts how often it is parsed. */
function countedText(text: string) {
  let parses = 0;
  const counted = {
    includes: (part: string) => text.includes(part),
    toString() {
      parses++;
      return text;
    },
  };
  return { text: counted as unknown as string, parses: () => parses };
}

test("a template is parsed once, for its first alert", async () => {
  const { text, parses } = countedText("{{ $labels.job }} is {{ $value }}");
  const template = new RuleTemplate("A", text);
  expect(parses()).toBe(0);
  for (let i = 0; i < 2; i++) expect(await template.expand(data, context, () => undefined)).toBe("api is 1");
  expect(parses()).toBe(1);
});

test.each([
  ["plain", undefined],
  ["}} and {", undefined],
  ["{{ $labels.job }}", undefined],
  ["{{ $labels.job", /unclosed action/],
])("checkTemplate(%j)", (text, problem) => {
  const found = checkTemplate("A", text);
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(problem);
});
