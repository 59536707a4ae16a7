import { type Expr, printExpression, walk } from "@narthex/promql";
import type { LintedRule } from "../linted-rule.ts";

/** An expression within a rule. */
export interface IndexedExpression {
  readonly rule: LintedRule;
  readonly node: Expr;
  /** Text of the smallest indexed expression around this one; undefined for the outermost one. */
  readonly around: string | undefined;
}

/** An expression with more nodes is not divided into its parts, because each part is printed. */
const MAX_NODES = 300;

/** Finds equal expressions in several rules. */
export class ExpressionIndex {
  readonly #byText = new Map<string, IndexedExpression[]>();
  readonly #wholes = new Map<string, LintedRule[]>();

  add(rule: LintedRule): void {
    const { expr } = rule.spec;
    push(this.#wholes, printExpression(expr), rule);
    if (countNodes(expr) > MAX_NODES) return;
    const texts = new Map<Expr, string>();
    const seen = new Set<string>();
    walk(expr, (node, path) => {
      if (node.kind !== "aggregate" && node.kind !== "binary" && node.kind !== "call") return;
      const text = printExpression(node);
      texts.set(node, text);
      if (seen.has(text)) return;
      seen.add(text);
      const parent = path.findLast((each) => texts.has(each));
      push(this.#byText, text, { rule, node, around: parent === undefined ? undefined : texts.get(parent) });
    });
  }

  /** Returns the rules whose whole expression has this text. */
  wholes(text: string): readonly LintedRule[] {
    return this.#wholes.get(text) ?? [];
  }

  /** Returns the rules that contain this expression, in the order of the rules. Each rule is returned once. */
  uses(text: string): readonly IndexedExpression[] {
    return this.#byText.get(text) ?? [];
  }
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function countNodes(root: Expr): number {
  let count = 0;
  walk(root, () => void count++);
  return count;
}
