import { type AnnotationTarget, evaluationOrder } from "./evaluation-order.ts";
import type { Expr, Position } from "./syntax/ast.ts";

type Severity = "warning" | "info";

interface Annotation {
  readonly severity: Severity;
  text(): string;
  position: AnnotationPosition | undefined;
  readonly pointsAt: AnnotationTarget;
  /** State from which the text is created, if the text grows during the evaluation. */
  readonly state?: unknown;
}

/** The position in the query that an annotation names. */
export interface AnnotationPosition extends Position {
  /** The position that determines the order, if it differs from the position that is shown. */
  readonly rankPosition?: Position;
}

export interface AnnotationTexts {
  /** The texts in the form that the API returns. */
  readonly texts: readonly string[];
  readonly omitted: number;
}

/**
 * Annotations of a query that succeeded, one for each distinct text. If a text is added at several positions, the
 * annotation names the position that is evaluated last, in the order of an evaluation of one expression after the
 * other. If the text grows, it names the position that is evaluated first.
 */
export class Annotations {
  readonly #byText = new Map<string, Annotation>();
  readonly #root: Expr | undefined;
  #rank: ReturnType<typeof evaluationOrder> | undefined;
  /** Number of calls that added an annotation, including those with a text that already exists. */
  raised = 0;

  /** @param root the whole query; without it, the order of evaluation is the order of the calls */
  constructor(root?: Expr) {
    this.#root = root;
  }

  warn(text: string, position?: AnnotationPosition, pointsAt: AnnotationTarget = "argument"): void {
    this.#add("warning", text, position, pointsAt);
  }

  info(text: string, position?: AnnotationPosition, pointsAt: AnnotationTarget = "argument"): void {
    this.#add("info", text, position, pointsAt);
  }

  #add(severity: Severity, text: string, position: AnnotationPosition | undefined, pointsAt: AnnotationTarget): void {
    this.raised++;
    const key = severity + text;
    const known = this.#byText.get(key);
    if (known === undefined) this.#byText.set(key, { severity, text: () => text, position, pointsAt });
    else if (!this.#isBefore(position, known.position, pointsAt)) known.position = position;
  }

  /** Returns whether `a` is evaluated before `b`. */
  #isBefore(a: AnnotationPosition | undefined, b: AnnotationPosition | undefined, pointsAt: AnnotationTarget): boolean {
    if (a === b || a === undefined || b === undefined || this.#root === undefined) return false;
    this.#rank ??= evaluationOrder(this.#root);
    return this.#rank(a.rankPosition ?? a, pointsAt) < this.#rank(b.rankPosition ?? b, pointsAt);
  }

  /** Adds data to the annotation `key`, whose text is complete only at the end of the evaluation. Returns its state. */
  merge<T extends { readonly position: Position | undefined }>(
    severity: Severity,
    key: string,
    fresh: T,
    text: (state: T) => string,
  ): T {
    this.raised++;
    const known = this.#byText.get(severity + key);
    if (known?.state !== undefined) {
      if (this.#isBefore(fresh.position, known.position, known.pointsAt)) known.position = fresh.position;
      return known.state as T;
    }
    this.#byText.set(severity + key, {
      severity,
      text: () => text(fresh),
      position: fresh.position,
      pointsAt: "argument",
      state: fresh,
    });
    return fresh;
  }

  /** Returns the texts of the first `limit` annotations of a severity, and the number of the others. */
  texts(severity: Severity, expression: string, limit: number): AnnotationTexts {
    const prefix = severity === "warning" ? "PromQL warning: " : "PromQL info: ";
    const texts: string[] = [];
    let omitted = 0;
    const positions = new ExpressionPositions(expression);
    for (const annotation of this.#byText.values()) {
      if (annotation.severity !== severity) continue;
      if (texts.length < limit) texts.push(prefix + annotation.text() + positions.of(annotation.position));
      else omitted++;
    }
    return { texts, omitted };
  }
}

/** Formats positions in an expression for messages. */
class ExpressionPositions {
  readonly #expression: string;
  /** Byte offsets of the lines, computed when they are first needed. */
  #lineStarts: number[] | undefined;

  constructor(expression: string) {
    this.#expression = expression;
  }

  /** Formats the byte offset of a position as ` (line:column)`. Columns are counted in bytes from 1. */
  of(position: Position | undefined): string {
    if (position === undefined || this.#expression === "") return "";
    const starts = (this.#lineStarts ??= lineStarts(this.#expression));
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= position.start) low = middle;
      else high = middle;
    }
    return ` (${low + 1}:${position.start - starts[low]! + 1})`;
  }
}

function lineStarts(expression: string): number[] {
  const starts = [0];
  const bytes = new TextEncoder().encode(expression);
  for (let i = bytes.indexOf(NEWLINE); i !== -1; i = bytes.indexOf(NEWLINE, i + 1)) starts.push(i + 1);
  return starts;
}

const NEWLINE = 10;
