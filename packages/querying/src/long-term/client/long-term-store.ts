import type { Readable } from "node:stream";
import { type LongTermStoreConfig, redactUrl } from "@narthex/config";
import { beginningOf, createHttpClient, failureReason, type HttpClient } from "@narthex/http";
import { formatGoDuration, type Labels } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import type {
  ReadOutcome,
  RemoteAnswerHead,
  RemoteRead,
  RemoteSelection,
  WantedData,
} from "../../remote-read/source/remote-reader.ts";
import { LONG_TERM_STORE } from "../long-term-source.ts";
import { type Attempt, type FailureBackoff } from "./failure-backoff.ts";
import { storeRequest } from "./store-request.ts";

/**
 * Result of a request to the long-term store. `skipped` means that the request was not sent, because the store had
 * failed before.
 */
export type StoreOutcome = "success" | "failure" | "refused" | "canceled" | "skipped";

/** Receives the results of requests to the long-term store, for metrics and logs. */
export interface StoreObserver {
  /**
   * Records the end of a request.
   * @param seconds time from the request to the end of the response
   */
  ended(wanted: WantedData["kind"], outcome: StoreOutcome, seconds: number, samples: number): void;
  /** Records the problem when the store begins to fail, and undefined when the store works again. */
  changed(problem: string | undefined): void;
}

export interface StoreOptions {
  readonly config: LongTermStoreConfig;
  readonly externalLabels: Labels;
  readonly userAgent: string;
  readonly clock: Clock;
  /** Receives a message if changed certificates cannot be used. */
  readonly logger?: Logger | undefined;
  readonly observer: StoreObserver;
  /** Records failures of the store. The record is kept if a new configuration has the same store. */
  readonly backoff: FailureBackoff;
}

interface Exchange {
  /** Aborts the request. */
  readonly signal: AbortSignal;
  /** Records whether the request waits for the store. If not, the response of the store is being read. */
  waits(isWaiting: boolean): void;
  /**
   * Sets the result of the request; undefined if the result does not show whether the store works. Only the first call
   * has an effect.
   */
  end(outcome: ReadOutcome | undefined): void;
}

/** Maximum number of bytes that are read from an error response. */
const MAX_ERROR_BYTES = 1024;
/** Maximum size in bytes of a frame in a streamed remote read response. */
const MAX_FRAME_BYTES = 50_000_000;
/** HTTP statuses which mean that the request is wrong, not that the store has failed. */
const OWN_FAULT: ReadonlySet<number> = new Set([400, 413, 422]);

/** Error if the store has refused a request. Other requests may still succeed. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** Client of the long-term store, a database that has older data than this server. */
export class LongTermStore {
  readonly #options: StoreOptions;
  readonly #client: HttpClient;
  readonly #backoff: FailureBackoff;
  readonly #server: string;
  #active = 0;
  #isRetired = false;

  private constructor(options: StoreOptions, client: HttpClient) {
    this.#options = options;
    this.#client = client;
    this.#backoff = options.backoff;
    this.#server = `${LONG_TERM_STORE} ${redactUrl(options.config.url)}`;
  }

  /** Opens the client. Rejects if its files cannot be read. */
  static async open(options: StoreOptions): Promise<LongTermStore> {
    const { config, clock, logger } = options;
    return new LongTermStore(options, await createHttpClient(config.httpClient, { clock, logger }));
  }

  get isWell(): boolean {
    return this.#backoff.isWell;
  }

  /**
   * Sends a request to the store, unless the store has just failed. A failure becomes a problem in the result, not an
   * exception.
   */
  async read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead> {
    const { kind } = selection.wanted ?? { kind: "samples" };
    const { request, added } = this.#requestOf(selection);
    // Returns no values, because series of this server do not have an external label.
    if (selection.wanted?.kind === "label values" && added.includes(selection.wanted.name)) return NOTHING;
    const attempt = this.#backoff.begin();
    if (typeof attempt === "string") {
      this.#options.observer.ended(kind, "skipped", 0, 0);
      return { ...NOTHING, problems: [`${this.#server}: ${attempt}`] };
    }
    const exchange = this.#begin(kind, attempt, signal);
    try {
      const { form, body } = await this.#send(request, exchange.signal);
      const pieces = bytesOf(body, exchange);
      const answer = { form, added, maxFrameBytes: MAX_FRAME_BYTES, server: this.#server, body: pieces };
      return {
        answers: [answer],
        problems: [],
        close(outcome) {
          body.destroy();
          exchange.end(outcome);
        },
      };
    } catch (error) {
      if (signal?.aborted === true) {
        exchange.end(undefined);
        throw signal.reason;
      }
      const problem = error instanceof Error ? error.message : String(error);
      exchange.end({ problem, isOurs: error instanceof RefusedError, samples: 0 });
      return { ...NOTHING, problems: [`${this.#server}: ${problem}`] };
    }
  }

  /** Refuses new requests. Closes the connections when the last response has been read. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    if (this.#isRetired && this.#active === 0) void this.#client.close();
  }

  /** Begins a request with a timeout. Records only the first result of the request. */
  #begin(kind: WantedData["kind"], attempt: Attempt, signal: AbortSignal | undefined): Exchange {
    const { clock, config } = this.#options;
    const since = clock.monotonic();
    const stopped = new AbortController();
    const timeout = `no whole answer within ${formatGoDuration(config.timeoutMs)}`;
    let waitsSince: number | undefined = since;
    let isLarge = false;
    const cancelTimer = clock.after(config.timeoutMs, () => {
      // If the store is still sending data at the timeout, the response is only too large, because the store works.
      isLarge = waitsSince === undefined || clock.monotonic() - waitsSince < config.timeoutMs / 2;
      stopped.abort(new Error(timeout));
    });
    const onAbort = (): void => stopped.abort(signal!.reason);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    this.#active++;
    let isOver = false;
    return {
      signal: stopped.signal,
      waits: (isWaiting) => void (waitsSince = isWaiting ? clock.monotonic() : undefined),
      end: (outcome) => {
        if (isOver) return;
        isOver = true;
        cancelTimer();
        signal?.removeEventListener("abort", onAbort);
        this.#active--;
        const seconds = (clock.monotonic() - since) / 1000;
        this.#note(kind, attempt, isLarge && outcome !== undefined ? { ...outcome, isOurs: true } : outcome, seconds);
        this.#closeIfIdle();
      },
    };
  }

  #note(kind: WantedData["kind"], attempt: Attempt, outcome: ReadOutcome | undefined, seconds: number): void {
    const { observer } = this.#options;
    const wasWell = this.isWell;
    const ended = (result: StoreOutcome): void => observer.ended(kind, result, seconds, outcome?.samples ?? 0);
    if (outcome === undefined) {
      attempt.left();
      ended("canceled");
    } else if (outcome.problem === undefined || outcome.isOurs === true) {
      attempt.succeeded();
      ended(outcome.problem === undefined ? "success" : "refused");
      if (!wasWell) observer.changed(undefined);
    } else {
      attempt.failed(outcome.problem);
      ended("failure");
      if (wasWell) observer.changed(outcome.problem);
    }
  }

  async #send(
    selection: RemoteSelection,
    signal: AbortSignal,
  ): Promise<{ readonly form: RemoteAnswerHead["form"]; readonly body: Readable }> {
    const { config, userAgent } = this.#options;
    const { method, path, headers, body, form } = storeRequest(config.read, selection);
    const response = await this.#request(config.url + path, {
      method,
      headers: { "User-Agent": userAgent, ...headers, ...Object.fromEntries(config.headers) },
      ...(body !== undefined && { body }),
      signal,
    });
    // Ignores the error that a body emits if it is not read to its end.
    response.body.on("error", () => undefined);
    const { statusCode, statusText } = response;
    if (statusCode < 200 || statusCode > 299) {
      const text = await problemIn(response.body, signal);
      response.body.destroy();
      const problem = `${path.replace(/\?.*/s, "")} answered ${statusCode} ${statusText}: ${text}`;
      throw OWN_FAULT.has(statusCode) ? new RefusedError(problem) : new Error(problem);
    }
    if (form !== undefined) return { form, body: response.body };
    const contentType = String(response.headers["content-type"] ?? "");
    if (contentType.startsWith("application/x-streamed-protobuf")) return { form: "chunks", body: response.body };
    if (contentType.startsWith("application/x-protobuf")) return { form: "samples", body: response.body };
    response.body.destroy();
    throw new Error(`the response to a remote read has the content type "${contentType}"`);
  }

  async #request(
    url: string,
    request: NonNullable<Parameters<HttpClient["request"]>[1]> & { readonly signal: AbortSignal },
  ): ReturnType<HttpClient["request"]> {
    try {
      return await this.#client.request(url, request);
    } catch (cause) {
      const { signal } = request;
      const reason: unknown = signal.aborted ? signal.reason : cause;
      throw new Error(reason === signal.reason && reason instanceof Error ? reason.message : failureReason(cause), {
        cause,
      });
    }
  }

  /**
   * Adds this server's external labels as matchers, except labels that already have a matcher. Cuts off times before
   * 1970, for which stores have no data.
   */
  #requestOf(selection: RemoteSelection): { readonly request: RemoteSelection; readonly added: readonly string[] } {
    const { externalLabels } = this.#options;
    const missing = [...externalLabels].filter(([name]) => !selection.matchers.some((one) => one.name === name));
    const added = missing.map(([name, value]) => ({ type: "=" as const, name, value }));
    const { wanted } = selection;
    return {
      request: {
        ...selection,
        // Increases the limit, because the names of external labels will be removed from the result.
        ...(wanted?.kind === "label names" &&
          (wanted.limit ?? 0) > 0 && { wanted: { ...wanted, limit: wanted.limit! + added.length } }),
        minTime: Math.max(0, selection.minTime),
        maxTime: Math.max(0, selection.maxTime),
        matchers: [...selection.matchers, ...added],
      },
      added: added.map(({ name }) => name),
    };
  }
}

const NOTHING: RemoteRead = { answers: [], problems: [], close: () => {} };

async function problemIn(body: Readable, signal: AbortSignal): Promise<string> {
  try {
    return (await beginningOf(body, MAX_ERROR_BYTES)).trim();
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** Yields the pieces of a response, and records when it waits for the next piece. */
async function* bytesOf(body: Readable, exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { signal } = exchange;
  try {
    exchange.waits(true);
    for await (const piece of body as AsyncIterable<Buffer>) {
      exchange.waits(false);
      yield piece;
      exchange.waits(true);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : new Error(failureReason(error), { cause: error });
  }
}
