import { resolve } from "node:path";
import { Labels } from "@narthex/model";
import { RemoteEndpoint, RemoteEndpoints, remoteReadQueryable } from "@narthex/querying";
import type { Host } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { openReadOnly } from "@narthex/tsdb";
import { connectionOf, ServerError, USER_AGENT } from "../server-client.ts";
import { databasePath, failureText } from "../tsdb/database.ts";
import { withLocalLabels } from "./local-labels.ts";

/** Values of flags with the place of stored samples: a data folder, or a server with remote read. */
interface HistoryPlace {
  readonly tsdb: string;
  readonly url: string;
  readonly "http.config.file": string;
}

export interface History extends AsyncDisposable {
  readonly queryable: Queryable;
  /** Is aborted with a ServerError if samples cannot be read, because a backtest without them would be wrong. */
  readonly signal: AbortSignal;
  /** Parts of the data that could not be read. */
  readonly problems: readonly string[];
}

const TIMEOUT_MS = 120_000;
const MAX_FRAME_BYTES = 50 * 1024 * 1024;

/**
 * Opens stored samples, and prints which parts of the data cannot be read. Throws ServerError with a text for the user.
 * @param externalLabels external labels of the server, which its series have in answers to remote read
 */
export async function openHistory(host: Host, place: HistoryPlace, externalLabels = Labels.EMPTY): Promise<History> {
  const history =
    place.tsdb === "" ? await openServerHistory(host, place, externalLabels) : await openFolder(host, place.tsdb);
  for (const problem of history.problems) host.stderr(`${problem}\n`);
  return history;
}

async function openFolder(host: Host, folder: string): Promise<History> {
  const path = databasePath(host, folder);
  try {
    const db = await openReadOnly(path.real, { maxTime: Infinity });
    return {
      queryable: db,
      signal: new AbortController().signal,
      problems: db.problems,
      [Symbol.asyncDispose]: () => Promise.resolve(db[Symbol.dispose]()),
    };
  } catch (cause) {
    const text = failureText(cause, path);
    if (text === undefined) throw cause;
    throw new ServerError(`opening the data folder ${resolve(host.cwd, folder)}: ${text}`, { cause });
  }
}

async function openServerHistory(host: Host, place: HistoryPlace, externalLabels: Labels): Promise<History> {
  const { base, config, userInfo } = connectionOf(host, place.url, place["http.config.file"]);
  const endpoint = await RemoteEndpoint.open({
    config: {
      url: `${base}/api/v1/read`,
      remoteTimeoutMs: TIMEOUT_MS,
      chunkedReadLimit: MAX_FRAME_BYTES,
      headers: new Map(Object.entries(userInfo)),
      readRecent: true,
      name: "backtest",
      httpClient: config,
      requiredMatchers: [],
      filterExternalLabels: false,
      position: { line: 0, column: 0 },
    },
    externalLabels: Labels.EMPTY,
    userAgent: USER_AGENT,
    clock: host.clock,
    observer: { begin: () => () => undefined, answered: () => undefined, ended: () => undefined },
    localStart: () => Infinity,
  });
  const endpoints = new RemoteEndpoints();
  endpoints.replace([endpoint]);
  const stop = new AbortController();
  return {
    queryable: failing(withLocalLabels(remoteReadQueryable(endpoints), externalLabels), stop),
    signal: stop.signal,
    problems: [],
    [Symbol.asyncDispose]: () => Promise.resolve(endpoint.retire()),
  };
}

/** Returns a storage that aborts `stop` if samples could not be read. */
const failing = (remote: Queryable, stop: AbortController): Queryable => ({
  querier(minTime, maxTime) {
    const querier = remote.querier(minTime, maxTime);
    return {
      async select(matchers, hints) {
        const set = await querier.select(matchers, hints);
        if (set.warnings.length > 0) stop.abort(new ServerError(`reading samples: ${set.warnings.join("; ")}`));
        stop.signal.throwIfAborted();
        return set;
      },
      labelNames: (matchers, hints) => querier.labelNames(matchers, hints),
      labelValues: (name, matchers, hints) => querier.labelValues(name, matchers, hints),
      close: () => querier.close(),
    };
  },
});
