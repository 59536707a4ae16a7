import type { AnswerFormat } from "@narthex/exposition";
import type { MetricUsageListing } from "../metric-usage/metric-usage-listing.ts";
import type { WordFilter } from "./word-filter.ts";
import type { RemoteReadListing } from "../remote-read/answer/remote-read-listing.ts";

/** Which stored series are meant, and when. */
export interface ListingScope {
  /** Selectors as written (`match[]`): a series is meant that one of them chooses. */
  readonly match: readonly string[];
  /** ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** Answers with so many entries at most; 0 = all. */
  readonly limit: number;
}

/** Label sets of series, names of their labels, or values of one, as the API's JSON. */
export type LabelListing = ListingScope &
  (
    | { readonly kind: "series" }
    | { readonly kind: "label names" }
    | { readonly kind: "label values"; readonly name: string }
  );

/** The newest sample of each series, as an exposition. */
export interface FederationListing extends ListingScope {
  readonly kind: "federation";
  readonly format: Pick<AnswerFormat, "format" | "escaping">;
  /** name, value, name, value … sorted by name: added to series that have no such label. */
  readonly externalLabels: readonly string[];
}

/** Names of labels, or values of one, by how well they match a text, as lines of JSON. */
export interface SearchListing extends ListingScope {
  readonly kind: "search";
  /** Whose values are searched; undefined: the names of labels are. */
  readonly label: string | undefined;
  readonly filter: WordFilter;
  readonly order: "ascending" | "descending" | "score";
  /** Results of a line. */
  readonly batchSize: number;
  readonly withScore: boolean;
  /** What a result is called. */
  readonly field: "name" | "value";
}

/** What selectors choose. */
export type SelectorListing = LabelListing | FederationListing | SearchListing;

/** What is read of stored data without an expression; can be posted to a thread as it is. */
export type Listing = SelectorListing | RemoteReadListing | MetricUsageListing;
