import { join } from "node:path";
import { lockFile } from "@narthex/runtime";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { loopbackOf } from "./loopback.ts";
import { rolesAt } from "./roles.ts";
import { runUp } from "./up.ts";

test("rolesAt() gives every role its port with the offset and its own folder", () => {
  const folders = { dataDir: "/d", configDir: "/c", dashboardsDir: "/b", homeDashboard: "/b/overview.json" };
  const roles = rolesAt({ ...folders, portOffset: 5, listen: "127.0.0.1", loopback: "127.0.0.1", loginKey: "k" });
  expect(roles.map(({ name, port }) => [name, port])).toEqual([
    ["node-exporter", 9105],
    ["pushgateway", 9096],
    ["alertmanager", 9098],
    ["server", 9095],
    ["dashboards", 3005],
  ]);
  expect(roles.at(-1)!.env).toMatchObject({ NARTHEX_SERVER_URL: "http://localhost:9095", NARTHEX_LOGIN_LINK: "k" });
  expect(roles.at(-1)!.env!["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).toBe("/b/overview.json");
  expect(roles.at(-2)!.args).toContain("--storage.tsdb.path=/d/server");
});

test.each([
  ["127.0.0.1", "127.0.0.1", ["127.0.0.1"], true],
  ["localhost", "127.0.0.1", ["127.0.0.1"], true],
  ["0.0.0.0", "127.0.0.1", ["0.0.0.0"], false],
  ["::", "127.0.0.1", ["[::]"], false],
  ["[::]", "127.0.0.1", ["[::]"], false],
  ["", "127.0.0.1", [""], false],
  ["192.0.2.7", "127.0.0.1", ["127.0.0.1", "192.0.2.7"], false],
  ["::1", "127.0.0.1", ["127.0.0.1", "[::1]"], false],
  ["127.0.0.1", "::1", ["[::1]"], true],
  ["::1", "::1", ["[::1]"], false],
  ["2001:db8::7", "::1", ["[::1]", "[2001:db8::7]"], false],
] as const)(
  "--listen=%s, with the loopback address %s: each role listens on %j; clients can end the server, change its rules and receivers: %s",
  (listen, loopback, hosts, isOpen) => {
    const folders = { dataDir: "/d", configDir: "/c", dashboardsDir: "/b", homeDashboard: "" };
    const roles = rolesAt({ ...folders, portOffset: 0, listen, loopback, loginKey: "" });
    const listening = roles.map(({ args }) => args.filter((arg) => arg.startsWith("--web.listen-address")));
    expect(listening).toEqual(roles.map(({ port }) => hosts.map((host) => `--web.listen-address=${host}:${port}`)));
    const local = [
      "--web.enable-receiver-setup",
      "--web.enable-lifecycle",
      "--web.enable-backtest",
      "--rules.api.path=/d/rules",
    ];
    const flags = roles.flatMap(({ args }) => args.filter((arg) => local.includes(arg)));
    expect(flags).toEqual(isOpen ? local : []);
  },
);

test.each([
  [{ lo: ["127.0.0.1", "::1"] }, "127.0.0.1"],
  [{ lo: ["::1"], eth0: ["2001:db8::7"] }, "::1"],
  [{}, "127.0.0.1"],
])("the loopback address of a machine with %j is %s", (interfaces, expected) => {
  const found = Object.entries(interfaces).map(([name, list]) => [name, list.map((address) => ({ address }))] as const);
  expect(loopbackOf(Object.fromEntries(found))).toBe(expected);
});

test("a second stack in the same data folder is refused before it starts a role, and the lock is kept", async () => {
  const folder = temporaryFolder();
  const lock = await lockFile(join(folder, "up.lock"));
  const host = testHost([`--data-dir=${folder}`, "--port-offset=1000"]);
  expect(await runUp(host)).toBe(1);
  expect(host.output).toEqual({
    stdout: "",
    stderr: expect.stringContaining(`another stack uses the data folder ${folder}`),
  });
  lock.release();
});

test("up --version prints the version", async () => {
  const host = testHost(["--version"]);
  expect([await runUp(host), host.output.stdout]).toEqual([0, expect.stringMatching(/^narthex, version \S+ \(node /)]);
});

test("up refuses a configuration folder that does not exist before it starts a role", async () => {
  const folder = temporaryFolder();
  const host = testHost(["--data-dir=data", "--config-dir=none"], { cwd: folder });
  expect(await runUp(host)).toBe(1);
  expect(host.output).toEqual({
    stdout: "",
    stderr: expect.stringContaining(`--config-dir: ${join(folder, "none")} does not exist`),
  });
});

test.each([
  ["--port-offset=99999", "choose one from -2999 to 56435"],
  ["--listen=0.0.0.0:9090", "is not a host name or an IP address"],
])("up %s is refused before anything is written", async (flag, reason) => {
  const host = testHost([flag, "--data-dir=/proc/none"]);
  expect(await runUp(host)).toBe(1);
  expect(host.output.stderr).toContain(reason);
});
