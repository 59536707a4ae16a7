import type { Matcher } from "@narthex/model";
import type { BlockMeta, PlainMatcher, SeriesOfRule } from "../block/meta.ts";

/** Possible lengths of aggregation windows, ms, ascending. Each length is a multiple of all shorter ones. */
export const RESOLUTIONS = [300_000, 3_600_000] as const;

/** A resolution of a downsampling rule, and how long the data of this resolution is kept. */
interface DownsamplingLevel {
  readonly resolutionMs: number;
  /** Retention, ms; 0 means unlimited. */
  readonly retentionMs: number;
}

/**
 * A downsampling rule: selects series and sets the resolutions for them. A series belongs to the first rule whose
 * matchers accept it.
 */
export interface DownsamplingRule {
  readonly matchers: readonly Matcher[];
  readonly levels: readonly DownsamplingLevel[];
}

const plain = (matchers: readonly Matcher[]): readonly PlainMatcher[] =>
  matchers.map(({ type, name, value }) => ({ type, name, value }));

export const seriesOfRule = (rules: readonly DownsamplingRule[], index: number): SeriesOfRule => ({
  matchers: plain(rules[index]!.matchers),
  notOf: rules.slice(0, index).map(({ matchers }) => plain(matchers)),
});

/** Returns a text that identifies the series of a rule: equal texts mean equal series. */
export const keyOfSeries = ({ matchers, notOf }: SeriesOfRule): string =>
  JSON.stringify([matchers, ...notOf].map((list) => list.map(({ type, name, value }) => [type, name, value])));

/** Returns a text that identifies the series and the resolution of a downsampled block. */
export const keyOfBlock = ({ downsampled }: BlockMeta): string =>
  downsampled === undefined ? "" : `${downsampled.resolutionMs} ${keyOfSeries(downsampled.series)}`;
