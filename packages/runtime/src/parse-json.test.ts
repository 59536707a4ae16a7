import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonInTurns, parsingJson } from "./parse-json.ts";
import { ManualClock } from "./testing/index.ts";
import { runToEnd } from "./time-slice.ts";

const parse = (text: string): unknown => runToEnd(parsingJson(text));
const outcome = (read: () => unknown): unknown => {
  try {
    return { value: read() };
  } catch (error) {
    return { isSyntaxError: error instanceof SyntaxError };
  }
};

test("parseJsonInTurns() accepts what JSON.parse() accepts", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 1, "\t"), (text, indent) => {
      const written = JSON.stringify(JSON.parse(text), null, indent);
      expect(parse(written)).toEqual(JSON.parse(written));
    }),
  );
});

test("parseJsonInTurns() refuses what JSON.parse() refuses", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "\\",
    "a",
    "1",
    "-",
    ".",
    "e",
    "0",
    "null",
    " ",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      expect(outcome(() => parse(text))).toEqual(outcome(() => JSON.parse(text)));
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), piece, (text, at, other) => {
      const spoiled = text.slice(0, at % (text.length + 1)) + other + text.slice((at % (text.length + 1)) + 1);
      expect(outcome(() => parse(spoiled))).toEqual(outcome(() => JSON.parse(spoiled)));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  '{"__proto__": {"a": 1}, "b": 2}',
  '"\\u00e9\\n\\\\"',
  '{"": [], "c": {}}',
  "  12.5e-3 ",
  '["\\\\", "\\\\\\""]',
])("%s is what JSON.parse() makes of it", (text) => {
  const [value, expected] = [parse(text), JSON.parse(text) as unknown];
  expect(value).toEqual(expected);
  expect(JSON.stringify(value)).toBe(JSON.stringify(expected));
});

test("a long text is read in many steps, and an error reports its position", () => {
  const text = JSON.stringify(
    Array.from({ length: 20_000 }, (_, i) => ({ targets: [`host-${i}:80`], labels: { a: "b" } })),
  );
  let steps = 0;
  const task = parsingJson(text);
  while (task.next().done !== true) steps++;
  expect(steps).toBeGreaterThan(text.length / 40_000);
  expect(() => parse(`${text.slice(0, -1)},}`)).toThrow(`unexpected "}" in JSON at position ${text.length}`);
  expect(() => parse('["a')).toThrow('unexpected "\\"" in JSON at position 1');
  expect(() => parse("[".repeat(20_000))).toThrow("nested deeper than 10000 levels");
});

test("short texts are read at once, long ones in several turns of the event loop", async () => {
  const clock = new ManualClock();
  expect(parseJsonInTurns(clock, "[1]")).toEqual([1]);
  const long = `[${"1,".repeat(100_000)}1]`;
  expect(await parseJsonInTurns(clock, long)).toHaveLength(100_001);
});
