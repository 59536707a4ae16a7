import { expect, test } from "vitest";
import type { Machine } from "../machine/machine.ts";
import { fakeContext, fakeMachine, roleNamed } from "../testing/fake-context.ts";
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
  listenersOn: () =>
    Promise.resolve([{ isEveryAddress: true, port: 9090, uid: 0, program: { pid: 12, command: [...command] } }]),
});

test("ports: a free port is well", async () =>
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
      what: expect.stringContaining(`held by ${shown}, pid 12`),
      hint: "end it (kill 12), or give server another port with --web.listen-address",
    },
  ]),
);

test("ports: the holder's user is told where the program is not shown, and how up moves ports", async () => {
  const machine = {
    tryListen: () => Promise.resolve("EADDRINUSE"),
    listenersOn: () => Promise.resolve([{ isEveryAddress: true, port: 9090, uid: 7, program: undefined }]),
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
