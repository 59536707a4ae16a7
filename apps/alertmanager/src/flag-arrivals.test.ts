import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Host, systemClock } from "@narthex/runtime";
import {
  expectArrivals,
  expectEveryFlag,
  logRows,
  type FlagRow,
  type ReadyRole,
  RecordedCalls,
  temporaryFolder,
  testHost,
} from "@narthex/runtime/testing";
import { selfSigned } from "@narthex/receivers/testing";
import { afterAll, expect, test, vi } from "vitest";
import { flags } from "./flags.ts";

/** Modules whose functions and classes receive the values of flags. Their calls are recorded. */
const PARTS = [
  "@narthex/alert-context",
  "@narthex/alerting",
  "@narthex/http",
  "@narthex/mesh",
  "@narthex/store",
  "./dispatching/engine-metrics.ts",
  "./dispatching/load-config.ts",
  "./feature-flags.ts",
  "./receiver-setup/open-receiver-setup.ts",
  "./web/request-metrics.ts",
  "./web/request-timeout.ts",
];

const calls = new RecordedCalls();
/**
 * Replacements for functions that must not run in this test: the sockets of systemd belong to another process, and no
 * database runs.
 */
const INSTEAD = {
  activatedSockets: (): readonly number[] => [],
  openPostgres({ url }: { readonly url: string }): Promise<never> {
    urls.push(url);
    return Promise.reject(new Error("no database"));
  },
};
const urls: string[] = [];
for (const part of PARTS) vi.doMock(part, async (original) => calls.record(await original<object>(), INSTEAD));
vi.resetModules();
const { main } = await import("./main.ts");
const { ClusterCoordination } = await import("@narthex/alerting");
afterAll(() => {
  for (const part of PARTS) vi.doUnmock(part);
  vi.resetModules();
});
const timers = vi.spyOn(systemClock, "after");
const settling = vi.spyOn(ClusterCoordination.prototype, "settle");

const cwd = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text);
  return join(cwd, name);
};
const CONFIG = "route: {receiver: a}\nreceivers: [{name: a}]\n";

const role = {
  main: (host: Host) => {
    timers.mockClear();
    settling.mockClear();
    return main(host);
  },
  table: flags,
  calls,
  cwd,
  ready: "TLS is",
  env: { NARTHEX_UI_DIR: join(cwd, "ui") },
};
const ALWAYS = [
  `--config.file=${file("alertmanager.yml", CONFIG)}`,
  `--storage.path=${join(cwd, "data")}`,
  "--web.listen-address=127.0.0.1:0",
  "--cluster.listen-address=127.0.0.1:0",
];

const isArmed = (ms: number) => (): boolean => timers.mock.calls.some(([after]) => after === ms);

async function settled(): Promise<readonly unknown[]> {
  await vi.waitFor(() => expect(settling).toHaveBeenCalled());
  return settling.mock.lastCall!.slice(0, 2);
}

const HOUR_MS = 3_600_000;
const loadedAt = Date.now();

/**
 * Returns the delay of the dispatcher's start in hundreds of hours, so that the duration of the test does not matter.
 */
const delay = ({ calls: recorded }: ReadyRole): number =>
  Math.floor(((recorded.at("Dispatcher/0/notBefore") as number) - loadedAt) / (100 * HOUR_MS));

const ROWS: Readonly<Record<string, FlagRow>> = {
  "config.file": [file("other.yml", CONFIG), "loadConfig/0"],
  "storage.path": [
    join(cwd, "elsewhere"),
    ["openOwnSqlite/0", join(cwd, "elsewhere/alertmanager.db")],
    "importSnapshots/0/folder",
  ],
  "notification.context-file": [
    file("context.yml", "range: 2h\n"),
    ["AlertContext.open/0/config/rangeMs", 2 * HOUR_MS],
  ],
  "data.retention": [
    "61h",
    "Silences.load/0/retentionMs",
    "NotificationLog.load/0/retentionMs",
    "NotificationHistory.load/0/retentionMs",
    "AlertHistory.load/0/retentionMs",
    "AlertJournal.load/0/retentionMs",
    "sharedLog/1/retentionMs",
    "sharedSilences/1/retentionMs",
  ],
  "data.maintenance-interval": ["62m", [isArmed(62 * 60_000), true]],
  "silences.max-silences": ["1001", "Silences.load/0/maxCount"],
  "silences.max-silence-size-bytes": ["1002", "Silences.load/0/maxBytes"],
  "log.silences": ["true", "Silences.load/0/logChanges"],
  "alerts.gc-interval": ["63m", [isArmed(63 * 60_000), true]],
  "alerts.per-alertname-limit": ["1003", "AlertStore/0"],
  "dispatch.maintenance-interval": ["64s", "Dispatcher/0/maintenanceIntervalMs"],
  "dispatch.start-delay": ["1050h", [delay, 10]],
  "web.listen-address": ["localhost:0", "createHttpServer/0/listen"],
  "web.config.file": [file("web.yml", ""), "createHttpServer/0/webConfigFile"],
  "web.sign-in-url": ["http://dashboards:3000", "createHttpServer/0/signInUrl"],
  "web.enable-receiver-setup": ["true", "openReceiverSetup/0"],
  "web.external-url": ["http://outside/shown", "NotificationPipeline/0/externalUrl"],
  "web.route-prefix": ["/inner", "createHttpServer/0/routePrefix"],
  "web.get-concurrency": ["1004", "countRequests/2/limit"],
  "web.timeout": ["65s", "limitTime/2"],
  "cluster.listen-address": ["localhost:0", ["TcpTransport/0/host", "localhost"]],
  "cluster.advertise-address": ["127.0.0.9:1234", ["advertisedHost/0/host", "127.0.0.9"]],
  "cluster.peer": ["127.0.0.1:1", "checkPeers/0", "lookUpPeers/0"],
  "cluster.peer-name": ["me", "Mesh.open/0/name"],
  "cluster.label": ["blue", "Mesh.open/0/label"],
  "cluster.peer-timeout": ["66s", "ClusterCoordination/0/peerTimeoutMs"],
  "cluster.peers-resolve-timeout": ["67s", "lookUpPeers/1/timeoutMs"],
  "cluster.gossip-interval": ["68ms", [settled, [680, 1000]]],
  "cluster.pushpull-interval": ["69s", "Mesh.open/0/timings/pushPullInterval"],
  "cluster.tcp-timeout": ["70s", "Mesh.open/0/timings/tcpTimeout"],
  "cluster.probe-timeout": ["71s", "Mesh.open/0/timings/probeTimeout"],
  "cluster.probe-interval": ["72s", "Mesh.open/0/timings/probeInterval"],
  "cluster.settle-timeout": ["1s", [settled, [680, 1000]]],
  "cluster.reconnect-interval": ["73s", "Mesh.open/0/timings/reconnectInterval"],
  "cluster.reconnect-timeout": ["74s", "Mesh.open/0/timings/reconnectTimeout"],
  "cluster.allow-insecure-public-advertise-address-discovery": ["true", "advertisedHost/0/allowPublic"],
  "enable-feature": ["receiver-name-in-metrics", "readFeatureFlags/0", ["alertingMetrics/2/receiverNames", true]],
  ...logRows("createHttpServer/0/logger"),
};

const { cert, key } = selfSigned();
const TLS_FILE = file(
  "cluster-tls.yml",
  `tls_server_config: {cert_file: ${file("cert.pem", cert)}, key_file: ${file("key.pem", key)}}\n`,
);
const STORE = "postgres://someone@127.0.0.1:1/alerts";
/** Flags that can set the URL of the database. */
const STORE_FLAGS = { "store.url": STORE, "store.url-file": file("store-url", `${STORE}\n`) };

/** Flags that are tested separately, because they would hide the effect of other flags. */
const ALONE: Readonly<Record<string, FlagRow>> = {
  "silences.max-per-silence-bytes": ["1005", "Silences.load/0/maxBytes"],
  "web.systemd-socket": ["true", ["createHttpServer/0/descriptors", []]],
  "cluster.tls-config": [TLS_FILE, "readClusterTls/0", "ClusterTls/0"],
};

/** Flags that have no effect; their help states this. */
const WITHOUT_EFFECT = ["auto-gomemlimit.ratio"];

test("every flag has a row, or its help states that it has no effect", () =>
  expectEveryFlag(flags, [ROWS, ALONE, STORE_FLAGS], WITHOUT_EFFECT));

test("the value of each flag is passed to the objects that use it", () => expectArrivals(role, ALWAYS, ROWS));

test.each(Object.entries(ALONE))("the value of --%s is passed to the objects that use it", (flag, row) =>
  expectArrivals(role, ALWAYS, { [flag]: row }),
);

test.each(Object.entries(STORE_FLAGS))("the role opens the database that --%s sets", async (flag, value) => {
  urls.length = 0;
  const host = testHost([...ALWAYS, `--${flag}=${value}`]);
  // Stops the process if it starts although there is no database, so that the test fails instead of waiting forever.
  const stderr = (text: string): void => void (text.includes(role.ready) && host.requestStop());
  expect(await main({ ...host, stderr })).toBe(1);
  expect(urls).toEqual([STORE]);
});
