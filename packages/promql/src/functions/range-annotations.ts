import { type FloatHistogram, HistogramBuilder, IncompatibleSchemaError, quote } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { Position } from "../syntax/ast.ts";

/** Adds warnings and infos of range functions for the current series. */
export class RangeAnnotations {
  readonly #evaluation: Evaluation;
  readonly #position: Position;

  constructor(evaluation: Evaluation, position: Position) {
    this.#evaluation = evaluation;
    this.#position = position;
  }

  #warn(text: string): void {
    this.#evaluation.annotations.warn(text, this.#position);
  }

  #info(text: string): void {
    this.#evaluation.annotations.info(text, this.#position);
  }

  mixed(name: string): void {
    this.#warn(`encountered a mix of histograms and floats for metric name ${quote(name)}`);
  }

  histogramsIgnored(name: string): void {
    this.#info(`ignored histograms in a range containing both floats and histograms for metric name ${quote(name)}`);
  }

  mixedSchemas(name: string): void {
    this.#warn(
      `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quote(name)}`,
    );
  }

  notCounter(name: string): void {
    this.#warn(`this native histogram metric is not a counter: ${quote(name)}`);
  }

  notGauge(name: string): void {
    this.#warn(`this native histogram metric is not a gauge: ${quote(name)}`);
  }

  startTimeOverlap(name: string): void {
    const text = `sample has start time that overlaps with previous sample timestamp for metric ${quote(name)}`;
    const fresh = { position: this.#position, count: 0 };
    const print = ({ count }: typeof fresh): string => (count > 1 ? `${text} (${count} occurrences)` : text);
    this.#evaluation.annotations.merge("warning", text, fresh, print).count++;
  }

  hintCollision(operation: HistogramOperation): void {
    this.#warn(`conflicting counter resets during histogram ${operation}`);
  }

  boundsReconciled(operation: HistogramOperation): void {
    this.#info(`mismatched custom buckets were reconciled during ${operation}`);
  }

  /**
   * Adds or subtracts a histogram, and adds the resulting warnings and infos. Returns false if the buckets are
   * incompatible.
   */
  combine(into: HistogramBuilder, other: FloatHistogram, operation: "addition" | "subtraction", name: string): boolean {
    try {
      const outcome = operation === "addition" ? into.add(other) : into.subtract(other);
      if (outcome.boundsReconciled) this.boundsReconciled(operation);
      return true;
    } catch (error) {
      if (!(error instanceof IncompatibleSchemaError)) throw error;
      this.mixedSchemas(name);
      return false;
    }
  }
}

export type HistogramOperation = "addition" | "subtraction" | "aggregation";
