import type { Readable } from "node:stream";
import { redactUrl, type RemoteReadConfig } from "@narthex/config";
import { beginningOf, createHttpClient, describeFailure, type DialCounts, type HttpClient } from "@narthex/http";
import { formatGoDuration, type Labels, trimLetters } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import type { RemoteAnswer, RemoteSelection } from "../source/remote-reader.ts";
import { writeReadRequest } from "./write-request.ts";

/** Receives the results of remote reads from another server, for metrics. */
export interface EndpointObserver {
  /** Callback when a request begins. The returned function is called when the response has been read or abandoned. */
  begin(): () => void;
  /** Callback when a response begins. `seconds` is the time since the request. */
  answered(type: AnswerType, seconds: number): void;
  /**
   * Callback for each response, with its HTTP status or another result. Called at the end of a chunked response, and at
   * the start of other responses.
   */
  ended(type: AnswerType, code: string): void;
}

type AnswerType = "sampled" | "chunked" | "unsupported";

export interface EndpointOptions {
  readonly config: RemoteReadConfig;
  readonly externalLabels: Labels;
  readonly userAgent: string;
  readonly clock: Clock;
  /** Counters of the connections to the other server. */
  readonly dials?: DialCounts | undefined;
  /** Receives a message if changed certificates cannot be used. */
  readonly logger?: Logger | undefined;
  readonly observer: EndpointObserver;
  /** Returns the time in epoch ms since which this server has its own data. */
  readonly localStart: () => number;
}

/** Maximum number of bytes that are read from an error response. */
const MAX_ERROR_BYTES = 64 * 1024;
const SAMPLED = "application/x-protobuf";
const CHUNKED = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";

/** A response that is being read. close() ends the reading early. */
export interface EndpointAnswer extends RemoteAnswer {
  close(): void;
}

/** Another server from which samples are read by remote read. */
export class RemoteEndpoint {
  readonly #options: EndpointOptions;
  readonly #client: HttpClient;
  #active = 0;
  #isRetired = false;

  private constructor(options: EndpointOptions, client: HttpClient) {
    this.#options = options;
    this.#client = client;
  }

  /**
   * Opens the client for another server. Rejects if files of the configuration, such as certificates, cannot be read.
   */
  static async open(options: EndpointOptions): Promise<RemoteEndpoint> {
    const { config, clock, dials, logger } = options;
    return new RemoteEndpoint(options, await createHttpClient(config.httpClient, { clock, dials, logger }));
  }

  /**
   * Returns whether a query that begins at `minTime` may need data of the other server. This is the case if `minTime`
   * is at or before the start of this server's own data, or if `readRecent` is set.
   */
  concerns(minTime: number): boolean {
    return this.#options.config.readRecent || minTime <= this.#options.localStart();
  }

  /** Returns whether the other server must be asked for a selector in a time range. */
  wants({ minTime, matchers }: RemoteSelection): boolean {
    const { requiredMatchers } = this.#options.config;
    const isSaid = (name: string, value: string): boolean =>
      matchers.some((matcher) => matcher.type === "=" && matcher.name === name && matcher.value === value);
    return this.concerns(minTime) && requiredMatchers.every(({ name, value }) => isSaid(name, value));
  }

  /** Sends a request to the server. Rejects with Prometheus' error messages. */
  async read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<EndpointAnswer> {
    const { config, clock, observer, userAgent } = this.#options;
    const { request, added } = this.#requestOf(selection);
    const stopped = new AbortController();
    const timeoutMs = config.remoteTimeoutMs;
    const timeout = `context deadline exceeded: request timed out after ${formatGoDuration(timeoutMs)}`;
    const cancelTimer = clock.after(timeoutMs, () => stopped.abort(new Error(timeout)));
    const onAbort = (): void => stopped.abort(signal!.reason);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    const ended = observer.begin();
    this.#active++;
    const close = once((): void => {
      cancelTimer();
      signal?.removeEventListener("abort", onAbort);
      ended();
      this.#active--;
      this.#closeIfIdle();
    });
    try {
      const since = clock.monotonic();
      const response = await this.#send(request, userAgent, stopped.signal);
      const { type, code } = await accepted(config.url, response);
      observer.answered(type, (clock.monotonic() - since) / 1000);
      if (type !== "chunked") observer.ended(type, code);
      if (type === "unsupported") {
        response.body.destroy();
        throw new Error(`unsupported content type: ${contentTypeOf(response)}`);
      }
      const leave = once((isWhole: boolean): void => {
        if (type === "chunked") observer.ended(type, isWhole ? code : "aborted_stream");
        if (!isWhole) response.body.destroy();
        close();
      });
      return {
        form: type === "sampled" ? "samples" : "chunks",
        added,
        maxFrameBytes: config.chunkedReadLimit,
        body: bytesOf(response.body, stopped.signal, leave),
        close: () => leave(false),
      };
    } catch (error) {
      close();
      throw error;
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

  async #send(request: RemoteSelection, userAgent: string, signal: AbortSignal): Promise<Response> {
    const { url, headers } = this.#options.config;
    try {
      const response = await this.#client.request(url, {
        method: "POST",
        headers: {
          "Content-Encoding": "snappy",
          "Accept-Encoding": "snappy",
          "Content-Type": "application/x-protobuf",
          "User-Agent": userAgent,
          "X-Prometheus-Remote-Read-Version": "0.1.0",
          ...Object.fromEntries(headers),
        },
        body: writeReadRequest(request),
        signal,
      });
      // Ignores the error that a body emits if it is not read to its end.
      response.body.on("error", () => undefined);
      return response;
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      throw new Error(`error sending request: ${describeFailure("POST", url, reason)}`, { cause: error });
    }
  }

  /**
   * Adds this server's external labels as matchers, because series of the other server have these labels. Skips labels
   * that already have a matcher.
   */
  #requestOf(selection: RemoteSelection): { readonly request: RemoteSelection; readonly added: readonly string[] } {
    const { config, externalLabels, localStart } = this.#options;
    const maxTime = config.readRecent ? selection.maxTime : Math.min(selection.maxTime, localStart());
    if (!config.filterExternalLabels) return { request: { ...selection, maxTime }, added: [] };
    const missing = [...externalLabels].filter(([name]) => !selection.matchers.some((one) => one.name === name));
    const added = missing.map(([name, value]) => ({ type: "=" as const, name, value }));
    return {
      request: { ...selection, maxTime, matchers: [...selection.matchers, ...added] },
      added: added.map(({ name }) => name),
    };
  }
}

type Response = Awaited<ReturnType<HttpClient["request"]>>;

const contentTypeOf = ({ headers }: Response): string => String(headers["content-type"] ?? "");

/** Returns the form of a response. Rejects with the other server's message if that server refused the request. */
async function accepted(
  url: string,
  response: Response,
): Promise<{ readonly type: AnswerType; readonly code: string }> {
  const { statusCode, statusText } = response;
  if (statusCode < 200 || statusCode > 299) {
    const text = trimLetters(await beginningOf(response.body, MAX_ERROR_BYTES), "\n");
    throw new Error(`remote server ${redactUrl(url)} returned http status ${statusCode} ${statusText}: ${text}`);
  }
  const contentType = contentTypeOf(response);
  const type = contentType.startsWith(SAMPLED)
    ? "sampled"
    : contentType.startsWith(CHUNKED)
      ? "chunked"
      : "unsupported";
  return { type, code: String(statusCode) };
}

async function* bytesOf(
  body: Readable,
  signal: AbortSignal,
  leave: (isWhole: boolean) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body as AsyncIterable<Buffer>) yield piece;
    leave(true);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    leave(false);
  }
}

function once<A extends readonly unknown[]>(run: (...args: A) => void): (...args: A) => void {
  let isDone = false;
  return (...args) => {
    if (isDone) return;
    isDone = true;
    run(...args);
  };
}
