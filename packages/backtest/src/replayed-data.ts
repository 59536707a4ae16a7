import { type Labels, type Matcher, METRIC_NAME } from "@narthex/model";
import { type Expr, walk } from "@narthex/promql";
import { joinSources } from "@narthex/querying";
import { countOf, type Querier, type Queryable, type SeriesSet } from "@narthex/storage";
import type { RecordedSeries } from "./recorded-series.ts";

/** Reports whether the rules of a backtest write a series, so that its stored samples are not read. */
export type IsReplayed = (labels: Labels) => boolean;

export interface ReplayedData {
  readonly queryable: Queryable;
  /** Reports whether an expression may read series that the rules write. */
  readonly readsReplayed: (expr: Expr) => boolean;
}

/**
 * The data that replayed rules read: the stored history, without the series that the rules write, and the series that
 * the rules have written so far.
 */
export function replayedData(
  history: Queryable,
  recorded: RecordedSeries,
  names: ReadonlySet<string>,
  isReplayed: IsReplayed,
): ReplayedData {
  const visible: Queryable = {
    querier: (minTime, maxTime) => withoutReplayed(history.querier(minTime, maxTime), isReplayed),
  };
  const joined = joinSources([
    { name: "history", queryable: visible, optional: false },
    { name: "rules", queryable: recorded, optional: false },
  ]);
  const isStored = (matchers: readonly Matcher[]): boolean =>
    names.size === 0 || matchers.some((matcher) => matcher.name === METRIC_NAME && noneMatches(matcher, names));
  const queryable: Queryable = {
    querier(minTime, maxTime) {
      const [both, stored] = [joined.querier(minTime, maxTime), history.querier(minTime, maxTime)];
      return {
        select: (matchers, hints) => (isStored(matchers) ? stored : both).select(matchers, hints),
        labelNames: (matchers, hints) => both.labelNames(matchers, hints),
        labelValues: (name, matchers, hints) => both.labelValues(name, matchers, hints),
        close() {
          both.close();
          stored.close();
        },
      };
    },
  };
  return { queryable, readsReplayed: (expr) => selectorsOf(expr).some((matchers) => !isStored(matchers)) };
}

/** Returns the matchers of all selectors of an expression. */
function selectorsOf(expr: Expr): readonly (readonly Matcher[])[] {
  const found: (readonly Matcher[])[] = [];
  walk(expr, (node) => {
    if (node.kind === "vectorSelector") found.push(node.matchers);
  });
  return found;
}

function noneMatches(matcher: Matcher, names: ReadonlySet<string>): boolean {
  for (const name of names) if (matcher.matches(name)) return false;
  return true;
}

/** Returns a querier that does not select the series that the rules write. */
const withoutReplayed = (querier: Querier, isReplayed: IsReplayed): Querier => ({
  select: async (matchers, hints) => withoutSeries(await querier.select(matchers, hints), isReplayed),
  labelNames: (matchers, hints) => querier.labelNames(matchers, hints),
  labelValues: (name, matchers, hints) => querier.labelValues(name, matchers, hints),
  close: () => querier.close(),
});

function withoutSeries(set: SeriesSet, isReplayed: IsReplayed): SeriesSet {
  const places: number[] = [];
  const labels: Labels[] = [];
  for (let i = 0; i < countOf(set); i++) {
    const own = set.labelSets?.at(i) ?? set.labels[i]!;
    if (isReplayed(own)) continue;
    places.push(i);
    labels.push(own);
  }
  const { downsampled } = set;
  const isSampled = downsampled?.of;
  return {
    labels,
    warnings: set.warnings,
    read: (index, minTime, maxTime, into) => set.read(places[index]!, minTime, maxTime, into),
    downsampled:
      downsampled === undefined || isSampled === undefined
        ? downsampled
        : { ...downsampled, of: (index) => isSampled(places[index]!) },
  };
}
