import { expect, test } from "vitest";
import type { Machine } from "../machine/machine.ts";
import { fakeContext, fakeMachine, fakeNetwork, roleNamed } from "../testing/fake-context.ts";
import { ports } from "./ports.ts";

const server = roleNamed("server", {
  listens: [{ address: { host: undefined, port: 9090 }, flag: "--web.listen-address" }],
});

const run = async (machine: Partial<Machine>, portOffset?: number) =>
  ports.run(
    fakeContext({ machine: fakeMachine(machine), roles: [server], ...(portOffset !== undefined && { portOffset }) }),
  );

const heldBy = (...command: readonly string[]): Partial<Machine> => ({
  tryListen: () => Promise.resolve("EADDRINUSE"),
  listenersOn: () => Promise.resolve([{ port: 9090, uid: 0, program: { pid: 12, command: [...command], cwd: "/" } }]),
});

test("ports: a free port is ok", async () =>
  expect(await run({})).toEqual([{ level: "ok", what: "port 9090 (server) is free", hint: "" }]));

test.each([
  [["/n/node", "--max-semi-space-size=4", "/r/main.js", "server", "--web.listen-address=:9090"]],
  [["/n/node", "/r/apps/narthex/src/main.ts", "server"]],
])("ports: a port that its own role holds is well: %j", async (command) =>
  expect(await run(heldBy(...command))).toMatchObject([{ level: "ok", what: expect.stringContaining("pid 12") }]),
);

test.each([
  [["/usr/bin/redis-server", "--requirepass", "s3cret"], "redis-server"],
  [["/n/node", "--v8", "/r/main.js", "alertmanager", "--web.listen-address=:9090"], "narthex alertmanager"],
  [["/n/node", "/r/other.js", "server"], "node"],
])("ports: a port that another program holds is an error that names it: %j", async (command, shown) =>
  expect(await run(heldBy(...command))).toMatchObject([
    {
      level: "error",
      what: expect.stringContaining(`used by ${shown}, pid 12`),
      hint: "end it (kill 12), or give server another port with --web.listen-address",
    },
  ]),
);

test("ports: reports the port's user if the program is not visible, and how to change the ports of up", async () => {
  const machine = {
    tryListen: () => Promise.resolve("EADDRINUSE"),
    listenersOn: () => Promise.resolve([{ port: 9090, uid: 7, program: undefined }]),
  };
  expect(await run(machine, 0)).toMatchObject([
    { what: expect.stringContaining("user 7"), hint: expect.stringContaining("--port-offset=1000") },
  ]);
});

test.each([
  ["EACCES", "ip_unprivileged_port_start"],
  ["EADDRNOTAVAIL", "listen on every address"],
  ["EADDRINUSE", "ss -ltnp"],
  ["EPERM", "another port"],
])("ports: %s has a hint", async (code, hint) =>
  expect(await run({ tryListen: () => Promise.resolve(code) })).toMatchObject([
    { level: "error", hint: expect.stringContaining(hint) },
  ]),
);

test.each([
  [["--storage.tsdb.path=data"], "/srv", "ok", "used by the role itself"],
  [["--storage.tsdb.path=/link"], "/srv", "ok", "used by the role itself"],
  [["--storage.tsdb.path=data"], "/home", "error", "another stack, which stores its data in /home/data, pid 12"],
  [["--storage.tsdb.path=data"], undefined, "ok", "used by the role itself"],
  [["--no-such-flag"], "/home", "ok", "used by the role itself"],
])("ports: a server with %j of %s, where ours stores in /srv/data, is %s", async (args, cwd, level, what) => {
  const program = { pid: 12, command: ["/n/node", "/r/main.js", "server", ...args], cwd };
  const machine = fakeMachine({
    tryListen: () => Promise.resolve("EADDRINUSE"),
    listenersOn: () => Promise.resolve([{ port: 9090, uid: 0, program }]),
    realPath: (path) => Promise.resolve(path.replace("/link", "/srv/data")),
  });
  const role = { ...server, data: [{ path: "/srv/data", isFile: false, flag: "--storage.tsdb.path" }] };
  expect(await ports.run(fakeContext({ machine, roles: [role] }))).toMatchObject([
    { level, what: expect.stringContaining(what) },
  ]);
});

test.each([
  ['prometheus_build_info{branch=""} 1', "ok", "answers like the role"],
  ['alertmanager_build_info{branch=""} 1', "error", "a program that is not visible here"],
])("ports: if the owner of a port is hidden, %s names it", async (body, level, what) => {
  const machine = fakeMachine({ tryListen: () => Promise.resolve("EADDRINUSE") });
  const network = fakeNetwork({ "http://127.0.0.1:9090/metrics": { body } });
  expect(await ports.run(fakeContext({ machine, network, roles: [server] }))).toMatchObject([
    { level, what: expect.stringContaining(what) },
  ]);
});

test.each([
  [undefined, undefined, true],
  ["127.0.0.1", "0.0.0.0", true],
  ["127.0.0.1", "127.0.0.2", false],
])("ports: two roles on one port of %s and %s", async (first, second, isShared) => {
  const at = (host: string | undefined) => [{ address: { host, port: 9090 }, flag: "--web.listen-address" }];
  const roles = [roleNamed("server", { listens: at(first) }), roleNamed("alertmanager", { listens: at(second) })];
  const found = await ports.run(fakeContext({ roles }));
  const shared = found.filter(({ what }) => what.startsWith("port 9090 is configured twice: for server"));
  expect(shared).toHaveLength(isShared ? 1 : 0);
});
