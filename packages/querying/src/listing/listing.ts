import type { AnswerFormat } from "@narthex/exposition";
import type { MetricUsageListing } from "../metric-usage/metric-usage-listing.ts";
import type { WordFilter } from "./word-filter.ts";
import type { RemoteReadListing } from "../remote-read/answer/remote-read-listing.ts";

/** The series and the time range that a listing covers. */
export interface ListingScope {
  /** Selectors as text (`match[]`). A series is included if any of them selects it. */
  readonly match: readonly string[];
  /** Start and end of the time range, ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** Maximum number of entries; 0 for all. */
  readonly limit: number;
}

/** A request for the labels of series, for label names, or for the values of one label, in the JSON of the API. */
export type LabelListing = ListingScope &
  (
    | { readonly kind: "series" }
    | { readonly kind: "label names" }
    | { readonly kind: "label values"; readonly name: string }
  );

/** A request for the newest sample of each series, in the text format of a scrape (federation). */
export interface FederationListing extends ListingScope {
  readonly kind: "federation";
  readonly format: Pick<AnswerFormat, "format" | "escaping">;
  /**
   * External labels of this server (names and values alternately, sorted by name). These labels are added to series
   * without a label of that name.
   */
  readonly externalLabels: readonly string[];
}

/**
 * A search for label names, or for values of one label, sorted by similarity to a text. The response has one JSON
 * object on each line.
 */
export interface SearchListing extends ListingScope {
  readonly kind: "search";
  /** The label whose values are searched. If undefined, label names are searched. */
  readonly label: string | undefined;
  readonly filter: WordFilter;
  readonly order: "ascending" | "descending" | "score";
  /** Number of results in one line of the response. */
  readonly batchSize: number;
  readonly withScore: boolean;
  /** Key of each result in the JSON response. */
  readonly field: "name" | "value";
}

export type SelectorListing = LabelListing | FederationListing | SearchListing;

/** A request for stored data other than a query. Can be posted to a thread unchanged. */
export type Listing = SelectorListing | RemoteReadListing | MetricUsageListing;
