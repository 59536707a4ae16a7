import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type FlagRow,
  expectArrivals,
  expectEveryFlag,
  logRows,
  type ReadyRole,
  RecordedCalls,
  temporaryFolder,
} from "@narthex/runtime/testing";
import { afterAll, test, vi } from "vitest";
import { flags } from "./flags.ts";

/** Modules whose functions and classes receive the values of command-line flags. The test records their calls. */
const PARTS = [
  "@narthex/http",
  "@narthex/querying",
  "@narthex/remote",
  "@narthex/rules",
  "@narthex/scrape",
  "@narthex/tsdb",
  "@narthex/promql",
  "./configuration/configuration.ts",
  "./configuration/watch-configuration.ts",
  "./consoles/user-assets.ts",
  "./metric-usage/usage-route.ts",
  "./objectives/objective-files.ts",
  "./rule-lint/lint-policy.ts",
  "./rules/behaviour-files.ts",
  "./remote-read/read-route.ts",
  "./remote-write/write-route.ts",
  "./rule-urls/pinned-rules.ts",
  "./rule-urls/rule-urls.ts",
  "./search/search-parameters.ts",
  "./server-feature.ts",
  "./storage/admin-routes.ts",
  "./web/cors.ts",
  "./web/external-url.ts",
  "./web/notices.ts",
  "./web/ui-routes.ts",
];

const calls = new RecordedCalls();
for (const part of PARTS) vi.doMock(part, async (original) => calls.record(await original<object>()));
vi.resetModules();
const { main } = await import("./main.ts");
afterAll(() => {
  for (const part of PARTS) vi.doUnmock(part);
  vi.resetModules();
});

const cwd = temporaryFolder();
const file = (name: string, text: string): void => {
  mkdirSync(join(cwd, name, ".."), { recursive: true });
  writeFileSync(join(cwd, name), text);
};
file("prometheus.yml", "");
file("other.yml", "remote_write: [{url: 'http://127.0.0.1:1/'}]\n");
file("web.yml", "");
file("slo.yml", "");
file("behaviour.yml", "");
file("policy.yml", "");
file("pages/index.html", '{{ template "greeting" }}');
file("boards/board.json", JSON.stringify({ panels: [{ type: "stat", targets: [{ expr: "up" }] }] }));
file("libraries/a.lib", '{{ define "greeting" }}hello{{ end }}');

const role = { main, table: flags, calls, cwd, ready: "Server is ready", env: { NARTHEX_UI_DIR: join(cwd, "ui") } };
const ALWAYS = [
  `--config.file=${join(cwd, "prometheus.yml")}`,
  "--web.listen-address=127.0.0.1:0",
  "--query.threads=1",
  "--enable-feature=delayed-compaction,concurrent-rule-eval,search-api",
];

const called =
  (name: string) =>
  ({ calls: recorded }: ReadyRole): boolean =>
    recorded.at(`${name}/0`) !== undefined;

const answer = ({ calls: recorded, fetch: send }: ReadyRole, path: string): Promise<Response> =>
  send(`${String(recorded.at("createHttpServer/0/routePrefix"))}${path}`);

const consolePage = async (ready: ReadyRole): Promise<string> => (await answer(ready, "/consoles/index.html")).text();

async function searchLimit(ready: ReadyRole): Promise<unknown> {
  await answer(ready, "/api/v1/search/metric_names?search=a");
  return ready.calls.at("searchOf/2/maxLimit");
}

async function retention(ready: ReadyRole): Promise<unknown> {
  const { data } = (await (await answer(ready, "/api/v1/status/runtimeinfo")).json()) as {
    data: { storageRetention: string };
  };
  return data.storageRetention;
}

async function usedByDashboards(ready: ReadyRole): Promise<unknown> {
  const { data } = (await (await answer(ready, "/api/v1/narthex/metric-usage")).json()) as {
    data?: { sources: { dashboards: number } };
  };
  return data?.sources.dashboards;
}

async function mcpStatus({ calls: recorded, fetch: send }: ReadyRole): Promise<number> {
  const headers = { "content-type": "application/json" };
  const path = `${String(recorded.at("createHttpServer/0/routePrefix"))}/mcp`;
  return (await send(path, { method: "POST", headers, body: "{" })).status;
}

async function backtestRefusal({ calls: recorded, fetch: send }: ReadyRole): Promise<unknown> {
  const path = `${String(recorded.at("createHttpServer/0/routePrefix"))}/api/v1/narthex/backtest`;
  return (await send(path, { method: "POST" })).status;
}

/** Command-line flags that have no effect. Their help texts say so. */
const WITHOUT_EFFECT = [
  "auto-gomaxprocs",
  "auto-gomemlimit",
  "auto-gomemlimit.ratio",
  "auto-gomemlimit.refresh-interval",
  "storage.agent.checkpoint-from-in-memory-series",
  "storage.agent.checkpoint-batch-size",
  "storage.tsdb.head-chunks-write-queue-size",
  "storage.tsdb.samples-per-chunk",
];

const SHARED: Readonly<Record<string, FlagRow>> = {
  "config.file": [join(cwd, "other.yml"), "Configuration/0/file", "watchConfiguration/0/file"],
  "config.auto-reload": ["true", ["watchConfiguration/0/everyMs", 60_000]],
  "config.auto-reload-interval": ["1m", "watchConfiguration/0/everyMs"],
  "web.listen-address": ["localhost:0", "createHttpServer/0/listen", ["webAddress/2", "localhost:0"]],
  "web.config.file": [join(cwd, "web.yml"), "createHttpServer/0/webConfigFile"],
  "web.read-timeout": ["7m", "createHttpServer/0/readTimeoutMs"],
  "web.max-connections": ["34", "createHttpServer/0/maxConnections"],
  "web.max-notifications-subscribers": ["3", "Notices/1"],
  "web.external-url": ["http://outside/shown", "webAddress/0"],
  "web.route-prefix": ["/inner", "webAddress/1", ["createHttpServer/0/routePrefix", "/inner"]],
  "web.user-assets": ["assets", ["userAssets/1", join(cwd, "assets")]],
  "web.enable-lifecycle": ["true", ["createHttpServer/0/disabled/lifecycle", undefined]],
  "web.enable-own-metrics": ["true", ["SelfMetrics/0/showOurs", true]],
  "web.enable-remote-write-receiver": ["true", [called("WriteReceiver"), true]],
  "web.remote-write-receiver.accepted-protobuf-messages": [
    "prometheus.WriteRequest",
    ["writeRoute/1/accepted/messages", new Set(["prometheus.WriteRequest"])],
  ],
  "web.remote-write-receiver.zstd": ["true", "writeRoute/1/accepted/zstd"],
  "web.enable-otlp-receiver": ["true", [called("OtlpReceiver"), true]],
  "web.page-title": ["Title", ["uiRoutes/1/pageTitle", "Title"]],
  "web.cors.origin": ["http://a", "allowOrigins/1"],
  "scrape.adjust-timestamps": ["false", "ScrapeManager/0/schedule/align"],
  "scrape.timestamp-tolerance": ["3ms", "ScrapeManager/0/schedule/toleranceMs"],
  "scrape.discovery-reload-interval": ["6s", "ScrapeManager/0/syncIntervalMs"],
  "scrape.max-body-memory": ["1GB", "ScrapeManager/0/maxBodyMemory"],
  "storage.remote.flush-deadline": ["9s", "RemoteWriter/0/flushMs"],
  ...logRows("createHttpServer/0/logger"),
};

const SERVER: Readonly<Record<string, FlagRow>> = {
  "web.enable-admin-api": ["true", ["createHttpServer/0/disabled/admin", undefined]],
  "web.console.templates": ["pages", [consolePage, "hello"]],
  "web.console.libraries": ["libraries", [consolePage, "hello"]],
  "web.search.max-limit": ["1234", [searchLimit, 1234]],
  "storage.tsdb.path": [
    "elsewhere",
    ["openTsdb/0", join(cwd, "elsewhere")],
    ["RemoteWriter/0/dir", join(cwd, "elsewhere/wal")],
    [() => readdirSync(join(cwd, "elsewhere")).filter((name) => /queries|usage/.test(name)), ["queries.active"]],
  ],
  "storage.tsdb.retention.time": ["3d", "openTsdb/1/retentionMs", [retention, "3d or 5GiB"]],
  "storage.tsdb.retention.size": ["5GB", "openTsdb/1/retentionBytes"],
  "storage.tsdb.cold-after": ["2d", "openTsdb/1/coldAfterMs"],
  "storage.tsdb.no-lockfile": ["true", ["openTsdb/1/lockFile", false]],
  "storage.tsdb.delay-compact-file.path": [
    "uploads.json",
    ["openTsdb/1/uploadedBlocksFile", join(cwd, "uploads.json")],
  ],
  "storage.tsdb.min-block-duration": ["1h", "openTsdb/1/minBlockDurationMs"],
  "storage.tsdb.max-block-duration": ["20h", "openTsdb/1/maxBlockDurationMs"],
  "storage.tsdb.max-block-chunk-segment-size": ["2MB", "openTsdb/1/chunkSegmentBytes"],
  "storage.tsdb.wal-segment-size": ["20MB", "openTsdb/1/walSegmentBytes"],
  "storage.tsdb.wal-compression-type": ["zstd", "openTsdb/1/walCompression"],
  "storage.tsdb.wal-fsync": ["always", "openTsdb/1/walFsync"],
  "storage.tsdb.memory-snapshot-interval": ["1m", "openTsdb/1/memorySnapshotIntervalMs"],
  "storage.tsdb.allow-overlapping-compaction": ["false", "openTsdb/1/mergeOverlappingBlocks"],
  "storage.tsdb.delayed-compaction.max-percent": [
    "101",
    [({ log }) => log().includes("delayed-compaction.max-percent should have a value between 1 and 100"), true],
  ],
  "storage.tsdb.block-reload-interval": ["2m", "openTsdb/1/blockReloadIntervalMs"],
  "storage.remote.read-sample-limit": ["1001", "readRoute/1/sampleLimit"],
  "storage.remote.read-concurrent-limit": ["11", "openQueryScheduler/0/maxRemoteReads"],
  "storage.remote.read-max-bytes-in-frame": ["1002", "readRoute/1/maxBytesInFrame"],
  "rules.alert.for-outage-tolerance": ["61s", "RuleManager/0/restore/outageToleranceMs"],
  "rules.alert.for-grace-period": ["62s", "RuleManager/0/restore/gracePeriodMs"],
  "rules.alert.resend-delay": ["63s", "RuleManager/0/resendDelayMs"],
  "web.enable-mcp": ["true", [mcpStatus, 400]],
  "rules.slo-files": [join(cwd, "slo.yml"), ["ObjectiveFiles/0", [join(cwd, "slo.yml")]]],
  "rules.behaviour-files": [join(cwd, "behaviour.yml"), ["BehaviourFiles/0", [join(cwd, "behaviour.yml")]]],
  "rules.lint-policy": ["policy.yml", ["readPolicy/0", join(cwd, "policy.yml")]],
  "rules.api.path": ["rules-here", ["RuleStore/0/folder", join(cwd, "rules-here")]],
  "rules.url": [
    `http://127.0.0.1:1/a#sha256=${"0".repeat(64)}`,
    ["PinnedRules/0/folder", join(cwd, "elsewhere/rule-urls")],
  ],
  "rules.url-refresh-interval": ["2h", ["openRuleUrls/0/flags/rules.url-refresh-interval", 7_200_000]],
  "rules.max-concurrent-evals": ["5", "QueryGate/0"],
  "alertmanager.notification-queue-capacity": ["1003", "Notifier/0/queueCapacity"],
  "alertmanager.notification-batch-size": ["257", "Notifier/0/batchSize"],
  "alertmanager.drain-notification-queue-on-shutdown": ["false", "Notifier/0/drainOnShutdown"],
  "query.lookback-delta": [
    "4m",
    "openQueryScheduler/0/limits/lookbackMs",
    "uiRoutes/1/lookbackMs",
    "OtlpReceiver/0/lookbackMs",
  ],
  "query.timeout": ["64s", "openQueryScheduler/0/timeoutMs"],
  "query.max-concurrency": ["21", "openQueryScheduler/0/maxConcurrency", ["ActiveQueryTracker/0", 42]],
  "query.max-samples": ["1004", "openQueryScheduler/0/limits/maxSamples"],
  "query.max-bytes": ["101MB", "openQueryScheduler/0/limits/maxBytes", "openQueryScheduler/0/heapBytes"],
  "query.max-memory": ["1024MB", "openQueryScheduler/0/memory/limitBytes"],
  "query.threads": ["0", "openQueryScheduler/0/threads"],
  "query.result-cache-size": ["1MB", "openQueryScheduler/0/resultCacheBytes"],
  "web.enable-backtest": ["true", [backtestRefusal, 400]],
  "query.record-usage": ["true", [called("usageRoute"), true]],
  "query.usage-dashboards": ["boards", [usedByDashboards, 1]],
  "enable-feature": [
    "exemplar-storage,delayed-compaction,concurrent-rule-eval,search-api",
    ["openTsdb/1/maxExemplars", 100_000],
  ],
};

const AGENT: Readonly<Record<string, FlagRow>> = {
  "storage.agent.path": [
    "elsewhere-agent",
    ["openAgent/0", join(cwd, "elsewhere-agent")],
    ["RemoteWriter/0/dir", join(cwd, "elsewhere-agent/wal")],
  ],
  "storage.agent.wal-segment-size": ["20MB", "openAgent/1/walSegmentBytes"],
  "storage.agent.wal-compression-type": ["zstd", "openAgent/1/walCompression"],
  "storage.agent.wal-truncate-frequency": ["65m", "openAgent/1/truncateFrequencyMs"],
  "storage.agent.retention.min-time": ["66m", "openAgent/1/minTimeMs"],
  "storage.agent.retention.max-time": ["67m", "openAgent/1/maxTimeMs"],
  "storage.agent.no-lockfile": ["true", ["openAgent/1/lockFile", false]],
};

/** Command-line flags that are tested separately, because in one test they would hide each other's effects. */
const ALONE: Readonly<Record<string, FlagRow>> = {
  "web.sign-in-url": ["http://dashboards:3000", "createHttpServer/0/signInUrl"],
  "storage.tsdb.wal-compression": ["false", ["openTsdb/1/walCompression", "none"]],
};
const ALONE_IN_AGENT: Readonly<Record<string, FlagRow>> = {
  "storage.agent.wal-compression": ["false", ["openAgent/1/walCompression", "none"]],
};
const MODE: Readonly<Record<string, FlagRow>> = {
  agent: ["true", [called("openAgent"), true], "Configuration/0/agent"],
};

test("every flag has a row, or its help states that it has no effect", () =>
  expectEveryFlag(flags, [SHARED, SERVER, AGENT, ALONE, ALONE_IN_AGENT, MODE], WITHOUT_EFFECT));

test.each([
  ["a server", ALWAYS, { ...SHARED, ...SERVER }],
  ["an agent", [...ALWAYS.slice(0, 2), "--agent"], { ...SHARED, ...AGENT }],
  ["a server with one flag", ALWAYS, ALONE],
  ["an agent with one flag", [...ALWAYS.slice(0, 2), "--agent"], ALONE_IN_AGENT],
  ["either mode", ALWAYS.slice(0, 2), MODE],
])("the value of each flag arrives at the parts of %s that use it", (_mode, always, rows) =>
  expectArrivals(role, always, rows),
);
