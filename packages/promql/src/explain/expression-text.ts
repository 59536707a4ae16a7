import type { Expr } from "../syntax/ast.ts";
import { printExpression } from "../syntax/printer.ts";

/** Longer parts are cut off after this number of bytes. */
const MAX_BYTES = 300;

/** The texts of a query's parts; places in it are byte offsets. */
export class ExpressionText {
  readonly #bytes: Uint8Array | undefined;

  /** @param text the text of the query; "" if only the parsed query was given */
  constructor(text: string) {
    this.#bytes = text === "" ? undefined : new TextEncoder().encode(text);
  }

  of(expr: Expr): string {
    if (this.#bytes === undefined) return printExpression(expr);
    const { start, end } = expr.position;
    const text = new TextDecoder().decode(this.#bytes.subarray(start, Math.min(end, start + MAX_BYTES)));
    return end - start > MAX_BYTES ? `${text}…` : text;
  }
}
