import { join, resolve } from "node:path";
import type { PrometheusConfig } from "@narthex/config";
import { RemoteWriter } from "@narthex/remote";
import type { TargetViews } from "@narthex/scrape";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";

interface Sources {
  readonly storage: StorageFeature;
  /** What targets say of their metrics now. */
  readonly metadata: () => ReturnType<TargetViews["metadata"]>;
}

/** The thread of the queues ends a little later than they do. */
const GRACE_MS = 5000;

/** Sends what is stored to the destinations of `remote_write`. */
export function openRemoteWriting(context: Context, { storage, metadata }: Sources): ServerFeature {
  const { clock, logger, host, flags, userAgent, state, metrics } = context;
  const folder = resolve(host.cwd, flags["storage.tsdb.path"]);
  const flushMs = flags["storage.remote.flush-deadline"];
  const writer = new RemoteWriter({
    dir: join(folder, "wal"),
    positionsFile: join(folder, "remote-write.db"),
    logEnd: () => storage.tsdb.logEnd(),
    appended: () => ({ ...storage.tsdb.appended(), highestSeconds: Math.floor(storage.tsdb.maxTime / 1000) }),
    metadata: () => Object.entries(metadata()).flatMap(([metric, rows]) => rows.map((row) => ({ metric, ...row }))),
    flushMs,
    userAgent,
    dials: metrics.dialers.of("remote_storage_write_client"),
    env: host.env,
    clock,
    logger: logger.child({ component: "remote" }),
  });
  return {
    name: "remote writing",
    stop: () => writer.stop(),
    stopLimitMs: flushMs + GRACE_MS,
    apply: [{ name: "remote_storage", prepare: (config) => writer.prepare(withStore(config)) }],
    metrics: [() => (state.phase === "starting" ? [] : writer.families())],
  };
}

/** The store for what is older is a destination, unless an entry sends to it already. */
function withStore(config: PrometheusConfig): PrometheusConfig {
  const store = config.longTermStore?.remoteWrite;
  if (store === undefined || config.remoteWrite.some(({ url }) => url === store.url)) return config;
  return { ...config, remoteWrite: [...config.remoteWrite, store] };
}
