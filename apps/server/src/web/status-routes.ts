import { hostname } from "node:os";
import { getHeapStatistics } from "node:v8";
import { access, sendSuccess } from "@narthex/http";
import type { BuildInfo } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { flags as flagTable, type ServerFlags } from "../flags.ts";
import { retentionOf } from "../storage/retention.ts";

interface Options {
  readonly context: Context;
  readonly corruptions: () => number;
  /** Returns problems of files that are read again at run time, to be added to runtimeinfo as fields. */
  readonly problems: () => Readonly<Record<string, string>>;
}

export function statusRoutes(app: FastifyInstance, options: Options): void {
  const { build, flags } = options.context;
  const printed = printedFlags(flags);
  app.get("/status/flags", access("read"), async (_request, reply) => sendSuccess(reply, { data: printed }));
  app.get("/status/buildinfo", access("read", { series: "none" }), async (_request, reply) =>
    sendSuccess(reply, { data: flags["rules.api.path"] === "" ? buildData(build) : withRulesApi(build) }),
  );
  app.get("/status/runtimeinfo", access("read", { series: "none" }), async (_request, reply) =>
    sendSuccess(reply, { data: runtimeData(options) }),
  );
}

/** Returns all flag values as the flags page shows them. */
function printedFlags(values: ServerFlags): Readonly<Record<string, string>> {
  const printed = Object.entries(flagTable).map(([name, flag]): [string, string] => [
    name,
    (flag as { print(value: unknown): string }).print(values[name as keyof typeof values]),
  ]);
  return Object.fromEntries(printed.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const buildData = (build: BuildInfo): Readonly<Record<string, string>> => ({
  version: build.version,
  revision: build.revision,
  branch: build.branch,
  buildUser: build.buildUser,
  buildDate: build.buildDate,
  goVersion: build.goVersion,
  narthexVersion: build.narthex,
});

/** Adds the field by which Grafana knows that it can edit rules here. */
const withRulesApi = (build: BuildInfo): Readonly<Record<string, unknown>> => ({
  ...buildData(build),
  features: { ruler_config_api: "true" },
});

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

function runtimeData({ context, corruptions, problems }: Options): Readonly<Record<string, unknown>> {
  const { clock, configuration, flags, host, state } = context;
  const { success, time } = configuration.lastReload;
  return {
    startTime: rfc3339(state.startedAt),
    CWD: host.cwd,
    hostname: hostname(),
    serverTime: rfc3339(clock.now()),
    reloadConfigSuccess: success,
    lastConfigTime: rfc3339(time).replace(/\.\d+Z$/, "Z"),
    corruptionCount: corruptions(),
    goroutineCount: process.getActiveResourcesInfo().length,
    GOMAXPROCS: navigator.hardwareConcurrency,
    GOMEMLIMIT: getHeapStatistics().heap_size_limit,
    GOGC: "75",
    GODEBUG: "",
    storageRetention: flags.agent ? "" : retentionOf(flags, configuration.current).text,
    ...problems(),
  };
}
