import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { METRIC_KINDS } from "@narthex/collectors";
import {
  expectArrivals,
  expectEveryFlag,
  type FlagRow,
  type ReadyRole,
  RecordedCalls,
  temporaryFolder,
  testHost,
} from "@narthex/runtime/testing";
import { afterAll, expect, test, vi } from "vitest";
import { openServer } from "../open-server.ts";
import { cadvisorFlags } from "./flags.ts";

/** Modules whose functions and classes receive the values of flags. */
const PARTS = ["@narthex/collectors", "../open-server.ts"];

const calls = new RecordedCalls();
/** Replaces the fixed port by a free one. */
const INSTEAD = {
  openServer: ((options, ...rest) =>
    openServer({ ...options, listen: ["127.0.0.1:0"] }, ...rest)) satisfies typeof openServer,
};
for (const part of PARTS) vi.doMock(part, async (load) => calls.record(await load<object>(), INSTEAD));
vi.resetModules();
const { cadvisorMain: main } = await import("./main.ts");
afterAll(() => {
  for (const part of PARTS) vi.doUnmock(part);
  vi.resetModules();
});

const cwd = temporaryFolder();
const webConfig = join(cwd, "web.yml");
writeFileSync(webConfig, "");
const role = { main, table: cadvisorFlags, calls, cwd, ready: "TLS is" };

const statusOf =
  (path: string) =>
  async ({ fetch: send }: ReadyRole): Promise<number> =>
    (await send(path)).status;

const setting = (name: string): string => `Settings.of/1/collector.containers.${name}`;

const ROWS: Readonly<Record<string, FlagRow>> = {
  port: ["1234", ["openServer/0/listen", ["127.0.0.9:1234"]]],
  listen_ip: ["127.0.0.9", ["openServer/0/listen", ["127.0.0.9:1234"]]],
  url_base_prefix: ["/below", [statusOf("/below/healthz"), 200]],
  prometheus_endpoint: ["/numbers", [statusOf("/below/numbers"), 200]],
  docker: ["unix:///a.sock", [setting("docker-socket"), ["/a.sock", "/b.sock"]]],
  podman: ["unix:///b.sock", [setting("docker-socket"), ["/a.sock", "/b.sock"]]],
  docker_only: ["true", setting("docker-only")],
  raw_cgroup_prefix_whitelist: ["/system.slice", setting("docker-only.besides")],
  disable_root_cgroup_stats: ["true", [setting("root"), false]],
  disable_metrics: ["disk,percpu", setting("disable-metrics"), [setting("per-cpu"), false]],
  store_container_labels: ["false", [setting("labels"), "^(?:team)$"]],
  whitelisted_container_labels: ["team", [setting("labels"), "^(?:team)$"]],
  env_metadata_whitelist: ["STAGE", [setting("env"), "^(?:STAGE)"]],
  "web.config.file": [webConfig, "openServer/0/webConfigFile"],
};

/** Flags that are tested separately, because they would hide the effect of other flags. */
const ALONE: Readonly<Record<string, FlagRow>> = {
  enable_metrics: ["cpu", [setting("disable-metrics"), METRIC_KINDS.filter((kind) => kind !== "cpu")]],
  docker_env_metadata_whitelist: ["STAGE", [setting("env"), "^(?:STAGE)"]],
};

/** Flags that make the program refuse to start. */
const REFUSED = { http_auth_file: "users", http_digest_file: "users" };
/** Flags that only have a meaning together with the flags in REFUSED. */
const OF_REFUSED = { http_auth_realm: "", http_digest_realm: "" };

const WITHOUT_EFFECT = [
  "logtostderr",
  ...Object.entries(cadvisorFlags).flatMap(([name, { notBuilt }]) => (notBuilt === undefined ? [] : [name])),
];

test("every flag has a row, or its help says that it has no effect", () =>
  expectEveryFlag(cadvisorFlags, [ROWS, ALONE, REFUSED, OF_REFUSED], WITHOUT_EFFECT));

test.each([ROWS, ...Object.entries(ALONE).map(([flag, row]) => ({ [flag]: row }))])(
  "the value of each flag arrives at the parts that use it",
  (rows) => expectArrivals(role, [], rows),
);

test.each(Object.entries(REFUSED))("the role does not start with --%s", async (flag, value) => {
  const host = testHost([`--${flag}=${value}`]);
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toContain("name users in a file for --web.config.file");
});
