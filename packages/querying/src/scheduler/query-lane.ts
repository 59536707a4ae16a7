import type { Expr, OmittedAnnotations, QueryFeatures, QueryResult, QueryStats, QueryTime } from "@narthex/promql";
import type { Listing } from "../listing/listing.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/** Origin of a query, for the query log. */
export type QueryOrigin =
  | { readonly httpRequest: Readonly<Record<"clientIP" | "method" | "path", string>> }
  | { readonly ruleGroup: Readonly<Record<"file" | "name", string>> };

/** A request for one query. */
export type QueryRequest = QueryTime & {
  /** The text of the query. */
  readonly text: string;
  /** The parsed query, if the caller has parsed it. Worker threads ignore it and parse the text. */
  readonly expr?: Expr;
  readonly lookbackMs?: number;
  /** Timeout of the query, ms. Cannot exceed the general timeout. */
  readonly timeoutMs?: number;
  /** Cancels the query when the client disconnects, even while the response is being sent. */
  readonly signal?: AbortSignal;
  /** Maximum number of series in the result; 0 for all. */
  readonly limit?: number;
  /** Whether the client accepts gzip. Used only for JSON responses. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** Name of the user who made the request, if it is known. */
  readonly principal?: string | undefined;
  /** Kind of sample statistics to collect. */
  readonly samplesOf?: "query" | "steps" | undefined;
};

/** Warnings and infos of a response. */
export interface ResultAnnotations {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Number of warnings and infos that were left out of the lists. */
  readonly omitted?: OmittedAnnotations | undefined;
}

/** Properties of a response that are known at the end of the evaluation. */
export interface ResultSummary extends ResultAnnotations {
  readonly stats: QueryStats;
}

/** A response as bytes. If it is a JSON object of the API, the caller must add its end. */
export interface StreamedResponse extends ResultAnnotations {
  /** Statistics of a query; undefined for other jobs. */
  readonly stats?: QueryStats | undefined;
  readonly first: Uint8Array;
  /**
   * The pieces after `first`; undefined if `first` is the only piece. The reader must read all pieces or end the
   * iteration early.
   */
  readonly rest: AsyncIterable<Uint8Array> | undefined;
  /** Whether `first`, `rest` and end() form a gzip file. */
  readonly gzip: boolean;
  /**
   * Returns the last bytes of the response. They include `tail`, the end of the JSON object. Must be called after
   * `rest` has been read.
   */
  readonly end: (tail: string) => Uint8Array;
  /**
   * Allows the memory of a piece to be overwritten. May be called when the piece has been sent and is not read any
   * more.
   */
  readonly reuse?: (piece: Uint8Array) => void;
  /**
   * Ends the accounting for the response's memory. Must be called when the last byte was sent or the client has
   * disconnected.
   */
  readonly release: () => void;
}

/** The response to a query as the API's JSON: `{"status":"success","data":{…}`. The caller adds the end. */
export interface JsonResponse extends StreamedResponse, ResultSummary {
  readonly stats: QueryStats;
}

/** A request for a listing of stored data, such as label names. */
export interface ListingRequest {
  readonly listing: Listing;
  /** Cancels the listing when the client disconnects, even while the response is being sent. */
  readonly signal?: AbortSignal;
  /** Whether the client accepts gzip. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** Name of the user who made the request, if it is known. */
  readonly principal?: string | undefined;
}

/** A query that is waiting or running. */
export interface ActiveQuery {
  readonly text: string;
  /** Time at which the query arrived, ms since 1970. */
  readonly startedAt: number;
  readonly state: "waiting" | "running";
}

/**
 * Queue for jobs of one kind, such as users' queries. Limits how many jobs run at the same time; further jobs wait. The
 * methods reject with QueryError, of kind "bad-query" for an invalid request.
 */
export interface QueryLane {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  listActive(): readonly ActiveQuery[];
  /** Runs a query. The values of the result are in typed arrays. */
  evaluate(request: QueryRequest): Promise<QueryResult>;
  /** Runs a query for a JSON response, with statistics if `withStats` is set. */
  answer(request: QueryRequest, withStats: boolean): Promise<JsonResponse>;
  /**
   * Returns the plan of a query as JSON. With `analyze`, also runs the query and adds the costs, and explains an empty
   * result.
   */
  explain(request: QueryRequest, analyze: boolean): Promise<StreamedResponse>;
  /** Lists stored data, as JSON without the end of the object, or in the text format of a scrape. */
  list(request: ListingRequest): Promise<StreamedResponse>;
  /**
   * Parses an expression without evaluating it. Parse jobs have a separate limit of concurrent jobs. Resolves with
   * JSON.
   */
  parse(text: string, format: ExpressionFormat, signal?: AbortSignal): Promise<string>;
  /** Cancels running jobs and refuses new ones. */
  close(): void;
}
