import { shownTimeZone } from "../../shell/time-zone.ts";
import type { ExpressionNode, SelectorMatcher, TimeShift, VectorMatching } from "../../api/expression-tree.ts";
import { formatDuration } from "../../format/duration.ts";
import { formatInstantWithZone } from "../../format/instant.ts";
import { aggregationDoc, functionDoc } from "./function-docs.ts";
import type { Doc } from "./function-docs.ts";

type Node<T extends ExpressionNode["type"]> = Extract<ExpressionNode, { type: T }>;

/**
 * Describes a node in sentences.
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
      return [node.op === "-" ? "Changes the sign of every value." : "Does not change the values."];
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

/** Returns the documentation of a node's function or aggregation, or null. */
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
  if (shift.startOrEnd != null)
    sentences.push(`Uses the samples at the ${shift.startOrEnd} of the query's range for every step.`);
  else if (shift.timestamp != null)
    sentences.push(`Uses the samples at ${formatInstantWithZone(shift.timestamp, shownTimeZone())} for every step.`);
  if (shift.offset > 0) sentences.push(`Uses samples that are ${formatDuration(shift.offset)} older.`);
  if (shift.offset < 0) sentences.push(`Uses samples that are ${formatDuration(-shift.offset)} newer.`);
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
      ? "One group for each set of labels without the metric name."
      : `One group for each set of labels without ${labels}.`
    : labels === ""
      ? "All series form one group."
      : `One group for each combination of ${labels}.`;
  return [groups];
}

const setOperators: Readonly<Record<string, string>> = {
  and: "Keeps series of the left side that match a series of the right side.",
  or: "Returns all series of the left side, and the series of the right side that match none of them.",
  unless: "Keeps series of the left side that match no series of the right side.",
};

function binarySentences(node: Node<"binaryExpr">): string[] {
  const filters = ["==", "!=", ">", "<", ">=", "<="].includes(node.op);
  const action =
    setOperators[node.op] ??
    (filters
      ? node.bool
        ? `Compares with ${node.op}: the result is 1 if the comparison is true, otherwise 0.`
        : `Compares with ${node.op} and keeps only series for which the comparison is true.`
      : `Calculates ${node.op} of both sides.`);
  return node.matching === null ? [action] : [action, ...matchingSentences(node.matching)];
}

function matchingSentences({ card, labels, on, include }: VectorMatching): string[] {
  const names = labels.join(", ");
  const partners = on
    ? names === ""
      ? "All series match each other, whatever their labels are."
      : `Series match if they have the same ${names}.`
    : names === ""
      ? "Series match if all their labels are equal, except for the metric name."
      : `Series match if all their labels are equal, except for ${names}.`;
  const extra = include.length === 0 ? "" : `, and get its ${include.join(", ")}`;
  if (card === "many-to-one")
    return [partners, `Several series of the left side may match one of the right side${extra}.`];
  if (card === "one-to-many")
    return [partners, `Several series of the right side may match one of the left side${extra}.`];
  return [partners];
}
