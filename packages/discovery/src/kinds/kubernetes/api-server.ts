import type { HttpClient } from "@narthex/http";
import { describeFailure, limitedBody, maskPassword } from "@narthex/http";
import { type Clock, parseJsonInTurns } from "@narthex/runtime";

/** Access to the API server of one cluster, with credentials. */
export interface ApiAccess {
  /** URL of the API server, without a slash at its end. */
  readonly url: string;
  /** Namespace of the pod in which this process runs, or "" if it is unknown or not needed. */
  readonly ownNamespace: string;
  open(): Promise<OpenAccess>;
  /** Must be called if the server refused the credentials. The next open() gets new credentials if possible. */
  refused(): void;
}

export interface OpenAccess {
  readonly http: HttpClient;
  /** HTTP headers for requests to the API server, for example with credentials. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Error for an unsuccessful answer, with the message of the server's Status object. */
export class ApiStatusError extends Error {
  override readonly name = "ApiStatusError";
  readonly status: number;
  /** Delay in ms that the API server's header `Retry-After` requests, or undefined. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /**
   * Whether the requested resource version is no longer in the server's history. The objects must then be listed again.
   */
  get isExpired(): boolean {
    return this.status === 410;
  }

  /**
   * Whether the API server denies access or does not know the kind of object. A retry fails until the cluster is
   * changed.
   */
  get isRefusal(): boolean {
    return this.status === 401 || this.status === 403 || this.status === 404;
  }
}

/** Error if the API server's answer is missing or incomplete, so that the state of the requested objects is unknown. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** A Status object; https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
interface StatusObject {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/**
 * Returns the error that a Status object describes.
 * @param fallback HTTP status of the answer, used if the object has none
 */
export function errorOfStatus(object: unknown, fallback: number): ApiStatusError {
  const { message, reason, code, details } = (object ?? {}) as StatusObject;
  const expired = reason === "Expired" || reason === "Gone";
  const seconds = details?.retryAfterSeconds;
  const status = expired ? 410 : (code ?? fallback);
  return new ApiStatusError(
    status,
    message ?? `the server answered with status ${status}`,
    seconds === undefined || seconds <= 0 ? undefined : seconds * 1000,
  );
}

/** Maximum size in bytes of an API server's answer. A page of 500 objects has a few MB. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** Limits of a request: clock, signal, and the maximum time in ms without receiving a byte. */
export interface RequestLimits {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly silenceMs: number;
}

export interface ApiStream extends AsyncIterable<Uint8Array> {
  /** Stops reading the answer and releases the connection. */
  close(): void;
}

/** Receives the status and duration of requests to the API server, for metrics. */
export interface RequestObserver {
  /** @param status the HTTP status, or `<error>` if there was no answer */
  answered(status: string): void;
  /** Called after a list of objects was read completely or refused. */
  listed(path: string, ms: number): void;
}

/**
 * Sends GET requests to a Kubernetes API server. Rejects with an Error that has the server's message or the message of
 * Go's client.
 */
export class ApiServer {
  readonly #access: ApiAccess;
  readonly #userAgent: string;
  readonly #observer: RequestObserver | undefined;

  constructor(access: ApiAccess, userAgent: string, observer?: RequestObserver) {
    this.#access = access;
    this.#userAgent = userAgent;
    this.#observer = observer;
  }

  async json(path: string, accept: string, patience: RequestLimits): Promise<unknown> {
    const begun = patience.clock.monotonic();
    try {
      const stream = await this.stream(path, accept, patience);
      return await parseJsonInTurns(patience.clock, await textOf(stream, MAX_TEXT_BYTES));
    } finally {
      this.#observer?.listed(path, patience.clock.monotonic() - begun);
    }
  }

  /**
   * Requests a path, and returns the answer's body as a stream. Aborts if no data arrives for `silenceMs`. Rejects with
   * ApiStatusError for an HTTP error.
   */
  async stream(path: string, accept: string, { clock, signal, silenceMs }: RequestLimits): Promise<ApiStream> {
    const url = this.#access.url + path;
    const silence = new AbortController();
    let cancel = (): void => undefined;
    const restartTimeout = (): void => {
      cancel();
      cancel = clock.after(silenceMs, () =>
        silence.abort(new ConnectionError(`${maskPassword(url)}: no data was received for ${silenceMs / 1000} s`)),
      );
    };
    const fail = (error: unknown): Error => {
      cancel();
      if (silence.signal.aborted) return silence.signal.reason as Error;
      if (error instanceof ApiStatusError) return error;
      return new ConnectionError(describeFailure("GET", url, error), { cause: error });
    };
    restartTimeout();
    try {
      const { http, headers } = await this.#access.open();
      const sent = { ...headers, accept, "user-agent": this.#userAgent };
      const send = () => http.request(url, { headers: sent, signal: AbortSignal.any([silence.signal, signal]) });
      // Repeats the request once, because the server may have closed the idle connection just before the request.
      const response = await send().catch((error: unknown) => {
        if (!wasDropped(error)) throw error;
        return send();
      });
      restartTimeout();
      this.#observer?.answered(String(response.statusCode));
      if (response.statusCode !== 200) throw await this.#refusal(response);
      return {
        close: () => silence.abort(new Error("closed")),
        async *[Symbol.asyncIterator]() {
          try {
            for await (const chunk of response.body) {
              restartTimeout();
              yield chunk as Uint8Array;
            }
          } catch (error) {
            throw fail(error);
          } finally {
            cancel();
          }
        },
      };
    } catch (error) {
      const failure = fail(error);
      if (!signal.aborted && failure instanceof ConnectionError) this.#observer?.answered("<error>");
      throw failure;
    }
  }

  async #refusal(response: Awaited<ReturnType<HttpClient["request"]>>): Promise<ApiStatusError> {
    const { statusCode, headers, body } = response;
    if (statusCode === 401) this.#access.refused();
    const text = await textOf(body, MAX_ERROR_BYTES).catch(() => "");
    const after = Number(headers["retry-after"]);
    const refusal = errorOfStatus(parsedOr(text), statusCode);
    return after > 0 ? new ApiStatusError(refusal.status, refusal.message, after * 1000) : refusal;
  }
}

const wasDropped = (error: unknown): boolean =>
  ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException).code ?? "");

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim() === "" ? undefined : { message: text.trim().slice(0, 200) };
  }
}

async function textOf(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  return (await limitedBody(body, limit, () => new Error(`answer is longer than ${limit} bytes`))).toString("utf8");
}
