import type { AnswerFormat } from "@narthex/exposition";
import type { MetricUsageListing } from "../metric-usage/metric-usage-listing.ts";
import type { WordFilter } from "./word-filter.ts";
import type { RemoteReadListing } from "../remote-read/answer/remote-read-listing.ts";

/** Selects the stored series, and the time range, of a listing. */
export interface ListingScope {
  /** Selectors as text (`match[]`). A series is listed if at least one of them selects it. */
  readonly match: readonly string[];
  /** Start and end of the time range, ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** Largest number of entries in the answer; 0 for all. */
  readonly limit: number;
}

/** Lists the label sets of series, the names of their labels, or the values of one label, in the JSON of the API. */
export type LabelListing = ListingScope &
  (
    | { readonly kind: "series" }
    | { readonly kind: "label names" }
    | { readonly kind: "label values"; readonly name: string }
  );

/** Lists the newest sample of each series, as an exposition. */
export interface FederationListing extends ListingScope {
  readonly kind: "federation";
  readonly format: Pick<AnswerFormat, "format" | "escaping">;
  /**
   * External labels as names and values in turn, sorted by name. Each label is added to series that do not have the
   * label.
   */
  readonly externalLabels: readonly string[];
}

/** Lists label names, or values of one label, in the order of their similarity to a text, as lines of JSON. */
export interface SearchListing extends ListingScope {
  readonly kind: "search";
  /** The label whose values are searched; undefined to search label names. */
  readonly label: string | undefined;
  readonly filter: WordFilter;
  readonly order: "ascending" | "descending" | "score";
  /** Number of results in a line. */
  readonly batchSize: number;
  readonly withScore: boolean;
  /** The key under which a result is written. */
  readonly field: "name" | "value";
}

/** A listing of series that are selected by selectors. */
export type SelectorListing = LabelListing | FederationListing | SearchListing;

/** A read of stored data without an expression. Can be posted to a thread unchanged. */
export type Listing = SelectorListing | RemoteReadListing | MetricUsageListing;
