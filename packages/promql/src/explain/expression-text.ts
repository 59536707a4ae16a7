import type { Expr } from "../syntax/ast.ts";
import { printExpression } from "../syntax/printer.ts";

/** Maximum length in bytes of the text of a part of a query. Longer texts are cut. */
const MAX_BYTES = 300;

/** Returns the texts of the parts of a query, from their positions in the text of the query. */
export class ExpressionText {
  readonly #bytes: Uint8Array | undefined;

  /** @param text the text of the query; "" if only the parsed query is known */
  constructor(text: string) {
    this.#bytes = text === "" ? undefined : new TextEncoder().encode(text);
  }

  of(expr: Expr): string {
    if (this.#bytes === undefined) return printExpression(expr);
    const { start, end } = expr.position;
    const text = new TextDecoder().decode(this.#bytes.subarray(start, Math.min(end, start + MAX_BYTES)));
    return end - start > MAX_BYTES ? `${text}…` : text;
  }

  /** Returns the text of the query with another text for a part. Undefined if only the parsed query is known. */
  withPart({ position }: Expr, text: string): string | undefined {
    if (this.#bytes === undefined) return undefined;
    const { start, end } = position;
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return `${decode(this.#bytes.subarray(0, start))}${text}${decode(this.#bytes.subarray(end))}`;
  }
}
