import {
  FRAMES_MEDIA_TYPE,
  type FrameAnswer,
  type JsonObject,
  type PanelQuery,
  readFrames,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { rootPath } from "../../api/root-path.ts";
import { ApiError, send } from "../../api/request.ts";
import { whileSignedIn } from "./while-signed-in.ts";

/** Maximum number of requests that a browser sends to one host at once. */
const MAX_AT_ONCE = 6;

/** Limits the number of requests that run at the same time. Waiting requests start in the order of their calls. */
class Turns {
  #free = MAX_AT_ONCE;
  readonly #waiting: (() => void)[] = [];

  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

const turns = new Turns();

export const queryJson = (queries: readonly PanelQuery[]): readonly JsonObject[] =>
  queries.map(({ refId, datasource, intervalMs, maxDataPoints, source }) => ({
    ...source,
    refId,
    datasource,
    intervalMs,
    maxDataPoints,
  }));

/** Returns the body of a request for queries over a range. */
export const queryRequest = (queries: readonly PanelQuery[], range: ResolvedTimeRange): JsonObject => ({
  from: String(range.from),
  to: String(range.to),
  queries: queryJson(queries),
});

const postQueries = (json: JsonObject, signal: AbortSignal): Promise<Response> =>
  whileSignedIn(
    send(`${rootPath}/api/ds/query`, {
      method: "POST",
      json,
      signal,
      accept: FRAMES_MEDIA_TYPE,
      // If some queries failed, the response has an error status but contains the results and errors of all queries.
      isAnswer: ({ headers }) => headers.get("content-type") === FRAMES_MEDIA_TYPE,
    }),
  );

/**
 * Sends queries to the server. Returns the answers by refId.
 * @throws {ApiError} if there is no response
 */
export function sendQueries(
  queries: readonly PanelQuery[],
  range: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FrameAnswer>> {
  const json = queryRequest(queries, range);
  return turns.run(signal, async () => {
    const response = await postQueries(json, signal);
    const body = new Uint8Array(await response.arrayBuffer());
    try {
      return readFrames(body);
    } catch {
      throw new ApiError("http", response.status, "The server's response contains no frames.");
    }
  });
}
