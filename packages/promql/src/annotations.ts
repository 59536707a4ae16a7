import { type AnnotationTarget, evaluationOrder } from "./evaluation-order.ts";
import type { Expr, Position } from "./syntax/ast.ts";

type Severity = "warning" | "info";

interface Annotation {
  readonly severity: Severity;
  text(): string;
  position: AnnotationPosition | undefined;
  readonly pointsAt: AnnotationTarget;
  /** Data for a text that is created only at the end, because it depends on the whole evaluation. */
  readonly state?: unknown;
}

/** Position in the query text that an annotation (a warning or info) mentions. */
export interface AnnotationPosition extends Position {
  /** Position by which the annotation is sorted, if it differs from the mentioned position. */
  readonly rankPosition?: Position;
}

export interface AnnotationTexts {
  /** Texts of the annotations in the form of the API. */
  readonly texts: readonly string[];
  readonly omitted: number;
}

/**
 * The annotations (warnings and infos) of a successful query, without repeated texts. If a text occurs at several
 * positions, the position that Prometheus evaluates last is shown. For a text that depends on the whole evaluation, the
 * position that is evaluated first is shown.
 */
export class Annotations {
  readonly #byText = new Map<string, Annotation>();
  readonly #root: Expr | undefined;
  #rank: ReturnType<typeof evaluationOrder> | undefined;
  /** Number of times that an annotation was added, including repeated texts. */
  raised = 0;

  /** @param root the whole query, to compute the order of evaluation; by default this is the order of the calls */
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

  /**
   * Adds data to an annotation whose text is created only at the end of the evaluation. Returns the data of the
   * annotation.
   */
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

  /** Returns the texts of the first `limit` annotations of a severity, and how many more there are. */
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

/** Formats positions in the text of a query, for messages. */
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
