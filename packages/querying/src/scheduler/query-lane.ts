import type { Expr, OmittedAnnotations, QueryFeatures, QueryResult, QueryStats, QueryTime } from "@narthex/promql";
import type { Listing } from "../listing/listing.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/** Where a query comes from, as the query log tells it. */
export type QueryOrigin =
  | { readonly httpRequest: Readonly<Record<"clientIP" | "method" | "path", string>> }
  | { readonly ruleGroup: Readonly<Record<"file" | "name", string>> };

/** One query, as it is asked for. */
export type QueryRequest = QueryTime & {
  /** The query as written. */
  readonly text: string;
  /** The same, parsed, where the caller has it. A thread reads the text nevertheless. */
  readonly expr?: Expr;
  readonly lookbackMs?: number;
  /** Only ever shortens the lane's timeout. */
  readonly timeoutMs?: number;
  /** A client that hung up cancels its query, also while it takes the answer. */
  readonly signal?: AbortSignal;
  /** Series to answer with; 0 = all. */
  readonly limit?: number;
  /** Of an answer in JSON: whoever gets it takes gzip. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** Who asks, where that is known. */
  readonly principal?: string | undefined;
  /** What the statistics are to tell of samples. */
  readonly samplesOf?: "query" | "steps" | undefined;
};

/** What an answer says beside its data. */
export interface ResultAnnotations {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Numbers of further ones that have no text here. */
  readonly omitted?: OmittedAnnotations | undefined;
}

/** What is known of an answer once its query is done. */
export interface ResultSummary extends ResultAnnotations {
  readonly stats: QueryStats;
}

/** An answer as bytes, up to the envelope's tail where it has one. */
export interface StreamedResponse extends ResultAnnotations {
  /** Of queries alone. */
  readonly stats?: QueryStats | undefined;
  readonly first: Uint8Array;
  /** What follows, piece by piece as it is taken; undefined where `first` is all. To be read to its end, or left early. */
  readonly rest: AsyncIterable<Uint8Array> | undefined;
  /** `first`, `rest` and end() are a gzip file. */
  readonly gzip: boolean;
  /** The bytes that close the answer with the envelope's tail, once `rest` is read. */
  readonly end: (tail: string) => Uint8Array;
  /** May be called for a piece that has left, and is read by nobody any more: its memory is written anew. */
  readonly reuse?: (piece: Uint8Array) => void;
  /** To be called when the last byte has left, or nobody takes it any more: until then its memory is accounted for. */
  readonly release: () => void;
}

/** The answer of a query as the API's JSON: `{"status":"success","data":{…}`. */
export interface JsonResponse extends StreamedResponse, ResultSummary {
  readonly stats: QueryStats;
}

/** A listing, as it is asked for. */
export interface ListingRequest {
  readonly listing: Listing;
  /** A client that hung up cancels its listing, also while it takes the answer. */
  readonly signal?: AbortSignal;
  /** Whoever gets it takes gzip. */
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  /** Who asks, where that is known. */
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
 * Jobs of one kind, with a number of slots of their own: so many run at a time. They reject with QueryError, and with the
 * kind "bad-query" where what is asked for cannot be read.
 */
export interface QueryLane {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  listActive(): readonly ActiveQuery[];
  /** The result as columns. */
  evaluate(request: QueryRequest): Promise<QueryResult>;
  /** The result as JSON, with the stats in it if `withStats` says so. */
  answer(request: QueryRequest, withStats: boolean): Promise<JsonResponse>;
  /** How the query is evaluated as JSON; what that takes, and why nothing is found, where `analyze` has it run. */
  explain(request: QueryRequest, analyze: boolean): Promise<StreamedResponse>;
  /** Lists stored data: JSON up to the envelope's tail, or an exposition. */
  list(request: ListingRequest): Promise<StreamedResponse>;
  /** Parses an expression without evaluating it, in slots apart from those of queries; resolves to JSON. */
  parse(text: string, format: ExpressionFormat, signal?: AbortSignal): Promise<string>;
  /** Cancels what runs, and what comes later. */
  close(): void;
}
