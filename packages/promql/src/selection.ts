import type { Matcher } from "@narthex/model";
import type { SeriesSet } from "@narthex/storage";

/** One selector's claim on storage; the series are there once every claim of the query is known. */
export interface Selection {
  series(signal: AbortSignal): Promise<SeriesSet>;
}

export interface SelectionRequest {
  readonly matchers: readonly Matcher[];
  /** ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly range: number;
  readonly func: string;
}
