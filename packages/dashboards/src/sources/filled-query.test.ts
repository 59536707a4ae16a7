import fc from "fast-check";
import { expect, test } from "vitest";
import type { BoundVariable, Lookup } from "../variables/variable-syntax.ts";
import { filledQuery, isBlankQuery, loadQueryExtras } from "./filled-query.ts";
import type { QueryLanguage } from "./source-kind.ts";

await loadQueryExtras();

const valueOf =
  (...values: readonly string[]): Lookup =>
  (name): BoundVariable => ({ name, values, texts: values, isMulti: name !== "one", isVerbatim: false });

const filled = (text: string, language: QueryLanguage, lookup: Lookup): unknown =>
  filledQuery({ rawSql: text, alias: "$one" }, { language }, lookup)["rawSql"];

/** Returns the value of a literal at the start of a text, and the rest. A backslash may escape the next character. */
function literal(text: string, hasEscapes: boolean): readonly [value: string, rest: string] {
  let value = "";
  for (let at = 1; at < text.length; at++) {
    if (hasEscapes && text[at] === "\\") value += text[++at] ?? "";
    else if (text[at] !== "'") value += text[at];
    else if (text[at + 1] === "'") value += text[++at];
    else return [value, text.slice(at + 1)];
  }
  return [value, "the literal does not end"];
}

const LANGUAGES = [
  ["sql", false],
  ["mysql", true],
] as const;
const hostile = fc.string({ unit: fc.constantFrom("'", "\\", '"', ";", "-", "a", "\n", "\u0000", "é", "`", "$") });

test.each(LANGUAGES)("no value leaves its literal in %s", (valueFormat, hasEscapes) => {
  const language = { valueFormat, fields: ["rawSql"] };
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (values) => {
      const lookup = valueOf(...values);
      for (const text of ["$many", "${many:sqlstring}"]) {
        let rest = `,${String(filled(text, language, lookup))}`;
        const read: string[] = [];
        while (rest.startsWith(",'")) {
          const [value, after] = literal(rest.slice(1), hasEscapes);
          read.push(value);
          rest = after;
        }
        expect([read, rest]).toEqual([values, ""]);
      }
      const one = filled("'$one'", language, valueOf(values[0]!));
      expect(literal(String(one), hasEscapes)).toEqual([values[0], ""]);
    }),
  );
});

test("values are formatted for the language only in its fields", () => {
  const language: QueryLanguage = { valueFormat: "promql", fields: ["expr"], plainFields: ["interval"] };
  const query = { expr: 'up{a=~"$many"}', legendFormat: "$many", interval: "$many", options: { text: "$many" }, n: 1 };
  expect(filledQuery(query, { language }, valueOf("a.b", "c"))).toEqual({
    expr: String.raw`up{a=~"(a\\.b|c)"}`,
    legendFormat: "{a.b,c}",
    interval: "a.b,c",
    options: { text: "{a.b,c}" },
    n: 1,
  });
});

test("without a list of fields, all texts of a query are in the language", () => {
  const query = { query: "$many", aggs: [{ field: "$many" }] };
  expect(filledQuery(query, { language: { valueFormat: "lucene" } }, valueOf("a b", "c"))).toEqual({
    query: '("a b" OR "c")',
    aggs: [{ field: '("a b" OR "c")' }],
  });
});

test.each([
  [{ expr: "up" }, "expr", false],
  [{ expr: " \n" }, "expr", true],
  [{ expr: null }, "expr", true],
  [{}, "expr", true],
  [{}, undefined, false],
])("isBlankQuery(%j) with the needed field %s is %s", (query, neededField, isBlank) => {
  const language: QueryLanguage = { valueFormat: "promql", ...(neededField !== undefined && { neededField }) };
  expect(isBlankQuery(query, { language })).toBe(isBlank);
});
