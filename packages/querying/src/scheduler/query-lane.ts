import type { Expr, OmittedAnnotations, QueryFeatures, QueryResult, QueryStats, QueryTime } from "@narthex/promql";
import type { Listing } from "../listing/listing.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/** The origin of a query, for the query log. */
export type QueryOrigin =
  | { readonly httpRequest: Readonly<Record<"clientIP" | "method" | "path", string>> }
  | { readonly ruleGroup: Readonly<Record<"file" | "name", string>> };

/** A request for one query. */
export type QueryRequest = QueryTime & {
  /** The text of the query. */
  readonly text: string;
  /** The parsed query, if the caller has it. A thread parses the text anyway. */
  readonly expr?: Expr;
  readonly lookbackMs?: number;
  /** May only shorten the lane's timeout. */
  readonly timeoutMs?: number;
  /** Cancels the query when the client disconnects, also while the answer is being sent. */
  readonly signal?: AbortSignal;
  /** Largest number of series in the answer; 0 for all. */
  readonly limit?: number;
  /** For an answer in JSON: whether the client accepts gzip. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** The user who made the request, if known. */
  readonly principal?: string | undefined;
  /** The sample statistics to collect. */
  readonly samplesOf?: "query" | "steps" | undefined;
};

/** Additional information in an answer. */
export interface ResultAnnotations {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Number of further warnings and infos that are left out here. */
  readonly omitted?: OmittedAnnotations | undefined;
}

/** The properties of an answer that are known when the query has ended. */
export interface ResultSummary extends ResultAnnotations {
  readonly stats: QueryStats;
}

/** An answer as bytes, without the end of its envelope if it has one. */
export interface StreamedResponse extends ResultAnnotations {
  /** For queries only. */
  readonly stats?: QueryStats | undefined;
  readonly first: Uint8Array;
  /** The following pieces; undefined if `first` is the whole answer. Must be read to the end, or returned early. */
  readonly rest: AsyncIterable<Uint8Array> | undefined;
  /** Whether `first`, `rest` and end() form a gzip file. */
  readonly gzip: boolean;
  /** Returns the bytes that end the answer with the end of the envelope, after `rest` has been read. */
  readonly end: (tail: string) => Uint8Array;
  /** May be called for a piece that was sent and is no longer read: its memory will be overwritten. */
  readonly reuse?: (piece: Uint8Array) => void;
  /** Must be called when the last byte was sent or the reader has left: until then its memory is counted. */
  readonly release: () => void;
}

/** The answer of a query as the API's JSON: `{"status":"success","data":{…}`. */
export interface JsonResponse extends StreamedResponse, ResultSummary {
  readonly stats: QueryStats;
}

/** A request for a listing. */
export interface ListingRequest {
  readonly listing: Listing;
  /** Cancels the listing when the client disconnects, also while the answer is being sent. */
  readonly signal?: AbortSignal;
  /** Whether the client accepts gzip. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** The user who made the request, if known. */
  readonly principal?: string | undefined;
}

/** A query that waits or runs. */
export interface ActiveQuery {
  readonly text: string;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly state: "waiting" | "running";
}

/**
 * Runs jobs of one kind in its own limited number of slots. The methods reject with QueryError, with the kind
 * "bad-query" if a request is invalid.
 */
export interface QueryLane {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  listActive(): readonly ActiveQuery[];
  /** Returns the result as columns. */
  evaluate(request: QueryRequest): Promise<QueryResult>;
  /** Returns the result as JSON, with statistics if `withStats` is set. */
  answer(request: QueryRequest, withStats: boolean): Promise<JsonResponse>;
  /**
   * Returns the plan of the query as JSON. With `analyze` it runs the query and adds the costs, and why nothing was
   * found.
   */
  explain(request: QueryRequest, analyze: boolean): Promise<StreamedResponse>;
  /** Lists stored data: JSON without the end of the envelope, or an exposition. */
  list(request: ListingRequest): Promise<StreamedResponse>;
  /** Parses an expression without evaluating it. Uses separate slots. Resolves to JSON. */
  parse(text: string, format: ExpressionFormat, signal?: AbortSignal): Promise<string>;
  /** Cancels running jobs, and refuses later ones. */
  close(): void;
}
