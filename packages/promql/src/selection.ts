import type { Matcher } from "@narthex/model";
import type { SeriesSet } from "@narthex/storage";

/** One selector's claim on storage. Its series are available after all claims of the query are known. */
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
