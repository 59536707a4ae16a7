import { Labels, METRIC_NAME, type Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import type { Evaluation } from "../evaluation.ts";
import type { Expr } from "../syntax/ast.ts";
import { AggregateReader } from "./aggregate-reader.ts";
import { forEachSeries } from "./materialized-vector.ts";
import { ABSENT, FLOAT, type RangeSource, type VectorOperator } from "./operator.ts";
import type { WindowBounds } from "./span-windows.ts";
import { freshWeightOf, WindowSlots } from "./window-slots.ts";

/**
 * Returns the labels of the result of absent(), which are the equality matchers of the selector without the metric
 * name. As in Prometheus, a label is left out if a later matcher for the same label follows.
 */
export function absentLabels(expr: Expr): Labels {
  const matchers: readonly Matcher[] =
    expr.kind === "vectorSelector" ? expr.matchers : expr.kind === "matrixSelector" ? expr.selector.matchers : [];
  const values = new Map<string, string>();
  const said = new Set<string>();
  for (const { name, type, value } of matchers) {
    if (name === METRIC_NAME) continue;
    if (type === "=" && !said.has(name)) {
      values.set(name, value);
      said.add(name);
    } else {
      values.delete(name);
    }
  }
  return Labels.of(values);
}

/** Yields one series with the value 1 at the evaluation times at which `mark` has seen no sample. */
function absence(
  labels: Labels,
  steps: number,
  dropName: boolean,
  read: (signal: AbortSignal, seen: Uint8Array) => Promise<void>,
  close: () => void,
): VectorOperator {
  const seen = new Uint8Array(steps);
  let done = false;
  return {
    async prepare(signal) {
      await read(signal, seen);
      return [{ labels, dropName }];
    },
    next(out) {
      if (done) return false;
      done = true;
      out.histograms = undefined;
      for (let step = 0; step < steps; step++) {
        out.present[step] = seen[step] === 0 ? FLOAT : ABSENT;
        out.values[step] = 1;
      }
      return true;
    },
    close,
  };
}

/** Implements absent(v): returns 1 at evaluation times at which `input` has no sample. */
export function absent(input: VectorOperator, labels: Labels, steps: number, evaluation: Evaluation): VectorOperator {
  const read = async (signal: AbortSignal, seen: Uint8Array): Promise<void> => {
    await input.prepare(signal);
    await forEachSeries(input, steps, evaluation, (_, { present }) => {
      for (let step = 0; step < steps; step++) if (present[step] !== ABSENT) seen[step] = 1;
    });
  };
  return absence(labels, steps, false, read, () => input.close());
}

/** Implements absent_over_time(m): returns 1 at evaluation times whose window has no sample. */
export function absentOverTime(source: RangeSource, labels: Labels, evaluation: Evaluation): VectorOperator {
  const { frame } = source;
  const read = async (signal: AbortSignal, seen: Uint8Array): Promise<void> => {
    await source.prepare(signal);
    const samples = new SampleColumns();
    const windows = new WindowSlots(frame);
    const aggregates = new AggregateReader(source, evaluation);
    const mark = ({ from, to }: WindowBounds): void => {
      for (let step = 0; step < seen.length; step++) if (to[step]! > from[step]!) seen[step] = 1;
    };
    for (;;) {
      const found = aggregates.read();
      if (found !== undefined) {
        mark(found.windows);
      } else {
        if (!source.next(samples)) break;
        windows.lay(samples);
        mark(windows);
        if (!source.derived) evaluation.budget.read += freshWeightOf(samples, windows);
      }
      const pause = evaluation.yieldToEventLoop();
      if (pause !== undefined) await pause;
    }
    source.close();
  };
  return absence(labels, frame.grid.count, true, read, () => source.close());
}
