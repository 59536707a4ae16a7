import { compareBytewise, compareLabels, type Labels, type Matcher, matchesAll } from "@narthex/model";
import type { Exemplar, SeriesRef } from "../appender.ts";
import type { LabelHints, Querier, SelectHints, SeriesSet } from "../queryable.ts";
import type { SampleColumns } from "../sample-columns.ts";

export interface MemorySeries {
  readonly ref: SeriesRef;
  readonly labels: Labels;
  readonly samples: SampleColumns;
  readonly exemplars: Exemplar[];
}

/** Returns a querier for the current samples of the series `all`. Later samples are not visible to the querier. */
export function memoryQuerier(all: readonly MemorySeries[], minTime: number, maxTime: number): Querier {
  const counts = new Map(all.map((series) => [series, series.samples.count]));
  const matching = (matchers: readonly Matcher[]): MemorySeries[] =>
    all.filter((series) => counts.get(series)! > 0 && matchesAll(matchers, series.labels));

  return {
    select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
      hints.signal?.throwIfAborted();
      const from = Math.max(minTime, hints.start);
      const to = Math.min(maxTime, hints.end);
      const chosen = matching(matchers).filter((series) => holds(series.samples, counts.get(series)!, from, to));
      chosen.sort((a, b) => compareLabels(a.labels, b.labels));
      return Promise.resolve({
        labels: chosen.slice(0, hints.limit || undefined).map((series) => series.labels),
        warnings: [],
        read(index, start, end, into) {
          const { samples } = chosen[index]!;
          into.reset();
          for (let i = 0; i < counts.get(chosen[index]!)!; i++) {
            const t = samples.timestamps[i]!;
            if (t >= Math.max(start, minTime) && t <= Math.min(end, maxTime)) into.pushFrom(samples, i);
          }
        },
      });
    },
    maxSeries: (matchers) => matching(matchers).length,
    maxListed: (matchers) => matching(matchers).length,
    labelNames: (matchers, hints) =>
      Promise.resolve(
        sorted(
          matching(matchers).flatMap((series) => series.labels.names()),
          hints,
        ),
      ),
    labelValues: (name, matchers, hints) =>
      Promise.resolve(
        sorted(
          matching(matchers).flatMap((series) => valueOf(series.labels, name)),
          hints,
        ),
      ),
    close() {},
  };
}

const valueOf = (labels: Labels, name: string): string[] => (labels.has(name) ? [labels.get(name)] : []);

function sorted(words: readonly string[], hints: LabelHints | undefined): string[] {
  hints?.signal?.throwIfAborted();
  return [...new Set(words)].sort(compareBytewise).slice(0, hints?.limit || undefined);
}

function holds(samples: SampleColumns, count: number, from: number, to: number): boolean {
  for (let i = 0; i < count; i++) if (samples.timestamps[i]! >= from && samples.timestamps[i]! <= to) return true;
  return false;
}
