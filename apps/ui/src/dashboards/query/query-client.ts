import {
  FRAMES_MEDIA_TYPE,
  type FrameAnswer,
  type JsonObject,
  readFrames,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { rootPath } from "../../api/root-path.ts";
import { ApiError, send } from "../../api/request.ts";
import { whileSignedIn } from "./while-signed-in.ts";

/** A query of a panel with its variables filled in, as the role is asked it. */
export interface PanelQuery {
  readonly refId: string;
  readonly datasource: { readonly type?: string; readonly uid?: string };
  readonly intervalMs: number;
  readonly maxDataPoints: number;
  readonly source: JsonObject;
}

/** Requests that a browser sends at once to one host. */
const MOST_AT_ONCE = 6;

/** Lets so many run at once; those that wait go in the order in which they came. */
class Turns {
  #free = MOST_AT_ONCE;
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

/** Queries as the role is sent them. */
export const queryJson = (queries: readonly PanelQuery[]): readonly JsonObject[] =>
  queries.map(({ refId, datasource, intervalMs, maxDataPoints, source }) => ({
    ...source,
    refId,
    datasource,
    intervalMs,
    maxDataPoints,
  }));

/** The body of the request that asks queries over a range. */
export const queryRequest = (queries: readonly PanelQuery[], range: ResolvedTimeRange): JsonObject => ({
  from: String(range.from),
  to: String(range.to),
  queries: queryJson(queries),
});

const sendQueries = (json: JsonObject, signal: AbortSignal): Promise<Response> =>
  whileSignedIn(
    send(`${rootPath}/api/ds/query`, {
      method: "POST",
      json,
      signal,
      accept: FRAMES_MEDIA_TYPE,
      // Some of the queries failed; each says so itself.
      isAnswer: ({ headers }) => headers.get("content-type") === FRAMES_MEDIA_TYPE,
    }),
  );

/** Asks the role; each query is answered by its refId. @throws {ApiError} where there is no answer at all */
export function askQueries(
  queries: readonly PanelQuery[],
  range: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FrameAnswer>> {
  const json = queryRequest(queries, range);
  return turns.run(signal, async () => {
    const response = await sendQueries(json, signal);
    const body = new Uint8Array(await response.arrayBuffer());
    try {
      return readFrames(body);
    } catch {
      throw new ApiError("http", response.status, "The server's answer holds no frames.");
    }
  });
}
