import { type Expr, type VectorSelector, walk } from "@narthex/promql";
import { METRIC_NAME } from "@narthex/model";

/** Returns an expression without the parentheses around it. */
export function unwrapped(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === "paren") inner = inner.expr;
  return inner;
}

/** Returns the metric name that a selector requires, or undefined if several names are possible. */
export function metricOf({ matchers }: VectorSelector): string | undefined {
  return matchers.find(({ name, type }) => name === METRIC_NAME && type === "=")?.value;
}

export const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** Reports whether an expression contains a node for which `accepts` returns true. */
export function containsNode(root: Expr, accepts: (expr: Expr) => boolean): boolean {
  let isFound = false;
  walk(root, (expr) => {
    isFound ||= accepts(expr);
    return !isFound;
  });
  return isFound;
}

export const readsRange = (root: Expr): boolean =>
  containsNode(root, ({ kind }) => kind === "matrixSelector" || kind === "subquery");

/** A selector of an expression, with the expressions around it from the root to its parent. */
export interface PlacedSelector {
  readonly selector: VectorSelector;
  readonly path: readonly Expr[];
  /** Length in ms of the window of a range selector; 0 for an instant selector. */
  readonly rangeMs: number;
}

export function selectorsOf(root: Expr): readonly PlacedSelector[] {
  const found: PlacedSelector[] = [];
  walk(root, (expr, path) => {
    if (expr.kind !== "vectorSelector") return;
    const parent = path.at(-1);
    if (parent?.kind === "call" && parent.func === "info" && parent.args[1] === expr) return;
    const rangeMs = parent?.kind === "matrixSelector" ? parent.rangeMs : 0;
    found.push({ selector: expr, path: [...path], rangeMs });
  });
  return found;
}

/** Returns the text of a selector with only its matchers, without offset and time. */
export const matcherText = ({ matchers }: Pick<VectorSelector, "matchers">): string =>
  `{${matchers.map(String).join(",")}}`;

/** Returns a selector as a user writes it: the metric name before the braces. */
export function selectorText(selector: Pick<VectorSelector, "matchers">): string {
  const name = selector.matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.type === "=");
  if (name === undefined) return matcherText(selector);
  const others = selector.matchers.filter((matcher) => matcher !== name);
  return others.length === 0 ? name.value : `${name.value}{${others.map(String).join(",")}}`;
}
