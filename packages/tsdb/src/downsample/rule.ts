import type { Matcher } from "@narthex/model";
import type { BlockMeta, PlainMatcher, SeriesOfRule } from "../block/meta.ts";

/** Possible lengths of windows, ms, the finest first. Each is a multiple of those before. */
export const RESOLUTIONS = [300_000, 3_600_000] as const;

/** A resolution of a rule, and how long its series are kept. */
interface DownsamplingLevel {
  readonly resolutionMs: number;
  /** 0 means for ever. */
  readonly retentionMs: number;
}

/** Selects series and sets their resolutions. A series belongs to the first rule whose matchers accept it. */
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

/** Returns a key; equal keys mean the same series. */
export const keyOfSeries = ({ matchers, notOf }: SeriesOfRule): string =>
  JSON.stringify([matchers, ...notOf].map((list) => list.map(({ type, name, value }) => [type, name, value])));

/** Returns a key of a downsampled block's series and resolution. */
export const keyOfBlock = ({ downsampled }: BlockMeta): string =>
  downsampled === undefined ? "" : `${downsampled.resolutionMs} ${keyOfSeries(downsampled.series)}`;
