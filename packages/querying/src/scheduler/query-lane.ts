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
  /** The parsed query, if the caller has it. A worker thread parses the text again. */
  readonly expr?: Expr;
  readonly lookbackMs?: number;
  /** Timeout of the query, ms. The timeout can only be shorter than the lane's timeout. */
  readonly timeoutMs?: number;
  /** Signal that cancels the query when the client disconnects, also while the answer is being sent. */
  readonly signal?: AbortSignal;
  /** Largest number of series in the answer; 0 for all. */
  readonly limit?: number;
  /** For an answer in JSON: whether the client accepts gzip. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** Name of the user who made the request, if it is known. */
  readonly principal?: string | undefined;
  /** The sample statistics to collect. */
  readonly samplesOf?: "query" | "steps" | undefined;
};

/** Additional information in an answer. */
export interface ResultAnnotations {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Numbers of further warnings and infos that are left out of the lists. */
  readonly omitted?: OmittedAnnotations | undefined;
}

/** The properties of an answer that are known at the end of the evaluation. */
export interface ResultSummary extends ResultAnnotations {
  readonly stats: QueryStats;
}

/** An answer as bytes. If it has an envelope, the end of the envelope is missing. */
export interface StreamedResponse extends ResultAnnotations {
  /** Statistics of a query; undefined for other jobs. */
  readonly stats?: QueryStats | undefined;
  readonly first: Uint8Array;
  /**
   * The following pieces; undefined if `first` is the whole answer. The pieces must be read to the end, or the
   * iteration must be ended early.
   */
  readonly rest: AsyncIterable<Uint8Array> | undefined;
  /** Whether `first`, `rest` and end() form a gzip file. */
  readonly gzip: boolean;
  /** Returns the bytes that end the answer, including the end of the envelope. Called after `rest` has been read. */
  readonly end: (tail: string) => Uint8Array;
  /** May be called for a piece that was sent and is not read any more, because its memory will be overwritten. */
  readonly reuse?: (piece: Uint8Array) => void;
  /**
   * Must be called when the last byte was sent, or when the client has disconnected. Until then the answer's memory is
   * counted.
   */
  readonly release: () => void;
}

/** The answer of a query as the API's JSON: `{"status":"success","data":{…}`. */
export interface JsonResponse extends StreamedResponse, ResultSummary {
  readonly stats: QueryStats;
}

/** A request for a listing. */
export interface ListingRequest {
  readonly listing: Listing;
  /** Signal that cancels the listing when the client disconnects, also while the answer is being sent. */
  readonly signal?: AbortSignal;
  /** Whether the client accepts gzip. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** Name of the user who made the request, if it is known. */
  readonly principal?: string | undefined;
}

/** A query that waits or runs. */
export interface ActiveQuery {
  readonly text: string;
  /** Time at which the query arrived, ms since 1970. */
  readonly startedAt: number;
  readonly state: "waiting" | "running";
}

/**
 * Runs jobs of one kind in a limited number of slots. The methods reject with QueryError, which has the kind
 * "bad-query" if a request is invalid.
 */
export interface QueryLane {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  listActive(): readonly ActiveQuery[];
  /** Runs a query and returns the result as columns. */
  evaluate(request: QueryRequest): Promise<QueryResult>;
  /** Runs a query and returns the result as JSON, with statistics if `withStats` is set. */
  answer(request: QueryRequest, withStats: boolean): Promise<JsonResponse>;
  /**
   * Returns the plan of a query as JSON. With `analyze` it also runs the query, and adds the costs and the reason why
   * nothing was found.
   */
  explain(request: QueryRequest, analyze: boolean): Promise<StreamedResponse>;
  /** Lists stored data. Returns JSON without the end of the envelope, or an exposition. */
  list(request: ListingRequest): Promise<StreamedResponse>;
  /** Parses an expression without evaluating it. Uses slots of its own. Resolves with JSON. */
  parse(text: string, format: ExpressionFormat, signal?: AbortSignal): Promise<string>;
  /** Cancels running jobs, and refuses later ones. */
  close(): void;
}
