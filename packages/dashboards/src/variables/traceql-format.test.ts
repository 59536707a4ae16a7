import fc from "fast-check";
import { expect, test } from "vitest";
import { traceqlFormat } from "./traceql-format.ts";
import { interpolate, type Lookup } from "./variable-syntax.ts";

const lookupOf =
  (values: readonly string[], isMulti = false): Lookup =>
  (name) =>
    name === "v" ? { name, values, texts: values, isMulti, isVerbatim: false } : undefined;
const filled = (text: string, values: readonly string[], isMulti = false): string =>
  interpolate(text, lookupOf(values, isMulti), traceqlFormat);

test("values are escaped for the quotes of their string, and several values become a regular expression", () => {
  expect(filled('{ .a = "$v" }', ['x" || true'])).toBe('{ .a = "x\\" || true" }');
  expect(filled("{ .a = `$v` }", ["x` || true"])).toBe("{ .a = `x || true` }");
  expect(filled('{ .a =~ "$v" }', ["a.b", "c|d"], true)).toBe('{ .a =~ "(a\\\\.b|c\\\\|d)" }');
  expect(filled('{ .a =~ "$v" }', ["a.b"], true)).toBe('{ .a =~ "a\\\\.b" }');
});

test("values outside of strings are parts of the query, and values in comments stay in their line", () => {
  expect(filled("{ status = $v && duration > $v }", ["error"])).toBe("{ status = error && duration > error }");
  expect(filled("$v", ["4bf92f3577b34da6"])).toBe("4bf92f3577b34da6");
  expect(filled('{} // it"s $v\n| rate()', ["a\n} || {"])).toBe('{} // it"s a } || {\n| rate()');
});

/** Returns the strings and comments of a query, and the text between them, as Tempo's lexer reads them. */
function partsOf(query: string): readonly string[] {
  const parts: string[] = [];
  let plain = "";
  for (let at = 0; at < query.length;) {
    const first = query[at]!;
    let end = at + 1;
    if (first === '"') {
      while (end < query.length && query[end] !== '"') end += query[end] === "\\" ? 2 : 1;
      end++;
    } else if (first === "`") {
      while (end < query.length && query[end] !== "`") end++;
      end++;
    } else if (query.startsWith("//", at)) {
      while (end < query.length && query[end] !== "\n") end++;
    } else {
      plain += first;
      at = end;
      continue;
    }
    parts.push(plain, query.slice(at, end));
    plain = "";
    at = end;
  }
  return [...parts, plain];
}

test("no value leaves its string: the rest of the query stays the same for 1,000 random values", () => {
  const character = fc.constantFrom(
    '"',
    "`",
    "\\",
    "\n",
    "\r",
    "}",
    "|",
    "/",
    "'",
    "$",
    "{",
    " ",
    "a",
    "é",
    "\u2028",
    "😀",
  );
  const value = fc.array(character, { maxLength: 12 }).map((letters) => letters.join(""));
  const templates = ['{ .a = "$v" && .b != "x$v" }', "{ .a = `$v` } | rate()", '{ name =~ "${v}.*" } // $v\n| by(.x)'];
  fc.assert(
    fc.property(
      fc.constantFrom(...templates),
      fc.array(value, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (text, values, isMulti) => {
        const plain = partsOf(filled(text, ["safe"])).filter((_, at) => at % 2 === 0);
        const parts = partsOf(filled(text, isMulti ? values : values.slice(0, 1), isMulti));
        expect(parts.filter((_, at) => at % 2 === 0)).toEqual(plain);
        for (const part of parts) if (part.startsWith('"')) expect(part).not.toMatch(/[\n\r]/);
      },
    ),
    { numRuns: 1000 },
  );
});
