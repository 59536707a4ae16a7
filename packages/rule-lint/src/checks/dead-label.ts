import { METRIC_NAME } from "@narthex/model";
import {
  type AggregateExpr,
  type BinaryExpr,
  certainLabels,
  type Expr,
  mayHave,
  printExpression,
  type ResultLabels,
  resultLabels,
  valueTypeOf,
  walk,
} from "@narthex/promql";
import type { ReportFinding, RuleCheck } from "../rule-check.ts";

export const deadLabel: RuleCheck = {
  name: "dead-label",
  severity: "warning",
  help: "by(), on() or group_left() name a label that the series no longer have, or two sides can never match because one has a label that the other has lost.",
  check({ spec }, _context, report) {
    walk(spec.expr, (node) => {
      if (node.kind === "aggregate") checkAggregation(node, report);
      if (node.kind === "binary" && node.matching !== null) checkMatching(node, report);
    });
  },
};

function checkAggregation(node: AggregateExpr, report: ReportFinding): void {
  if (node.without) return;
  const labels = resultLabels(node.expr);
  const lost = node.grouping.filter((name) => name !== METRIC_NAME && !mayHave(labels, name));
  if (lost.length > 0)
    report(
      { part: "expr", node },
      `${node.op} by (${lost.join(", ")}): ${printExpression(node.expr)} does not have ${labelWords(lost)}`,
      "keep the label in the inner aggregation, or remove it here",
    );
}

const labelWords = (names: readonly string[]): string =>
  names.length === 1 ? `the label ${names[0]}` : `the labels ${names.join(", ")}`;

function checkMatching(node: BinaryExpr, report: ReportFinding): void {
  const { lhs, rhs, matching, op } = node;
  const { card, on, labels, include } = matching!;
  const [left, right] = [resultLabels(lhs), resultLabels(rhs)];
  // The sides of `or` may have different labels, and so may the sides of operators that fill missing elements.
  if (op === "or" || matching!.fillLeft !== null || matching!.fillRight !== null) return;
  if (on) {
    for (const name of labels) {
      const lacking = [
        { side: lhs, has: mayHave(left, name) },
        { side: rhs, has: mayHave(right, name) },
      ].filter(({ has }) => !has);
      if (lacking.length > 0 && name !== METRIC_NAME)
        return report(
          { part: "expr", node },
          `on (${name}): ${lacking.map(({ side }) => printExpression(side)).join(" and ")} does not have the label ${name}`,
          "keep the label in the aggregation, or match on other labels",
        );
    }
  }
  const one = card === "many-to-one" ? { labels: right, side: rhs } : { labels: left, side: lhs };
  const dead = include.find((name) => name !== METRIC_NAME && !mayHave(one.labels, name));
  if (dead !== undefined && card !== "many-to-many")
    return report(
      { part: "expr", node },
      `group_${card === "many-to-one" ? "left" : "right"} (${dead}): ${printExpression(one.side)} does not have the label ${dead}`,
      "keep the label in the aggregation, or remove it from the list",
    );
  if (!on) checkSides(node, left, right, report);
}

/** Reports sides that cannot match, because one surely has a label that the other cannot have. */
function checkSides(node: BinaryExpr, left: ResultLabels, right: ResultLabels, report: ReportFinding): void {
  const ignored = new Set(node.matching!.labels);
  const odd =
    oneSided(node.lhs, right, ignored) ?? oneSided(node.rhs, left, ignored) ?? differing(left, right, ignored);
  if (odd === undefined) return;
  const [owner, other] = mayHave(left, odd) ? [node.lhs, node.rhs] : [node.rhs, node.lhs];
  report(
    { part: "expr", node },
    `${node.op} compares all labels, but ${short(owner)} has the label ${odd}, and ${short(other)} has not, so nothing matches`,
    `use on(), ignoring (${odd})${node.op === "and" || node.op === "unless" ? "" : " with group_left() or group_right()"}, or the same aggregation on both sides`,
  );
}

const MAX_SHOWN = 80;
const short = (expr: Expr): string => {
  const text = printExpression(expr);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};

const oneSided = (owner: Expr, other: ResultLabels, ignored: ReadonlySet<string>): string | undefined =>
  valueTypeOf(owner) === "vector"
    ? [...certainLabels(owner)].find((name) => !ignored.has(name) && !mayHave(other, name))
    : undefined;

/** Returns a label that only one of two aggregations keeps. */
function differing(left: ResultLabels, right: ResultLabels, ignored: ReadonlySet<string>): string | undefined {
  if (!left.isOnly || !right.isOnly) return undefined;
  return [...left.names.symmetricDifference(right.names)].find((name) => !ignored.has(name));
}
