import { expect, test } from "vitest";
import type { ExpressionNode } from "../../api/expression-tree.ts";
import { describeNode } from "./describe-node.ts";
import { childNodes, printNode } from "./print-node.ts";

const up: ExpressionNode = {
  type: "vectorSelector",
  name: "up",
  matchers: [
    { name: "job", type: "=~", value: "a|b" },
    { name: "__name__", type: "=", value: "up" },
  ],
  offset: 0,
};
const number = (val: string): ExpressionNode => ({ type: "numberLiteral", val });

test.each<[ExpressionNode, string]>([
  [up, 'up{job=~"a|b"}'],
  [{ ...up, offset: -60_000, timestamp: 1500 }, 'up{job=~"a|b"} @ 1.500 offset -1m'],
  [{ ...up, type: "matrixSelector", range: 300_000, startOrEnd: "end" }, 'up{job=~"a|b"}[5m] @ end()'],
  [
    { type: "vectorSelector", name: "", matchers: [{ name: "__name__", type: "=", value: "a.b" }], offset: 0 },
    '{__name__="a.b"}',
  ],
  [{ type: "subquery", expr: up, range: 3_600_000, step: 0, offset: 0 }, 'up{job=~"a|b"}[1h:]'],
  [
    { type: "aggregation", op: "topk", expr: up, param: number("5"), grouping: ["a.b"], without: false },
    'topk by ("a.b") (5, up{job=~"a|b"})',
  ],
  [
    { type: "aggregation", op: "sum", expr: up, param: null, grouping: [], without: true },
    'sum without () (up{job=~"a|b"})',
  ],
  [
    {
      type: "binaryExpr",
      op: "/",
      lhs: number("1"),
      rhs: { type: "parenExpr", expr: { type: "unaryExpr", op: "-", expr: number("2") } },
      bool: false,
      matching: { card: "many-to-one", labels: ["x"], on: true, include: ["y"] },
    },
    "1 / on (x) group_left (y) (-2)",
  ],
])("printNode() of %# is %s", (node, text) => {
  expect(printNode(node)).toBe(text);
});

test("the description of a node says what it does, with its labels and times", () => {
  expect(describeNode({ ...up, offset: 60_000 }, "5m")).toEqual([
    "Selects the newest sample of every series named up where job matches “a|b”, as long as it is not older than 5m.",
    "Uses samples that are 1m older.",
  ]);
  const sum: ExpressionNode = {
    type: "aggregation",
    op: "sum",
    expr: up,
    param: null,
    grouping: ["job"],
    without: false,
  };
  expect(describeNode(sum, "5m").at(-1)).toBe("One group for each combination of job.");
});

test("the parts of a node are in the order in which they are written", () => {
  const node: ExpressionNode = {
    type: "aggregation",
    op: "topk",
    expr: up,
    param: number("5"),
    grouping: [],
    without: false,
  };
  expect(childNodes(node).map(printNode)).toEqual(["5", 'up{job=~"a|b"}']);
  expect(childNodes(up)).toEqual([]);
});
