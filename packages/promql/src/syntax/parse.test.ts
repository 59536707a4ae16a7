import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SCRIPT_OPTIONS } from "../testing/promqltest/script.ts";
import type { Expr } from "./ast.ts";
import { parseExpression, parseMetric, parseSelector } from "./parse.ts";
import { printExpression } from "./printer.ts";
import { functionSignature } from "./signatures.ts";
import { walk } from "./walk.ts";

function parse(text: string): Expr {
  const result = parseExpression(text, SCRIPT_OPTIONS);
  if (!result.ok) throw new Error(String(result.errors[0]));
  return result.expr;
}

const conformance = process.env["NARTHEX_CONFORMANCE"];

test.skipIf(conformance === undefined)(
  "parseExpression() accepts every expression of the conformance scripts, and its printed form can be parsed again",
  () => {
    const folder = join(conformance!, "promqltest");
    const head = /^\s*eval(?:_\w+)?\s+(?:instant\s+at\s+\S+|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(.*)$/;
    let count = 0;
    for (const file of readdirSync(folder)) {
      for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
        const text = head.exec(line)?.[1];
        if (text === undefined) continue;
        count++;
        const printed = printExpression(parse(text));
        expect(printExpression(parse(printed))).toBe(printed);
      }
    }
    expect(count).toBeGreaterThan(1000);
  },
);

test("parseExpression() applies the language's precedence of operators", () => {
  const grouped = (expr: Expr): string => {
    if (expr.kind === "binary") return `(${grouped(expr.lhs)} ${expr.op} ${grouped(expr.rhs)})`;
    return expr.kind === "unary" ? `${expr.op}${grouped(expr.expr)}` : printExpression(expr);
  };
  expect(grouped(parse("a or b and c == d + e * f ^ g"))).toBe("(a or (b and (c == (d + (e * (f ^ g))))))");
  expect(grouped(parse("a ^ b ^ c"))).toBe("(a ^ (b ^ c))");
  expect(grouped(parse("a - b - c"))).toBe("((a - b) - c)");
  expect(grouped(parse("a unless b and c"))).toBe("((a unless b) and c)");
  expect(grouped(parse("-a ^ b * c"))).toBe("(-(a ^ b) * c)");
  expect(grouped(parse("a ^ -b * c"))).toBe("((a ^ -b) * c)");
  expect(grouped(parse("a % b atan2 c"))).toBe("((a % b) atan2 c)");
  expect(grouped(parse("a </ b >/ c"))).toBe("((a </ b) >/ c)");
  expect(grouped(parse("foo offset -2 ^ 2"))).toBe("(foo offset -2s ^ 2)");
});

test.each([
  ["0755", 493],
  ["0x1F", 31],
  ["1_000", 1000],
  ["1_000.5", 1000.5],
  ["09", 9],
  [".5", 0.5],
  ["5.", 5],
  ["1e3", 1000],
  ["-inf", -Infinity],
  ["5m", 300],
  ["1h30m", 5400],
  ["9223372036854775808", 9223372036854775808],
])("the literal %s is %d", (text, value) => {
  expect(parse(text)).toMatchObject({ kind: "number", value });
});

test("parseExpression() adds modifiers to the selector, in any order", () => {
  const expected = { rangeMs: 300_000, selector: { offsetMs: -60_000, at: { kind: "timestamp", ms: 1500 } } };
  expect(parse("foo[5m] @ 1.5 offset -1m")).toMatchObject(expected);
  expect(parse("foo[5m] offset -1m @ 1.5")).toMatchObject(expected);
  expect(parse("foo[step()] @ end()")).toMatchObject({
    rangeMs: 0,
    rangeExpr: { op: "step" },
    selector: { at: { kind: "end" } },
  });
});

test("set operators match many to many, and scalars have no matching", () => {
  expect(parse("a and on (b) c")).toMatchObject({ matching: { card: "many-to-many", on: true, labels: ["b"] } });
  expect(parse("a + 1")).toMatchObject({ matching: null });
  expect(parse("a + on (b) group_right (c) d")).toMatchObject({ matching: { card: "one-to-many", include: ["c"] } });
});

test("strings have Go's escapes, including bytes", () => {
  expect(parse(String.raw`"\a\b\f\n\r\t\v\\\"\101\x41\u00e9\U0001F600\xc3\xa9"`)).toMatchObject({
    value: '\u0007\b\f\n\r\t\v\\"AAé😀é',
  });
  expect(parse("`raw \\n\n`")).toMatchObject({ value: "raw \\n\n" });
});

test("walk() visits parents first and skips the parts of a node for which the visitor returns false", () => {
  const seen: string[] = [];
  walk(parse("sum(rate(a[5m])) + b"), (expr, path) => {
    seen.push(`${expr.kind}/${path.length}`);
    return expr.kind !== "matrixSelector";
  });
  expect(seen).toEqual(["binary/0", "aggregate/1", "call/2", "matrixSelector/3", "vectorSelector/1"]);
});

const texts = (text: string): string[] | string => {
  const result = parseSelector(text);
  return result.ok ? result.matchers.map(String) : String(result.errors[0]);
};

test("parseSelector() accepts names and braces, and rejects text after them", () => {
  expect(texts('up{job=~"a|b"}')).toEqual(['job=~"a|b"', '__name__="up"']);
  expect(texts('{"a.b",c!="d"}')).toEqual(['__name__="a.b"', 'c!="d"']);
  expect(texts("{}")).toEqual([]);
  expect(texts("up offset 5m")).toBe("1:4: parse error: unexpected <offset>");
  expect(texts("")).toBe("unknown position: parse error: unexpected end of input");
});

test("parseMetric() reads the labels of a series", () => {
  const result = parseMetric('up{job="a","b c"="d",}');
  expect(result.ok && result.labels.toString()).toBe('{__name__="up", "b c"="d", job="a"}');
  expect(parseMetric('up{job!="a"}')).toMatchObject({
    ok: false,
    errors: [{ message: 'unexpected <op:!=> in label set, expected "="' }],
  });
});

test("every function has a signature, and unknown names have none", () => {
  expect(functionSignature("label_join")).toMatchObject({ variadic: -1, returnType: "vector", experimental: false });
  expect(functionSignature("toString")).toBeUndefined();
});
