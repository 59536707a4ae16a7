import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { QueryStats } from "@narthex/promql";
import { type Clock, logOnChange, type Logger, type PreparedChange, type StateLog } from "@narthex/runtime";
import type { QueryRequest } from "../scheduler/query-lane.ts";
import { messageOf } from "../errors/error-message.ts";

/**
 * Flags for opening the log file without blocking (O_NONBLOCK). If the path is a pipe, opening it fails without a
 * reader, and lines are lost while the pipe is full. Without O_NONBLOCK, such a pipe would block the server.
 */
const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK;
/** Ids in the tracing fields of a log line. The ids are zero, because there is no tracing. */
const NO_SPAN = { spanID: "0".repeat(16), traceID: "0".repeat(32) };
/**
 * Unicode line separators, which Go's JSON encoder escapes because old JavaScript versions did not allow them in
 * strings.
 */
const LINE_ENDS = /[\u2028\u2029]/g;

/** A query that has ended, with its result, for the query log. */
export interface LoggedQuery {
  readonly request: QueryRequest;
  /** The error; undefined if the query succeeded. */
  readonly error: string | undefined;
  readonly stats: QueryStats;
}

/**
 * Writes the file of `query_log_file`: one line of JSON in Prometheus' format for each query that ran. A line that
 * cannot be written is lost and counted; queries continue.
 */
export class QueryLog {
  /** Number of log lines that could not be written. */
  failures = 0;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #writing: StateLog;
  #file: number | undefined;
  /** Whether the last log line was written incompletely. */
  #torn = false;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#writing = logOnChange(logger, "writing the query log");
  }

  get enabled(): boolean {
    return this.#file !== undefined;
  }

  /**
   * Opens the log file for appending. Opens an unchanged path again, because the file may have been renamed. Without a
   * path, queries are not logged. Throws if the file cannot be opened.
   */
  prepare(path: string): PreparedChange {
    const next = path === "" ? undefined : opened(path);
    return {
      apply: () => {
        this.close();
        this.#file = next;
        this.#torn = false;
      },
      discard: () => this.#close(next),
    };
  }

  write({ request, error, stats }: LoggedQuery): void {
    const file = this.#file;
    if (file === undefined) return;
    const line = {
      time: iso(this.#clock.now()),
      level: "INFO",
      source: "query-log.ts",
      msg: "promql query logged",
      params: paramsOf(request),
      ...(error === undefined ? {} : { error }),
      stats,
      ...NO_SPAN,
      ...request.origin,
    };
    const text = JSON.stringify(line).replaceAll(LINE_ENDS, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
    const bytes = Buffer.from(`${this.#torn ? "\n" : ""}${text}\n`);
    try {
      const written = writeSync(file, bytes);
      this.#torn = written < bytes.length;
      if (this.#torn) throw new Error("only a part of the line could be written");
      this.#writing.succeeded();
    } catch (cause) {
      this.failures++;
      this.#writing.failed(messageOf(cause));
    }
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    this.#close(file);
  }

  #close(file: number | undefined): void {
    if (file === undefined) return;
    try {
      closeSync(file);
    } catch (cause) {
      this.#logger.warn("Error while closing the previous query log file", { err: messageOf(cause) });
    }
  }
}

function opened(path: string): number {
  try {
    return openSync(path, APPEND, 0o666);
  } catch (cause) {
    throw new Error(`can't create json log file: ${messageOf(cause)}`, { cause });
  }
}

/** Returns the times of a query in the form of the log. An instant query has no step. */
function paramsOf(request: QueryRequest): Readonly<Record<string, string | number>> {
  const { text: query } = request;
  if ("time" in request) return { end: iso(request.time), query, start: iso(request.time), step: 0 };
  if ("start" in request)
    return { end: iso(request.end), query, start: iso(request.start), step: seconds(request.step) };
  const { start, step, count } = request.grid;
  return { end: iso(start + step * Math.max(0, count - 1)), query, start: iso(start), step: seconds(step) };
}

const seconds = (ms: number): number => Math.trunc(ms / 1000);

/** Latest time that a JavaScript Date can represent, ms. */
const LAST_TIME = 8.64e15;

const iso = (ms: number): string => new Date(Math.max(-LAST_TIME, Math.min(ms, LAST_TIME))).toISOString();
