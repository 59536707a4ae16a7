import type { Clock } from "@narthex/runtime";
import { errorText, isUnauthorized, shownText, statusOfAnswer, unauthorized } from "../outgoing/answer-failure.ts";
import { readJson } from "../outgoing/read-json.ts";
import type { SourceClient } from "../outgoing/source-client.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";

/** Sends GET requests to a server of traces. A failed call rejects with QueryFailure. */
export class TraceServer {
  readonly #client: SourceClient;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(client: SourceClient, clock: Clock, timeoutMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Returns the JSON of an answer, or undefined if the server answers with status 404. */
  async find(path: string, parameters: URLSearchParams, call: ApiCall): Promise<unknown> {
    const request = { method: "GET", path, parameters, timeoutMs: this.#timeoutMs, account: call.count } as const;
    const response = await this.#client.send(request, call.signal);
    try {
      const { status, statusText } = response;
      if (status === 404) return undefined;
      if (status >= 200 && status < 300) return await readJson(response, this.#clock);
      if (isUnauthorized(status)) throw unauthorized();
      const said = shownText(await errorText(response));
      throw new QueryFailure(
        statusOfAnswer(status),
        `the data source answered ${status} ${statusText}${said === "" ? "" : `: ${said}`}`,
      );
    } finally {
      response.close();
    }
  }

  /** Returns the JSON of an answer. A status 404 is an error. */
  async get(path: string, parameters: URLSearchParams, call: ApiCall): Promise<unknown> {
    const found = await this.find(path, parameters, call);
    if (found === undefined)
      throw new QueryFailure(502, `the data source answered 404 to ${path}; check its URL and its kind`);
    return found;
  }

  /** Reports whether the server answers a path with a success. The answer need not be JSON. */
  async answers(path: string, call: ApiCall): Promise<boolean> {
    const parameters = new URLSearchParams();
    const request = { method: "GET", path, parameters, timeoutMs: this.#timeoutMs, account: call.count } as const;
    const response = await this.#client.send({ ...request, accept: "*/*" }, call.signal);
    response.close();
    if (isUnauthorized(response.status)) throw unauthorized();
    return response.status >= 200 && response.status < 300;
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
