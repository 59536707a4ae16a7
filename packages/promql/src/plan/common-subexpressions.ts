import type { Grid } from "@narthex/model";
import { SharedResult } from "../operators/shared.ts";
import type { Expr } from "../syntax/ast.ts";
import { printExpression } from "../syntax/printer.ts";
import { valueTypeOf } from "../syntax/value-type.ts";
import { walk } from "../syntax/walk.ts";

/**
 * Finds parts that occur several times in a query. Excludes selectors without a function, because equal selectors share
 * their series in any case.
 */
export class CommonSubexpressions {
  /** For each part that occurs several times, its text. */
  readonly #texts = new Map<Expr, string>();
  readonly #results = new Map<string, SharedResult>();

  constructor(root: Expr) {
    const first = new Map<string, Expr>();
    walk(root, (expr) => {
      if (!isWork(expr)) return true;
      const text = printExpression(expr);
      const known = first.get(text);
      if (known === undefined) {
        first.set(text, expr);
        return true;
      }
      this.#texts.set(known, text).set(expr, text);
      // Skips the inner parts of a part that is evaluated once, because they are evaluated together with it.
      return false;
    });
  }

  /** Returns the common result for equal parts with the same evaluation times; undefined if a part occurs only once. */
  of(expr: Expr, { start, step, count }: Grid): SharedResult | undefined {
    const text = this.#texts.get(expr);
    if (text === undefined) return undefined;
    const key = `${start} ${step} ${count} ${text}`;
    let result = this.#results.get(key);
    if (result === undefined) this.#results.set(key, (result = new SharedResult()));
    return result;
  }
}

const isWork = (expr: Expr): boolean =>
  (expr.kind === "call" || expr.kind === "aggregate" || expr.kind === "binary") && valueTypeOf(expr) === "vector";
