import { type ResponseHead, describeFailure, type HttpClient, responseHead } from "@narthex/http";
import type { BodyCollector } from "./body-collector.ts";
import { ScrapeError, StatusError } from "./scrape-error.ts";

type Response = Awaited<ReturnType<HttpClient["request"]>>;

/** One GET request to a target. A collector receives the response. */
export class ScrapeRequest {
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #socketPath: string;
  #abortedBy: Error | undefined;
  #cancel: ((reason: Error) => void) | undefined;

  constructor(client: HttpClient, url: string, headers: Readonly<Record<string, string>>, socketPath: string) {
    this.#client = client;
    this.#url = url;
    this.#headers = headers;
    this.#socketPath = socketPath;
  }

  /** Aborts the request in progress, which then fails with the given reason. */
  abort(reason: Error): void {
    this.#abortedBy ??= reason;
    this.#cancel?.(reason);
  }

  /**
   * Sends the request and reads the response to its end. Throws ScrapeError, also for a response with a status other
   * than 200.
   */
  async run(collector: BodyCollector): Promise<void> {
    try {
      const head = (await this.#download(collector)) ?? (await this.#request(collector));
      if (head.status !== 200) throw new StatusError(head.statusText);
    } catch (error) {
      throw error instanceof ScrapeError ? error : this.#failure(error, collector.head);
    }
  }

  /** Throws the reason of abort() if the request was aborted. */
  check(): void {
    if (this.#abortedBy !== undefined) throw this.#problem(this.#abortedBy, true);
  }

  /**
   * Sends the request through the connection pool, as most requests. Returns undefined if the request needs a feature
   * that only the full client has.
   */
  async #download(collector: BodyCollector): Promise<ResponseHead | undefined> {
    if (this.#client.download === undefined) return undefined;
    const download = this.#client.download(this.#url, this.#headers, collector, this.#socketPath);
    this.#cancel = (reason) => download.cancel(reason);
    const head = await download.answer;
    this.#cancel = undefined;
    return head;
  }

  /** Sends the request with the full client, which supports proxies, redirects and HTTP/2. */
  async #request(collector: BodyCollector): Promise<ResponseHead> {
    collector.reset();
    const controller = new AbortController();
    this.#cancel = (reason) => controller.abort(reason);
    if (this.#abortedBy !== undefined) controller.abort(this.#abortedBy);
    const response = await this.#send(controller.signal);
    const head = responseHead(response);
    collector.begin(head);
    if (head.status !== 200) response.body.on("error", () => undefined).destroy();
    else for await (const chunk of response.body as AsyncIterable<Buffer>) collector.write(chunk, 0, chunk.length);
    return head;
  }

  async #send(signal: AbortSignal): Promise<Response> {
    const headers = this.#headers;
    const send = (): Promise<Response> =>
      this.#client.request(this.#url, { headers, signal, socketPath: this.#socketPath });
    try {
      return await send();
    } catch (error) {
      if (signal.aborted || !lostIdleConnection(error)) throw error;
      return send();
    }
  }

  /**
   * Converts the error of a failed request to a ScrapeError.
   * @param head status and headers of the last response, if one was received
   */
  #failure(error: unknown, head: ResponseHead | undefined): ScrapeError {
    const { requestUrl = this.#url } = error as { requestUrl?: string };
    // Handles a missing response, also if only the target of a redirect did not respond.
    if (head === undefined || requestUrl !== this.#url) return this.#problem(error, false);
    // If the status is not 200, reports the status instead of the error, because the body is not used.
    return head.status === 200 ? this.#problem(error, true) : new StatusError(head.statusText);
  }

  #problem(error: unknown, inBody: boolean): ScrapeError {
    const cause = this.#abortedBy ?? error;
    return new ScrapeError(inBody ? bodyProblem(cause as Error) : describeFailure("GET", this.#url, cause));
  }
}

/**
 * Reports whether the target closed an idle connection before it responded. A target may do so between two scrapes, so
 * the request is sent a second time, as in Go.
 */
function lostIdleConnection(error: unknown): boolean {
  const { code, reusedConnection = false } = error as { code?: string; reusedConnection?: boolean };
  return reusedConnection && (code === "ECONNRESET" || code === "UND_ERR_SOCKET");
}

function bodyProblem(error: Error): string {
  if (error.name === "AbortError" || error.name === "TimeoutError") return "context deadline exceeded";
  const { code } = error as NodeJS.ErrnoException;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" ? "unexpected EOF" : error.message;
}
