import { hostname } from "node:os";
import { getHeapStatistics } from "node:v8";
import { ApiError, formValues, goJson, sendJson, sendSuccess } from "@narthex/http";
import type { QueryLane } from "@narthex/querying";
import type { BuildInfo, Clock } from "@narthex/runtime";
import type { BlockMeta, DamagedBlock } from "@narthex/tsdb";
import type { FastifyInstance } from "fastify";

/** Head statistics as `/status/tsdb` shows them. */
export interface TsdbStatus {
  readonly headStats: Readonly<Record<"numSeries" | "numLabelPairs" | "chunkCount" | "minTime" | "maxTime", number>>;
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

export interface StatusSources {
  readonly build: BuildInfo;
  readonly clock: Clock;
  readonly cwd: string;
  readonly startedAt: number;
  /** Flag name to printed value. */
  readonly flags: Readonly<Record<string, string>>;
  readonly configYaml: () => string;
  readonly reload: () => { readonly success: boolean; readonly time: number };
  readonly retention: () => string;
  readonly corruptions: () => number;
  readonly tsdb: (limit: number) => TsdbStatus;
  readonly blocks: () => { readonly blocks: readonly BlockMeta[]; readonly damaged: readonly DamagedBlock[] };
  /** Lanes of queries by name. */
  readonly activeQueries: () => Readonly<Record<string, Pick<QueryLane, "listActive">>>;
  readonly walReplay: () => { readonly min: number; readonly max: number; readonly current: number };
}

const MAX_LIMIT = 10_000;

/** `/status/*`: how the server is built, configured and doing. */
export function statusRoutes(app: FastifyInstance, sources: StatusSources): void {
  const { build } = sources;
  app.get("/status/config", async (_request, reply) => sendSuccess(reply, { data: { yaml: sources.configYaml() } }));
  app.get("/status/flags", async (_request, reply) => sendSuccess(reply, { data: sources.flags }));
  app.get("/status/buildinfo", async (_request, reply) => sendSuccess(reply, { data: buildData(build) }));
  app.get("/status/runtimeinfo", async (_request, reply) => sendSuccess(reply, { data: runtimeData(sources) }));
  app.get("/status/walreplay", async (_request, reply) => sendSuccess(reply, { data: sources.walReplay() }));
  app.get("/status/active_queries", async (_request, reply) =>
    sendSuccess(reply, { data: activeQueries(sources.activeQueries()) }),
  );
  app.get("/status/tsdb/blocks", async (_request, reply) => {
    const { blocks, damaged } = sources.blocks();
    return sendSuccess(reply, { data: damaged.length === 0 ? { blocks } : { blocks, damaged } });
  });
  app.get("/status/tsdb", async (request, reply) => {
    const text = formValues(request).get("limit") ?? "";
    const limit = text === "" ? 10 : Number(text);
    if (!Number.isInteger(limit) || limit < 1) throw new ApiError("bad_data", "limit must be a positive number");
    if (limit > MAX_LIMIT) throw new ApiError("bad_data", `limit must not exceed ${MAX_LIMIT}`);
    return sendJson(reply, `{"status":"success","data":${tsdbJson(sources.tsdb(limit))}}`);
  });
}

/** Times of an empty head are the ends of int64, which no JavaScript number holds. */
const tsdbJson = (status: TsdbStatus): string =>
  goJson(status)
    .replace('"minTime":null', '"minTime":9223372036854775807')
    .replace('"maxTime":null', '"maxTime":-9223372036854775808');

export const buildData = (build: BuildInfo): Readonly<Record<string, string>> => ({
  version: build.version,
  revision: build.revision,
  branch: build.branch,
  buildUser: build.buildUser,
  buildDate: build.buildDate,
  goVersion: build.goVersion,
  narthexVersion: build.narthex,
});

/** Queries that wait or run, the oldest of each lane first. Not an endpoint of Prometheus. */
const activeQueries = (lanes: ReturnType<StatusSources["activeQueries"]>): unknown =>
  Object.entries(lanes).flatMap(([lane, of]) =>
    of.listActive().map(({ text, startedAt, state }) => ({ query: text, lane, state, startTime: rfc3339(startedAt) })),
  );

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

function runtimeData(sources: StatusSources): Readonly<Record<string, unknown>> {
  const { success, time } = sources.reload();
  return {
    startTime: rfc3339(sources.startedAt),
    CWD: sources.cwd,
    hostname: hostname(),
    serverTime: rfc3339(sources.clock.now()),
    reloadConfigSuccess: success,
    lastConfigTime: rfc3339(time).replace(/\.\d+Z$/, "Z"),
    corruptionCount: sources.corruptions(),
    goroutineCount: process.getActiveResourcesInfo().length,
    GOMAXPROCS: navigator.hardwareConcurrency,
    GOMEMLIMIT: getHeapStatistics().heap_size_limit,
    GOGC: "75",
    GODEBUG: "",
    storageRetention: sources.retention(),
  };
}
