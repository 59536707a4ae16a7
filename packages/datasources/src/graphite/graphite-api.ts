import { JsonProblem } from "@narthex/http/answer";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import { errorText, isUnauthorized, shownText, statusOfAnswer, unauthorized } from "../outgoing/answer-failure.ts";
import type { SourceClient, SourceResponse } from "../outgoing/source-client.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import type { TimeRange } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";

/** The HTTP API of Graphite. A failed call rejects with QueryFailure. Answers are read completely. */
export class GraphiteApi {
  readonly #client: SourceClient;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(client: SourceClient, clock: Clock, timeoutMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a request. Parameters of a GET request are part of the address, those of a POST request are its body. */
  async send(method: "GET" | "POST", path: string, parameters: URLSearchParams, call: ApiCall): Promise<Uint8Array> {
    const request = { method, path, parameters, timeoutMs: this.#timeoutMs, account: call.count };
    const response = await this.#client.send(request, call.signal);
    try {
      if (response.status !== 200) throw await refusal(response);
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body) pieces.push(piece);
      return Buffer.concat(pieces);
    } finally {
      response.close();
    }
  }

  /** Returns the result of a reader. Rejects with QueryFailure if the answer is not one of Graphite. */
  async read<T>(steps: Steps<T>): Promise<T> {
    try {
      return await runInTimeSlices(this.#clock, steps);
    } catch (error) {
      throw error instanceof JsonProblem
        ? new QueryFailure(502, `the data source does not answer as Graphite does: ${error.message}`)
        : error;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Adds a range in seconds to parameters. */
export function withRange(parameters: URLSearchParams, { from, to }: TimeRange): URLSearchParams {
  parameters.set("from", String(Math.floor(from / 1000)));
  parameters.set("until", String(Math.ceil(to / 1000)));
  return parameters;
}

async function refusal(response: SourceResponse): Promise<QueryFailure> {
  const { status, statusText } = response;
  if (isUnauthorized(status)) return unauthorized();
  const text = shownText(withoutTags(await errorText(response)));
  const said = text === "" ? "" : `: ${text}`;
  if (status === 500)
    return new QueryFailure(
      502,
      `the data source answered 500 ${statusText}${said}; Graphite does so for wrong arguments of a function: check the target`,
    );
  return new QueryFailure(statusOfAnswer(status), `the data source answered ${status} ${statusText}${said}`);
}

/** Returns the title of a page of HTML, because old servers answer errors with such a page, or the text itself. */
function withoutTags(text: string): string {
  if (!text.trimStart().startsWith("<")) return text;
  const open = text.indexOf("<title>");
  const close = text.indexOf("</title>");
  return open < 0 || close < open ? "" : text.slice(open + "<title>".length, close);
}
