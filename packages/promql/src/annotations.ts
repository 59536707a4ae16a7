import type { Position } from "./syntax/ast.ts";

type Severity = "warning" | "info";

interface Annotation {
  readonly severity: Severity;
  text(): string;
  position: Position | undefined;
  /** What a text that grows is made from. */
  readonly state?: unknown;
}

/** Remarks on a query that succeeded. One entry per distinct text; the place named is that of the last one raised. */
export class Annotations {
  readonly #byText = new Map<string, Annotation>();

  warn(text: string, position?: Position): void {
    this.#add("warning", text, position);
  }

  info(text: string, position?: Position): void {
    this.#add("info", text, position);
  }

  #add(severity: Severity, text: string, position: Position | undefined): void {
    const key = severity + text;
    const known = this.#byText.get(key);
    if (known === undefined) this.#byText.set(key, { severity, text: () => text, position });
    else known.position = position;
  }

  /** One remark whose text is only complete when the evaluation is over; `key` tells it from others. */
  merge<T extends { readonly position: Position | undefined }>(
    severity: Severity,
    key: string,
    fresh: T,
    text: (state: T) => string,
  ): T {
    const known = this.#byText.get(severity + key);
    if (known?.state !== undefined) return known.state as T;
    this.#byText.set(severity + key, { severity, text: () => text(fresh), position: fresh.position, state: fresh });
    return fresh;
  }

  /** Texts of one severity as the API shows them; at most `limit`, then a line that counts the rest. */
  texts(severity: Severity, expression: string, limit = 0): string[] {
    const prefix = severity === "warning" ? "PromQL warning: " : "PromQL info: ";
    const all: string[] = [];
    for (const annotation of this.#byText.values()) {
      if (annotation.severity === severity)
        all.push(prefix + annotation.text() + place(expression, annotation.position));
    }
    if (limit <= 0 || all.length <= limit) return all;
    const rest = all.length - limit;
    return [...all.slice(0, limit), `${rest} more ${severity === "warning" ? "warning" : "info"} annotations omitted`];
  }
}

/** ` (line:column)` of a byte offset into the expression; columns count bytes from 1. */
function place(expression: string, position: Position | undefined): string {
  if (position === undefined || expression === "") return "";
  const bytes = new TextEncoder().encode(expression);
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < position.start && i < bytes.length; i++) {
    if (bytes[i] === 10) {
      line++;
      lineStart = i + 1;
    }
  }
  return ` (${line}:${position.start - lineStart + 1})`;
}
