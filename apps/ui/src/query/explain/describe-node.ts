import { shownTimeZone } from "../../shell/time-zone.ts";
import type { ExpressionNode, SelectorMatcher, TimeShift, VectorMatching } from "../../api/expression-tree.ts";
import { formatDuration } from "../../format/duration.ts";
import { formatInstantWithZone } from "../../format/instant.ts";
import { aggregationDoc, functionDoc } from "./function-docs.ts";
import type { Doc } from "./function-docs.ts";

type Node<T extends ExpressionNode["type"]> = Extract<ExpressionNode, { type: T }>;

/**
 * Returns sentences that describe a node.
 * @param lookback maximum age of a sample that a selector still returns, as a duration
 */
export function describeNode(node: ExpressionNode, lookback: string): string[] {
  switch (node.type) {
    case "vectorSelector":
      return [
        `Selects the newest sample of every series ${seriesWords(node)}, as long as it is not older than ${lookback}.`,
        ...shiftSentences(node),
      ];
    case "matrixSelector":
      return [
        `Selects all samples of the last ${formatDuration(node.range)} of every series ${seriesWords(node)}.`,
        ...shiftSentences(node),
      ];
    case "subquery":
      return [subquerySentence(node), ...shiftSentences(node)];
    case "aggregation":
      return aggregationSentences(node);
    case "binaryExpr":
      return binarySentences(node);
    case "call":
      return [];
    case "unaryExpr":
      return [node.op === "-" ? "Turns the sign of every value." : "Leaves every value as it is."];
    case "parenExpr":
      return ["Parentheses: the expression inside is evaluated first."];
    case "numberLiteral":
      return ["A number."];
    case "stringLiteral":
      return ["A string."];
    case "durationExpr":
      return ["A calculated duration."];
  }
}

/** Returns the documentation of the function or aggregation operator that a node calls; null if there is none. */
export function docOf(node: ExpressionNode): Doc | null {
  if (node.type === "call") return functionDoc(node.func.name);
  return node.type === "aggregation" ? aggregationDoc(node.op) : null;
}

const comparisons: Readonly<Record<SelectorMatcher["type"], string>> = {
  "=": "is",
  "!=": "is not",
  "=~": "matches",
  "!~": "does not match",
};

function seriesWords(node: Node<"vectorSelector"> | Node<"matrixSelector">): string {
  const rest = node.matchers.filter((matcher) => matcher.name !== "__name__" || node.name === "");
  const named = node.name === "" ? "" : `named ${node.name}`;
  if (rest.length === 0) return named;
  const conditions = rest.map(({ name, type, value }) => `${name} ${comparisons[type]} “${value}”`).join(" and ");
  return `${named}${named === "" ? "" : " "}where ${conditions}`;
}

function shiftSentences(shift: TimeShift): string[] {
  const sentences: string[] = [];
  if (shift.startOrEnd != null) sentences.push(`Looks at the ${shift.startOrEnd} of the query's range at every step.`);
  else if (shift.timestamp != null)
    sentences.push(`Looks at ${formatInstantWithZone(shift.timestamp, shownTimeZone())} at every step.`);
  if (shift.offset > 0) sentences.push(`Looks ${formatDuration(shift.offset)} further into the past.`);
  if (shift.offset < 0) sentences.push(`Looks ${formatDuration(-shift.offset)} ahead.`);
  return sentences;
}

function subquerySentence(node: Node<"subquery">): string {
  const step = node.step > 0 ? `every ${formatDuration(node.step)}` : "at the default interval";
  return `Evaluates the inner expression ${step} over the last ${formatDuration(node.range)}.`;
}

function aggregationSentences(node: Node<"aggregation">): string[] {
  const labels = node.grouping.join(", ");
  const groups = node.without
    ? labels === ""
      ? "One group per set of labels, the metric name left out."
      : `One group per set of labels, with ${labels} left out.`
    : labels === ""
      ? "All series form one group."
      : `One group for each combination of ${labels}.`;
  return [groups];
}

const setOperators: Readonly<Record<string, string>> = {
  and: "Keeps series of the left side that have a partner on the right.",
  or: "Takes all series of the left side, and those of the right that have no partner there.",
  unless: "Keeps series of the left side that have no partner on the right.",
};

function binarySentences(node: Node<"binaryExpr">): string[] {
  const filters = ["==", "!=", ">", "<", ">=", "<="].includes(node.op);
  const action =
    setOperators[node.op] ??
    (filters
      ? node.bool
        ? `Compares with ${node.op}: the result is 1 where it holds and 0 where it does not.`
        : `Compares with ${node.op} and keeps only series for which it holds.`
      : `Calculates ${node.op} of both sides.`);
  return node.matching === null ? [action] : [action, ...matchingSentences(node.matching)];
}

function matchingSentences({ card, labels, on, include }: VectorMatching): string[] {
  const names = labels.join(", ");
  const partners = on
    ? names === ""
      ? "All series are partners, whatever their labels."
      : `Series are partners when they agree in ${names}.`
    : names === ""
      ? "Series are partners when all their labels agree, apart from the metric name."
      : `Series are partners when all labels but ${names} agree.`;
  const extra = include.length === 0 ? "" : `, and take over ${include.join(", ")}`;
  if (card === "many-to-one") return [partners, `Several series of the left side may share one of the right${extra}.`];
  if (card === "one-to-many") return [partners, `Several series of the right side may share one of the left${extra}.`];
  return [partners];
}
