import type { Matcher } from "@narthex/model";
import type { BlockMeta, PlainMatcher, SeriesOfRule } from "../block/meta.ts";

/** Lengths of the windows that samples can be downsampled to, ms, the finest first. Each is a multiple of those before. */
export const RESOLUTIONS = [300_000, 3_600_000] as const;

/** How long the series of a selector are kept at one resolution. */
export interface DownsamplingLevel {
  readonly resolutionMs: number;
  /** 0: for ever. */
  readonly retentionMs: number;
}

/** What series are downsampled to. A series follows the first rule whose matchers accept it. */
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

/** Equal texts mean the same series. */
export const keyOfSeries = ({ matchers, notOf }: SeriesOfRule): string =>
  JSON.stringify([matchers, ...notOf].map((list) => list.map(({ type, name, value }) => [type, name, value])));

/** Whose series a downsampled block holds, and how fine. */
export const keyOfBlock = ({ downsampled }: BlockMeta): string =>
  downsampled === undefined ? "" : `${downsampled.resolutionMs} ${keyOfSeries(downsampled.series)}`;
