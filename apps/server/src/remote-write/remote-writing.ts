import { join } from "node:path";
import { RemoteWriter } from "@narthex/remote";
import type { TargetViews } from "@narthex/scrape";
import type { SentLog, Tsdb } from "@narthex/tsdb";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import { StoreDestination } from "./store-destination.ts";

interface Sources {
  readonly folder: string;
  /** Returns the log of appended samples. May be called only after the start. */
  readonly log: () => Pick<Tsdb, "appended" | "logEnd" | "sharedLogEnd" | "maxTime">;
  readonly metadata: () => ReturnType<TargetViews["metadata"]>;
}

/** Additional time in ms that the thread of the queues gets to end after the queues have ended. */
const GRACE_MS = 5000;

export interface RemoteWritingFeature extends ServerFeature {
  /** Returns the position in the write-ahead log up to which samples were sent. */
  readonly sent: () => SentLog;
}

/** Adds the feature that sends stored samples to the destinations of `remote_write`. */
export function openRemoteWriting(context: Context, { folder, log, metadata }: Sources): RemoteWritingFeature {
  const { clock, logger, host, flags, userAgent, state, metrics } = context;
  const flushMs = flags["storage.remote.flush-deadline"];
  const remoteLogger = logger.child({ component: "remote" });
  const store = new StoreDestination(remoteLogger);
  const writer = new RemoteWriter({
    dir: join(folder, "wal"),
    positionsFile: join(folder, "remote-write.db"),
    logEnd: () => log().logEnd(),
    sharedLogEnd: () => log().sharedLogEnd,
    appended: () => ({ ...log().appended(), highestSeconds: Math.floor(log().maxTime / 1000) }),
    metadata: () => Object.entries(metadata()).flatMap(([metric, rows]) => rows.map((row) => ({ metric, ...row }))),
    flushMs,
    internalErrors: metrics.internalErrors,
    userAgent,
    dials: metrics.dialers.of("remote_storage_write_client"),
    env: host.env,
    clock,
    logger: remoteLogger,
  });
  return {
    name: "remote writing",
    sent: () => writer.sent(),
    stop: () => writer.stop(),
    stopLimitMs: flushMs + GRACE_MS,
    apply: [{ name: "remote_storage", prepare: (config) => writer.prepare(store.added(config)) }],
    metrics: [() => (state.phase === "starting" ? [] : writer.families())],
  };
}
