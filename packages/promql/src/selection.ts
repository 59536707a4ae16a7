import type { Matcher } from "@narthex/model";
import type { SeriesSet } from "@narthex/storage";

/**
 * The series that a selector reads from the storage. The series are available after all selectors of the query have
 * made their requests.
 */
export interface Selection {
  series(signal: AbortSignal): Promise<SeriesSet>;
}

export interface SelectionRequest {
  readonly matchers: readonly Matcher[];
  /** Start and end of the requested time, ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly range: number;
  readonly func: string;
}
