import type { Field, Frame } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { ValueBudget } from "../value-budget.ts";
import { type DerivedField, derivedColumns } from "./derived-fields.ts";
import { LineIds } from "./line-id.ts";
import type { LokiLine } from "./stream-reader.ts";

/** Number of columns of a frame without derived fields. */
const COLUMNS = 6;

interface LogFrameSettings {
  readonly refId: string;
  readonly derived: readonly DerivedField[];
  readonly cells: ValueBudget;
}

/**
 * Returns a frame with a row for each line. The columns are those of Grafana's server, in its order; columns of derived
 * fields follow. Throws QueryFailure if the budget has too few cells left.
 */
export function* logFrame(lines: readonly LokiLine[], { refId, derived, cells }: LogFrameSettings): Steps<Frame> {
  cells.take(lines.length * (COLUMNS + derived.length));
  const times = new Float64Array(lines.length);
  const ids: string[] = [];
  const made = new LineIds();
  for (const [row, { nanoseconds, text, labels }] of lines.entries()) {
    times[row] = milliseconds(nanoseconds);
    ids.push(made.next(nanoseconds, text, labels));
    yield;
  }
  const column = (name: string, values: readonly string[]): Field => ({ name, type: "string", values, config: {} });
  const fields: Field[] = [
    { name: "labels", type: "json", values: lines.map(({ labels }) => labels), config: {} },
    { name: "Time", type: "time", values: times, config: {} },
    column(
      "Line",
      lines.map(({ text }) => text),
    ),
    column(
      "tsNs",
      lines.map(({ nanoseconds }) => nanoseconds),
    ),
  ];
  const indexed = new SharedTypes();
  if (lines.some(({ types }) => types !== undefined))
    fields.push({
      name: "labelTypes",
      type: "json",
      values: lines.map(({ labels, types }) => types ?? indexed.of(labels)),
      config: { custom: { hidden: true } },
    });
  fields.push(column("id", ids));
  for (const one of yield* derivedColumns(derived, lines)) fields.push(one);
  return {
    refId,
    length: lines.length,
    meta: { preferredVisualisationType: "logs", custom: { frameType: "LabeledTimeValues" } },
    fields,
  };
}

/**
 * Types of labels of which all are in the server's index. Lines of a stream share this object, as they share the
 * labels.
 */
class SharedTypes {
  readonly #made = new Map<LokiLine["labels"], Readonly<Record<string, string>>>();

  of(labels: LokiLine["labels"]): Readonly<Record<string, string>> {
    let types = this.#made.get(labels);
    if (types === undefined) {
      types = Object.fromEntries(Object.keys(labels).map((name) => [name, "I"]));
      this.#made.set(labels, types);
    }
    return types;
  }
}

/** Converts nanoseconds to whole milliseconds, rounded down, by removing the last six digits of the text. */
export function milliseconds(nanoseconds: string): number {
  const whole = Number(nanoseconds.slice(0, -6).replace(/^-$/, "") || "0");
  return nanoseconds.startsWith("-") && /[1-9]/.test(nanoseconds.slice(-6)) ? whole - 1 : whole;
}
