import { randomUUID } from "node:crypto";
import { type JsonObject, valueAt } from "@narthex/dashboards";
import type { Clock } from "@narthex/runtime";
import { isUnauthorized, statusOfAnswer } from "../outgoing/answer-failure.ts";
import type { SourceClient, SourceResponse } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";
import { MAX_ROWS, ResultReader } from "../sql/result-frame.ts";
import { requestBudgets } from "../value-budget.ts";
import { isServerMessage, serverFailure } from "./clickhouse-failure.ts";
import { readBlocks } from "./native/read-blocks.ts";

const MAX_ERROR_BYTES = 64 * 1024;
/** Time for which the known settings of the server's user are used, ms. */
const KNOWN_MS = 60_000;
/** Time limit for requests that the source sends on its own, ms. */
const OWN_TIMEOUT_MS = 10_000;
/** Bytes of a result that the server keeps in memory before it sends them. It writes further bytes to a file. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** A value takes at most about nine times as much in the server's memory as in an answer. */
const MEMORY_FACTOR = 16;

const CANCEL = "cancel_http_readonly_queries_on_client_close";

/** The settings of the server's user that decide what a query may set. */
interface UserSettings {
  /** 0: everything, 1: no settings and no changes, 2: no changes. */
  readonly readonly: number;
  readonly canCancel: boolean;
  readonly until: number;
}

export interface ServerOptions {
  readonly client: SourceClient;
  readonly clock: Clock;
  readonly database: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Settings of the data source, which the server gets with each query. */
  readonly custom: JsonObject;
}

/** A ClickHouse server with its HTTP interface. */
export class ClickhouseServer {
  readonly #options: ServerOptions;
  #known: UserSettings | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /**
   * Runs a statement. The server refuses changes, and stops at the limits of the result and of the time. If the signal
   * aborts, the statement is cancelled on the server. Throws QueryFailure.
   */
  async run(sql: string, result: ResultReader, signal: AbortSignal): Promise<void> {
    const user = await this.#user(signal);
    const id = randomUUID();
    const cancel = (): void => void this.#kill(id, user);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      await this.#read(sql, this.#settingsFor(user, id), result, signal);
    } catch (error) {
      // The server may still compute the rest of an answer that is too large.
      if (!signal.aborted && error instanceof QueryFailure && error.status === 422) cancel();
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  #settingsFor({ readonly, canCancel }: UserSettings, id: string): URLSearchParams {
    const { timeoutMs, maxBytes, custom } = this.#options;
    const parameters = new URLSearchParams({ query_id: id });
    if (readonly === 1) return parameters;
    for (const [name, value] of Object.entries(custom)) parameters.set(name, String(value));
    // A further row shows that there are more.
    parameters.set("max_result_rows", String(MAX_ROWS + 1));
    parameters.set("max_result_bytes", String(maxBytes * MEMORY_FACTOR));
    parameters.set("result_overflow_mode", "break");
    parameters.set("max_execution_time", String(Math.ceil(timeoutMs / 1000)));
    if (canCancel) parameters.set(CANCEL, "1");
    // With 1, the server also refuses settings in the query, and functions that read files or other servers.
    if (readonly === 0) parameters.set("readonly", "1");
    return parameters;
  }

  /** Returns the settings of the user, which the server is asked for once a minute. */
  async #user(signal: AbortSignal): Promise<UserSettings> {
    const now = this.#options.clock.monotonic();
    if (this.#known !== undefined && this.#known.until > now) return this.#known;
    const { cells } = requestBudgets();
    const result = new ResultReader({ maxBytes: MAX_ERROR_BYTES, cells, count: () => undefined, maxRows: 10 });
    const sql = `SELECT name, value FROM system.settings WHERE name IN ('readonly', '${CANCEL}')`;
    await this.#read(sql, new URLSearchParams(), result, signal);
    const [names, values] = result.takeFields();
    const found = new Map<unknown, unknown>();
    for (let row = 0; row < result.rows; row++) found.set(valueAt(names!, row), valueAt(values!, row));
    const readonly = Number(found.get("readonly") ?? 0);
    this.#known = { readonly, canCancel: found.has(CANCEL), until: now + KNOWN_MS };
    return this.#known;
  }

  async #read(sql: string, settings: URLSearchParams, result: ResultReader, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const response = await this.#send(sql, settings, signal);
    try {
      if (response.status !== 200) throw await refusal(response);
      await readBlocks(counted(response.body, result), result, clock);
    } finally {
      response.close();
    }
  }

  #send(sql: string, settings: URLSearchParams, signal: AbortSignal, timeoutMs = this.#options.timeoutMs) {
    const { client, database } = this.#options;
    const parameters = new URLSearchParams(settings);
    if (database !== "") parameters.set("database", database);
    parameters.set("default_format", "Native");
    // The server sends the status only when the query has succeeded, so an error is never part of the rows.
    parameters.set("wait_end_of_query", "1");
    parameters.set("buffer_size", String(BUFFER_BYTES));
    const body = { type: "text/plain; charset=utf-8", text: sql };
    return client.send({ method: "POST", path: "/", parameters, body, accept: "*/*", timeoutMs }, signal);
  }

  /**
   * Cancels a query whose client is gone. Servers since 2018 also notice the closed connection; users that may only read
   * cannot cancel.
   */
  async #kill(id: string, { readonly }: UserSettings): Promise<void> {
    if (readonly !== 0) return;
    try {
      const sql = `KILL QUERY WHERE query_id = '${id}' ASYNC`;
      const response = await this.#send(sql, new URLSearchParams(), new AbortController().signal, OWN_TIMEOUT_MS);
      response.close();
    } catch {
      // The query then ends at its time limit.
    }
  }

  close(): Promise<void> {
    return this.#options.client.close();
  }
}

async function* counted(pieces: AsyncIterable<Uint8Array>, result: ResultReader): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    result.received(piece.length);
    yield piece;
  }
}

/** Reads the message of an answer that is not a result. */
async function refusal({ status, statusText, body }: SourceResponse): Promise<QueryFailure> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(Uint8Array.from(piece.subarray(0, MAX_ERROR_BYTES - bytes)));
    if ((bytes += piece.length) >= MAX_ERROR_BYTES) break;
  }
  const text = Buffer.concat(pieces).toString();
  if (isServerMessage(text)) return serverFailure(text);
  if (isUnauthorized(status))
    return new QueryFailure(502, "the data source refuses the connection: the user or the password is wrong");
  return new QueryFailure(
    statusOfAnswer(status),
    `the data source answered ${status} ${statusText}, but not as ClickHouse does: the port must be that of its HTTP interface`,
  );
}
