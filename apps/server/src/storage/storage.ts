import { resolve } from "node:path";
import type { PrometheusConfig } from "@narthex/config";
import { makeDataFolder, type PreparedChange } from "@narthex/runtime";
import type { TsdbOptions } from "@narthex/tsdb";
import type { Context } from "../context.ts";
import { type FeatureFlags, queryFeatures } from "../feature-flags.ts";
import type { ServerFlags } from "../flags.ts";
import { type Capabilities, type ServerFeature, StartError } from "../server-feature.ts";
import { adminRoutes } from "./admin-routes.ts";
import { compactionOptions, compactionProblem } from "./compaction.ts";
import { downsamplingProblem, downsamplingRules, shortRetentionProblem } from "./downsampling.ts";
import { segmentBytes, segmentSizeProblem } from "./segment-size.ts";
import { exemplarRoute } from "./exemplar-route.ts";
import { DEFAULT_EXEMPLARS, limitsOf, retentionOf } from "./retention.ts";
import { DATA_FLAG, openingProblem, ServerStorage } from "./server-storage.ts";
import { floatEncodingOf, encodingProblem, startTimestampOptions } from "./start-timestamps.ts";
import { replayRoute, storageStatusRoutes } from "./status-routes.ts";
import { tsdbFamilies } from "./tsdb-metrics.ts";

/** The feature for storage. Samples may be read and written only after `start()`. */
export type StorageFeature = ServerFeature & Pick<ServerStorage, "appendable" | "queryable" | "tsdb">;

export function openStorage(context: Context): StorageFeature {
  const { clock, flags, featureFlags, state } = context;
  const storage = new ServerStorage();
  return {
    name: "storage",
    appendable: storage.appendable,
    queryable: storage.queryable,
    get tsdb() {
      return storage.tsdb;
    },
    start: () => openFolder(context, storage),
    stop: () => storage.close(),
    apply: [{ name: "storage", prepare: (config) => prepareStorage(context, storage, config) }],
    routes: {
      api(app) {
        adminRoutes(app, { ready: () => state.phase === "ready", storage, folder: dataFolder(context), clock });
        replayRoute(app, storage.progress);
      },
      apiWhenReady(app) {
        exemplarRoute(app, {
          clock,
          parserOptions: queryFeatures(featureFlags),
          exemplars: (selectors, from, to) => storage.tsdb.exemplars(from, to, selectors),
        });
        storageStatusRoutes(app, storage);
      },
    },
    metrics: [() => (storage.isOpen ? tsdbFamilies(storage.tsdb.collect()) : [])],
    features: { api: { admin: flags["web.enable-admin-api"] }, tsdb: tsdbCapabilities(featureFlags) },
  };
}

export const dataFolder = ({ host, flags }: Context): string => resolve(host.cwd, flags["storage.tsdb.path"]);

/** Opens the data folder. Throws a StartError if another process uses the folder, or if it cannot be used. */
async function openFolder(context: Context, storage: ServerStorage): Promise<void> {
  const { configuration, featureFlags, flags, host } = context;
  const problem =
    segmentSizeProblem("storage.tsdb.wal-segment-size", flags["storage.tsdb.wal-segment-size"]) ??
    compactionProblem(flags) ??
    encodingProblem(featureFlags, configuration.current) ??
    downsamplingRefusal(flags, configuration.current);
  if (problem !== undefined) throw new StartError("Opening storage failed", { cause: problem });
  try {
    const folder = dataFolder(context);
    makeDataFolder(folder, DATA_FLAG);
    await storage.open(folder, optionsOf(context, folder));
  } catch (error) {
    if (host.stopping.aborted) throw new StartError("told to stop");
    const cause = openingProblem(error);
    if (cause === undefined) throw error;
    throw new StartError("Opening storage failed", { cause });
  }
}

const downsamplingRefusal = (flags: ServerFlags, config: PrometheusConfig): string | undefined =>
  downsamplingProblem(flags["config.file"], config) ??
  shortRetentionProblem(config, retentionOf(flags, config).timeMs, flags["storage.tsdb.min-block-duration"]);

function optionsOf({ host, clock, logger, flags, featureFlags, configuration }: Context, folder: string): TsdbOptions {
  const limits = limitsOf(retentionOf(flags, configuration.current), folder);
  return {
    clock,
    logger: logger.child({ component: "tsdb" }),
    retentionMs: limits.timeMs,
    retentionBytes: limits.sizeBytes,
    minBlockDurationMs: flags["storage.tsdb.min-block-duration"],
    maxBlockDurationMs: flags["storage.tsdb.max-block-duration"],
    mergeOverlappingBlocks: flags["storage.tsdb.allow-overlapping-compaction"],
    blockReloadIntervalMs: flags["storage.tsdb.block-reload-interval"],
    downsampling: downsamplingRules(configuration.current),
    coldAfterMs: flags["storage.tsdb.cold-after"],
    walCompression: flags["storage.tsdb.wal-compression"] ? flags["storage.tsdb.wal-compression-type"] : "none",
    walSegmentBytes: segmentBytes(flags["storage.tsdb.wal-segment-size"]),
    walFsync: flags["storage.tsdb.wal-fsync"],
    maxExemplars: exemplarsKept(featureFlags, configuration.current),
    ...compactionOptions(flags, featureFlags, host.cwd, logger),
    outOfOrderTimeWindowMs: configuration.current.storage.outOfOrderTimeWindowMs,
    staleSeriesThreshold: configuration.current.storage.staleSeriesCompactionThreshold,
    ...startTimestampOptions(featureFlags, configuration.current),
    memorySnapshotIntervalMs: flags["storage.tsdb.memory-snapshot-interval"],
    memorySnapshotOnShutdown: featureFlags.has("memory-snapshot-on-shutdown"),
    lockFile: !flags["storage.tsdb.no-lockfile"],
    signal: host.stopping,
  };
}

function prepareStorage(context: Context, storage: ServerStorage, config: PrometheusConfig): PreparedChange {
  const { flags, featureFlags } = context;
  const problem = encodingProblem(featureFlags, config) ?? downsamplingRefusal(flags, config);
  if (problem !== undefined) throw new Error(problem);
  const limits = limitsOf(retentionOf(flags, config), dataFolder(context));
  const window = storage.tsdb.prepareOutOfOrderTimeWindow(config.storage.outOfOrderTimeWindowMs);
  return {
    async apply() {
      storage.tsdb.applyFloatChunkEncoding(floatEncodingOf(featureFlags, config));
      storage.tsdb.applyRetention(limits);
      storage.tsdb.applyDownsampling(downsamplingRules(config));
      storage.tsdb.resizeExemplars(exemplarsKept(featureFlags, config));
      await window.apply();
      storage.tsdb.applyStaleSeriesThreshold(config.storage.staleSeriesCompactionThreshold);
    },
    discard: () => window.discard(),
  };
}

const exemplarsKept = (featureFlags: FeatureFlags, { storage }: PrometheusConfig): number =>
  featureFlags.has("exemplar-storage") ? (storage.maxExemplars ?? DEFAULT_EXEMPLARS) : 0;

const tsdbCapabilities = (featureFlags: FeatureFlags): Capabilities[string] => ({
  delayed_compaction: featureFlags.has("delayed-compaction"),
  exemplar_storage: featureFlags.has("exemplar-storage"),
  isolation: true,
  use_uncached_io: featureFlags.has("use-uncached-io"),
  histograms_st_encoding: featureFlags.has("histograms-st-encoding"),
  metadata_wal_records: featureFlags.has("metadata-wal-records"),
  native_histograms: true,
  st_storage: featureFlags.has("st-storage"),
  xor2_encoding: featureFlags.has("xor2-encoding"),
});
