import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  expectArrivals,
  expectEveryFlag,
  logRows,
  type FlagRow,
  type ReadyRole,
  RecordedCalls,
  temporaryFolder,
} from "@narthex/runtime/testing";
import { afterAll, test, vi } from "vitest";
import { flags } from "./flags.ts";

/** Modules whose functions and classes receive the values of flags. */
const PARTS = ["@narthex/http", "@narthex/pushing", "@narthex/store", "./scrape-route.ts", "./users-file.ts"];

const calls = new RecordedCalls();
/** Replaces systemd's sockets by an empty list, because they belong to another process. */
const INSTEAD = { activatedSockets: (): readonly number[] => [] };
for (const part of PARTS) vi.doMock(part, async (original) => calls.record(await original<object>(), INSTEAD));
vi.resetModules();
const { main } = await import("./main.ts");
afterAll(() => {
  for (const part of PARTS) vi.doUnmock(part);
  vi.resetModules();
});

const cwd = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text);
  return join(cwd, name);
};
const role = { main, table: flags, calls, cwd, ready: "TLS is", env: { NARTHEX_UI_DIR: join(cwd, "ui") } };
const ALWAYS = ["--web.listen-address=127.0.0.1:0"];

const typeAt =
  (path: string) =>
  ({ calls: recorded }: ReadyRole): string =>
    typeof recorded.at(path);

const acceptsUtf8 = ({ calls: recorded }: ReadyRole): boolean =>
  recorded.at("pushRoutes/1/names") === pushing.UTF8_NAMES;
const pushing = await import("@narthex/pushing");

const ROWS: Readonly<Record<string, FlagRow>> = {
  "web.listen-address": ["localhost:0", "createHttpServer/0/listen"],
  "web.config.file": [file("web.yml", ""), "createHttpServer/0/webConfigFile"],
  "web.sign-in-url": ["http://dashboards:3000", "createHttpServer/0/signInUrl"],
  "web.telemetry-path": ["/numbers", ["scrapeRoute/1/path", "/inner/numbers"]],
  "web.external-url": ["http://outside/shown", "routePrefixOf/1"],
  "web.route-prefix": ["/inner", "createHttpServer/0/routePrefix"],
  "web.enable-lifecycle": ["true", ["createHttpServer/0/disabled/lifecycle", undefined]],
  "web.enable-admin-api": ["true", "groupApi/1/hasAdmin"],
  "persistence.file": ["groups.db", ["openOwnSqlite/0", join(cwd, "groups.db")]],
  "push.disable-consistency-check": ["true", ["PushGroups/0/isChecking", false], ["pushRoutes/1/isChecking", false]],
  "push.enable-utf8-names": ["true", [acceptsUtf8, true]],
  "push.ttl": ["2h", ["pushRoutes/1/ttl", { defaultMs: 7_200_000 }]],
  "push.max-body-bytes": ["1001", "pushRoutes/1/maxBodyBytes"],
  "push.max-series-per-group": ["9000000", "PushGroups/0/limits/maxSeriesPerGroup", "pushRoutes/1/maxMetrics"],
  "push.max-groups": ["1002", "PushGroups/0/limits/maxGroups"],
  "push.users-file": [
    file("users.yml", "job_users: {a: {}}"),
    "JobAccess/0",
    [typeAt("pushRoutes/1/mayChange"), "function"],
    [typeAt("groupApi/1/mayWipe"), "function"],
  ],
  ...logRows("createHttpServer/0/logger"),
};

/** Row of --web.systemd-socket, which has a separate test because the server then opens no port itself. */
const SOCKET: Readonly<Record<string, FlagRow>> = {
  "web.systemd-socket": ["true", ["createHttpServer/0/descriptors", []]],
};

/** Flags without an effect. Their help text states this. */
const WITHOUT_EFFECT = ["persistence.interval"];

test("every flag has a row, or its help says that it has no effect", () =>
  expectEveryFlag(flags, [ROWS, SOCKET], WITHOUT_EFFECT));

test.each([ROWS, SOCKET])("the value of each flag arrives at the parts that use it", (rows) =>
  expectArrivals(role, ALWAYS, rows),
);
