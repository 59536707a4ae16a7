import { expect, test } from "vitest";
import { Annotations } from "./annotations.ts";
import { parseExpression } from "./syntax/parse.ts";
import type { Expr, Position } from "./syntax/ast.ts";

function parsed(text: string): Expr {
  const result = parseExpression(text);
  if (!result.ok) throw new Error(String(result.errors[0]));
  return result.expr;
}

const at = (text: string, part: string, from = 0): Position => {
  const start = text.indexOf(part, from);
  return { start, end: start + part.length };
};

test("an annotation that is added at two positions names the one that is evaluated last, whatever the order of the calls", () => {
  const text = "quantile_over_time(-1, a[5m]) unless quantile(-1, b)";
  const [first, second] = [at(text, "-1"), at(text, "-1", 30)];
  for (const order of [
    [first, second],
    [second, first],
  ]) {
    const annotations = new Annotations(parsed(text));
    for (const position of order) annotations.warn("w", position);
    expect(annotations.texts("warning", text, 10).texts).toEqual(["PromQL warning: w (1:47)"]);
  }
});

test("in the order of evaluation a call comes after its arguments, and parentheses have no effect", () => {
  const text = "quantile((2), sum(quantile(2, a)))";
  const [outer, inner] = [at(text, "2"), at(text, "2", 12)];
  const annotations = new Annotations(parsed(text));
  annotations.warn("w", outer);
  annotations.warn("w", inner);
  expect(annotations.texts("warning", text, 10).texts).toEqual(["PromQL warning: w (1:11)"]);
});

test("an annotation of an expression itself comes after the annotations of its arguments", () => {
  const text = "(a / b) - (a / b * 2)";
  const annotations = new Annotations(parsed(text));
  annotations.info("i", at(text, "a / b", 5), "itself");
  annotations.info("i", at(text, "a / b"), "itself");
  expect(annotations.texts("info", text, 10).texts).toEqual(["PromQL info: i (1:12)"]);
});

test("an annotation that shows another position keeps its rank in the order", () => {
  const text = "rate(a[5m]) + rate(a[5m:1m])";
  const start = { start: 0, end: 0, rankPosition: at(text, "a[5m:1m]") };
  const annotations = new Annotations(parsed(text));
  annotations.warn("w", start);
  annotations.warn("w", at(text, "a[5m]"));
  expect(annotations.texts("warning", text, 10).texts).toEqual(["PromQL warning: w (1:1)"]);
});

test("an annotation with a growing text names the position that is evaluated first", () => {
  const text = "abs(x) + abs(y)";
  const annotations = new Annotations(parsed(text));
  const print = (): string => "grown";
  annotations.merge("info", "k", { position: at(text, "y") }, print);
  annotations.merge("info", "k", { position: at(text, "x") }, print);
  expect(annotations.texts("info", text, 10).texts).toEqual(["PromQL info: grown (1:5)"]);
});

test("the positions of many annotations in a long text are found in one pass", () => {
  const text = "a\n".repeat(500_000);
  const annotations = new Annotations();
  for (let i = 0; i < 10_000; i++) annotations.warn(`w${i}`, { start: 2 * (i * 50) + 1, end: 0 });
  const { texts } = annotations.texts("warning", text, Infinity);
  expect([texts[0], texts[9999]]).toEqual(["PromQL warning: w0 (1:2)", "PromQL warning: w9999 (499951:2)"]);
});

test("texts are created only for the annotations that are shown; the others are counted", () => {
  const annotations = new Annotations();
  let made = 0;
  for (let i = 0; i < 1000; i++) annotations.merge("info", `k${i}`, { position: undefined }, () => `i${made++}`);
  const { texts, omitted } = annotations.texts("info", "x", 2);
  expect(texts).toEqual(["PromQL info: i0", "PromQL info: i1"]);
  expect([omitted, made]).toEqual([998, 2]);
});
