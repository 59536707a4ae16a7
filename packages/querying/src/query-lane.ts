import type { Expr, QueryFeatures, QueryResult, QueryStats, QueryTime } from "@narthex/promql";
import type { ReadingForm } from "./reading.ts";

/** Where a query comes from, as the query log tells it. */
export type QueryOrigin =
  | { readonly httpRequest: Readonly<Record<"clientIP" | "method" | "path", string>> }
  | { readonly ruleGroup: Readonly<Record<"file" | "name", string>> };

/** One query, as it is asked for. */
export type QueryOrder = QueryTime & {
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
  /** What the statistics are to tell of samples. */
  readonly samplesOf?: "query" | "steps" | undefined;
};

/** What is known of an answer once its query is done. */
export interface AnswerFacts {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

/** An answer as the API's JSON up to the envelope's tail: `{"status":"success","data":{…}`. */
export interface JsonAnswer extends AnswerFacts {
  readonly first: Uint8Array;
  /** What follows, piece by piece as it is taken; undefined where `first` is all. To be read to its end, or left early. */
  readonly rest: AsyncIterable<Uint8Array> | undefined;
  /** `first`, `rest` and end() are a gzip file. */
  readonly gzip: boolean;
  /** The bytes that close the answer with the envelope's tail, once `rest` is read. */
  readonly end: (tail: string) => Uint8Array;
}

/** A query that waits or runs. */
export interface ListedQuery {
  readonly text: string;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly state: "waiting" | "running";
}

/** A place where queries run, with a number of slots of its own. Queries reject with QueryError. */
export interface QueryLane {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  listActive(): readonly ListedQuery[];
  /** The result as columns. */
  evaluate(order: QueryOrder): Promise<QueryResult>;
  /** The result as JSON, with the stats in it if `withStats` says so. */
  answer(order: QueryOrder, withStats: boolean): Promise<JsonAnswer>;
  /** Reads an expression without evaluating it, in no slot; resolves to JSON. */
  read(text: string, form: ReadingForm): Promise<string>;
  /** Cancels what runs; resolves when nothing reads the storage any more. */
  close(): Promise<void>;
}
