import type { ExpressionNode, SelectorMatcher, TimeShift, VectorMatching } from "../../api/expression-tree.ts";
import { formatDuration } from "../../format/duration.ts";
import { quoteLabelName, quoteString } from "../../format/series-name.ts";

type Node<T extends ExpressionNode["type"]> = Extract<ExpressionNode, { type: T }>;

/** Prints a node as PromQL on one line. The server parses it back to the same tree. */
export function printNode(node: ExpressionNode): string {
  switch (node.type) {
    case "vectorSelector":
      return printSelector(node) + printModifiers(node) + printShift(node);
    case "matrixSelector":
      return `${printSelector(node)}[${printSpan(node.range, node.rangeExpr)}]${printModifiers(node)}${printShift(node)}`;
    case "subquery":
      return printSubquery(node);
    case "aggregation":
      return printAggregation(node);
    case "binaryExpr":
      return printBinary(node);
    case "call":
      return `${node.func.name}(${node.args.map(printNode).join(", ")})`;
    case "unaryExpr":
      return node.op + printNode(node.expr);
    case "parenExpr":
      return `(${printNode(node.expr)})`;
    case "numberLiteral":
      return node.duration === true ? formatDuration(Number(node.val) * 1000) : node.val;
    case "stringLiteral":
      return quoteString(node.val);
    case "durationExpr":
      return printDurationExpr(node);
  }
}

/**
 * Returns the expression to run for a node. A range vector is reduced to its newest sample, which is enough to display
 * and far cheaper.
 */
export function runnableExpression(node: ExpressionNode): string {
  const text = printNode(node);
  return node.type === "matrixSelector" || node.type === "subquery" ? `last_over_time(${text})` : text;
}

function printMatcher({ name, type, value }: SelectorMatcher): string {
  return `${quoteLabelName(name)}${type}${quoteString(value)}`;
}

function printSelector(node: Node<"vectorSelector"> | Node<"matrixSelector">): string {
  const shown = node.matchers.filter(
    (matcher) => node.name === "" || matcher.name !== "__name__" || matcher.type !== "=" || matcher.value !== node.name,
  );
  const legacy = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(node.name);
  const name = node.name !== "" && !legacy ? [quoteString(node.name)] : [];
  const inside = [...name, ...shown.map(printMatcher)].join(", ");
  return (legacy ? node.name : "") + (inside === "" && legacy ? "" : `{${inside}}`);
}

function printModifiers(node: { readonly anchored?: boolean; readonly smoothed?: boolean }): string {
  return (node.anchored === true ? " anchored" : "") + (node.smoothed === true ? " smoothed" : "");
}

function printShift(shift: TimeShift): string {
  let text = "";
  if (shift.startOrEnd != null) text += ` @ ${shift.startOrEnd}()`;
  else if (shift.timestamp != null) text += ` @ ${(shift.timestamp / 1000).toFixed(3)}`;
  if (shift.offsetExpr != null) text += ` offset ${printNode(shift.offsetExpr)}`;
  else if (shift.offset !== 0)
    text += ` offset ${shift.offset < 0 ? "-" : ""}${formatDuration(Math.abs(shift.offset))}`;
  return text;
}

function printSpan(spanMs: number, expr: ExpressionNode | null | undefined): string {
  return expr != null ? printNode(expr) : formatDuration(spanMs);
}

function printSubquery(node: Node<"subquery">): string {
  const step = node.stepExpr != null || node.step > 0 ? printSpan(node.step, node.stepExpr) : "";
  return `${printNode(node.expr)}[${printSpan(node.range, node.rangeExpr)}:${step}]${printShift(node)}`;
}

function printAggregation(node: Node<"aggregation">): string {
  const labels = node.grouping.map(quoteLabelName).join(", ");
  const clause = node.without ? ` without (${labels}) ` : node.grouping.length > 0 ? ` by (${labels}) ` : "";
  const param = node.param === null ? "" : `${printNode(node.param)}, `;
  return `${node.op}${clause}(${param}${printNode(node.expr)})`;
}

function printBinary(node: Node<"binaryExpr">): string {
  const words = [node.op];
  if (node.bool) words.push("bool");
  if (node.matching !== null) for (const item of matchingWords(node.matching)) words.push(item);
  return `${printNode(node.lhs)} ${words.join(" ")} ${printNode(node.rhs)}`;
}

function matchingWords({ card, labels, on, include, fillValues }: VectorMatching): string[] {
  const list = (names: readonly string[]): string => `(${names.map(quoteLabelName).join(", ")})`;
  const words: string[] = [];
  if (on || labels.length > 0) words.push(`${on ? "on" : "ignoring"} ${list(labels)}`);
  if (card === "many-to-one") words.push(`group_left ${list(include)}`);
  if (card === "one-to-many") words.push(`group_right ${list(include)}`);
  if (fillValues?.lhs != null) words.push(`fill_left (${fillValues.lhs})`);
  if (fillValues?.rhs != null) words.push(`fill_right (${fillValues.rhs})`);
  return words;
}

function printDurationExpr(node: Node<"durationExpr">): string {
  const side = (part: ExpressionNode | null): string => (part === null ? "" : printNode(part));
  const isCall = /^[a-z]/.test(node.op);
  const call = `${node.op}(${[node.lhs, node.rhs]
    .filter((part) => part !== null)
    .map(side)
    .join(", ")})`;
  const infix = node.lhs === null ? node.op + side(node.rhs) : `${side(node.lhs)} ${node.op} ${side(node.rhs)}`;
  const text = isCall ? call : infix;
  return node.wrapped ? `(${text})` : text;
}

/** Returns the child expressions of a node, in source order. */
export function childNodes(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.type) {
    case "aggregation":
      return node.param === null ? [node.expr] : [node.param, node.expr];
    case "binaryExpr":
      return [node.lhs, node.rhs];
    case "call":
      return node.args;
    case "unaryExpr":
    case "parenExpr":
    case "subquery":
      return [node.expr];
    default:
      return [];
  }
}
