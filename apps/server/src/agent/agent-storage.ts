import { resolve } from "node:path";
import type { PrometheusConfig } from "@narthex/config";
import { invariant, makeDataFolder } from "@narthex/runtime";
import type { Appendable } from "@narthex/storage";
import { type AgentOptions, type AgentStorage, openAgent, type SentLog } from "@narthex/tsdb";
import type { Context } from "../context.ts";
import { type ServerFeature, StartError } from "../server-feature.ts";
import { segmentBytes, segmentSizeProblem } from "../storage/segment-size.ts";
import { openingProblem } from "../storage/server-storage.ts";
import { returnStartMemoryLater } from "../storage/start-memory.ts";
import { replayRoute } from "../storage/status-routes.ts";
import { tsdbFamilies } from "../storage/tsdb-metrics.ts";

const AGENT_FLAG = "--storage.agent.path";
const SEGMENT_FLAG = "storage.agent.wal-segment-size";

/** Storage of an agent. Samples may be written only after `start()`. */
export interface AgentStorageFeature extends ServerFeature {
  readonly appendable: Appendable;
  readonly agent: AgentStorage;
  /**
   * Sets the function that returns the position in the write-ahead log up to which samples were sent. Samples after
   * this position are kept.
   */
  followedBy(sent: () => SentLog): void;
}

export const agentFolder = ({ host, flags }: Context): string => resolve(host.cwd, flags["storage.agent.path"]);

/** Opens storage that keeps samples in a write-ahead log until remote write has sent them. */
export function openAgentStorage(context: Context): AgentStorageFeature {
  const progress = { min: 0, max: 0, current: 0 };
  let storage: AgentStorage | undefined;
  let sentLog: (() => SentLog) | undefined;
  let cancel = (): void => {};
  const opened = (): AgentStorage => {
    invariant(storage !== undefined, "storage is used only after it was opened");
    return storage;
  };
  return {
    name: "storage",
    appendable: { appender: (options) => opened().appender(options) },
    get agent() {
      return opened();
    },
    followedBy: (sent) => void (sentLog = sent),
    async start() {
      storage = await openFolder(context, progress);
      if (sentLog !== undefined) storage.followedBy(sentLog);
      cancel = returnStartMemoryLater(context.clock);
    },
    async stop() {
      cancel();
      await storage?.close();
    },
    apply: [{ name: "storage", prepare: (config) => ({ apply: () => useWindow(opened(), config), discard() {} }) }],
    routes: { api: (app) => replayRoute(app, progress) },
    metrics: [() => (storage === undefined ? [] : tsdbFamilies(storage.collect()))],
  };
}

function useWindow(storage: AgentStorage, config: PrometheusConfig): void {
  storage.outOfOrderWindowMs = config.storage.outOfOrderTimeWindowMs;
}

/** Opens the data folder. Throws a StartError if another process uses the folder, or if it cannot be used. */
async function openFolder(context: Context, progress: AgentOptions["progress"]): Promise<AgentStorage> {
  const problem = segmentSizeProblem(SEGMENT_FLAG, context.flags[SEGMENT_FLAG]);
  if (problem !== undefined) throw new StartError("Opening storage failed", { cause: problem });
  try {
    const folder = agentFolder(context);
    makeDataFolder(folder, AGENT_FLAG);
    return await openAgent(folder, { ...optionsOf(context), progress });
  } catch (error) {
    if (context.host.stopping.aborted) throw new StartError("told to stop");
    const cause = openingProblem(error, AGENT_FLAG);
    if (cause === undefined) throw error;
    throw new StartError("Opening storage failed", { cause });
  }
}

const optionsOf = ({ host, clock, logger, flags, featureFlags, configuration }: Context): AgentOptions => ({
  clock,
  logger: logger.child({ component: "tsdb" }),
  walCompression: flags["storage.agent.wal-compression"] ? flags["storage.agent.wal-compression-type"] : "none",
  walSegmentBytes: segmentBytes(flags[SEGMENT_FLAG]),
  truncateFrequencyMs: flags["storage.agent.wal-truncate-frequency"],
  minTimeMs: flags["storage.agent.retention.min-time"],
  maxTimeMs: flags["storage.agent.retention.max-time"],
  outOfOrderTimeWindowMs: configuration.current.storage.outOfOrderTimeWindowMs,
  startTimestamps: featureFlags.has("st-storage"),
  startsAsZeros: featureFlags.has("created-timestamp-zero-ingestion"),
  lockFile: !flags["storage.agent.no-lockfile"],
  signal: host.stopping,
});
