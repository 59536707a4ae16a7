import type { Expr } from "../syntax/ast.ts";
import { printExpression } from "../syntax/printer.ts";

/** Longer parts are told by their beginning, bytes. */
const MOST_BYTES = 300;

/** The parts of a query as they are written; places in it are bytes. */
export class ExpressionText {
  readonly #bytes: Uint8Array | undefined;

  /** @param text the query as written; "" where it was given parsed alone */
  constructor(text: string) {
    this.#bytes = text === "" ? undefined : new TextEncoder().encode(text);
  }

  of(expr: Expr): string {
    if (this.#bytes === undefined) return printExpression(expr);
    const { start, end } = expr.position;
    const text = new TextDecoder().decode(this.#bytes.subarray(start, Math.min(end, start + MOST_BYTES)));
    return end - start > MOST_BYTES ? `${text}…` : text;
  }
}
