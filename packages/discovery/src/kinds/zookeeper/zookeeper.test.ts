import { type AddressInfo, createServer, type Socket } from "node:net";
import { decodeYaml } from "@narthex/config";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Discoverer } from "../../discoverer.ts";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { FakeZooKeeper } from "./testing/fake-zookeeper.ts";
import { nerveDiscoverer, serversetDiscoverer } from "./zookeeper.ts";
import { zooKeeperMetrics } from "./zookeeper-metrics.ts";

async function start(discoverer: Discoverer, nodes: Readonly<Record<string, unknown>>, paths = ["/services"]) {
  const fake = await FakeZooKeeper.start();
  onTestFinished(() => fake[Symbol.asyncDispose]());
  for (const [path, data] of Object.entries(nodes)) fake.put(path, data);
  const run = new DiscovererRun(discoverer, JSON.stringify({ servers: [fake.address], paths, timeout: "10m" }));
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { fake, run };
}

/** Turns the clock until the targets are as expected. */
async function until(run: DiscovererRun, wanted: readonly string[], ms = 0): Promise<void> {
  const found = (): string => [...run.groups.values()].map(addressOf).sort().join();
  while (found() !== [...wanted].sort().join()) await run.clock.advance(ms);
}

const addressOf = ({ targets }: { readonly targets: readonly { get(name: string): string }[] }): string =>
  targets[0]!.get("__address__");

const nerve = (host: string, port = 1): unknown => ({ host, port, name: `name-${host}` });

test("serverset discovery returns the labels of a member, and ignores the case of its fields", async () => {
  const { run } = await start(serversetDiscoverer, {
    "/services": "",
    "/services/a": {
      ServiceEndpoint: { Host: "h", port: 9100 },
      additionalEndpoints: { "http-admin": { host: "::1", port: 81 } },
      status: "ALIVE",
      shard: 3,
    },
    "/services/b": { serviceEndpoint: { host: "2001:db8::1" }, additionalEndpoints: null },
  });
  await until(run, ["h:9100", "[2001:db8::1]:0"]);
  expect(run.groups.get("/services/a")!.targets[0]!.toRecord()).toEqual({
    __address__: "h:9100",
    __meta_serverset_path: "/services/a",
    __meta_serverset_endpoint_host: "h",
    __meta_serverset_endpoint_port: "9100",
    __meta_serverset_endpoint_host_http_admin: "::1",
    __meta_serverset_endpoint_port_http_admin: "81",
    __meta_serverset_status: "ALIVE",
    __meta_serverset_shard: "3",
  });
});

test("nerve discovery returns the labels of a member, and no target for a node that is no member", async () => {
  const { run } = await start(nerveDiscoverer, {
    "/services": "",
    "/services/text": "plain text",
    "/services/wrong": { host: "h", port: "80" },
    "/services/api": "",
    "/services/api/i-1": nerve("h", 80),
  });
  await until(run, ["h:80"]);
  expect(run.groups.get("/services/api/i-1")!.targets[0]!.toRecord()).toEqual({
    __address__: "h:80",
    __meta_nerve_path: "/services/api/i-1",
    __meta_nerve_endpoint_host: "h",
    __meta_nerve_endpoint_port: "80",
    __meta_nerve_endpoint_name: "name-h",
  });
});

test("nerve discovery follows new, changed and deleted nodes, and reads only what has changed", async () => {
  const { fake, run } = await start(nerveDiscoverer, {
    "/services": "",
    "/services/a": nerve("a"),
    "/other": nerve("x"),
  });
  await until(run, ["a:1"]);
  fake.put("/services/b", "");
  fake.put("/services/b/c", nerve("c"));
  await until(run, ["a:1", "c:1"]);
  fake.put("/services/a", nerve("a2"));
  await until(run, ["a2:1", "c:1"]);
  const { reads } = fake;
  fake.remove("/services/b");
  await until(run, ["a2:1"]);
  expect(fake.reads - reads).toBeLessThanOrEqual(2);
  fake.put("/services/a", "no member any more");
  await until(run, []);
});

test("nerve discovery continues its session on a new connection, and learns what happened in between", async () => {
  const { fake, run } = await start(nerveDiscoverer, {
    "/services": "",
    "/services/a": nerve("a"),
    "/services/b": nerve("b"),
  });
  await until(run, ["a:1", "b:1"]);
  const { reads } = fake;
  expect(reads).toBe(3);
  fake.cut();
  fake.put("/services/a", nerve("a2"));
  fake.remove("/services/b");
  fake.put("/services/c", nerve("c"));
  await until(run, ["a2:1", "c:1"], 100);
  expect(fake.openSessions).toBe(1);
  // Reads the changed nodes only: a, b, c and the node above.
  expect(fake.reads - reads).toBeLessThanOrEqual(4);
  expect((await zooKeeperMetrics.of(run.metrics).failures.get()).values[0]!.value).toBe(0);
});

test("nerve discovery keeps its targets when the session expires, and reads all nodes again", async () => {
  const { fake, run } = await start(nerveDiscoverer, {
    "/services": "",
    "/services/a": nerve("a"),
    "/services/b": nerve("b"),
  });
  await until(run, ["a:1", "b:1"]);
  fake.expire();
  fake.remove("/services/a");
  fake.put("/services/c", nerve("c"));
  while (run.logger.lines.every(({ fields }) => fields["err"] !== "the session has expired"))
    await run.clock.advance(100);
  expect([...run.groups.values()].map(addressOf).sort()).toEqual(["a:1", "b:1"]);
  await until(run, ["b:1", "c:1"], 1000);
  expect((await zooKeeperMetrics.of(run.metrics).failures.get()).values[0]!.value).toBe(1);
  expect((await zooKeeperMetrics.of(run.metrics).watched.get()).values[0]!.value).toBe(3);
});

test("nerve discovery finds the members of a new server that knows nothing of the session", async () => {
  const { fake, run } = await start(nerveDiscoverer, {
    "/services": "",
    "/services/a": nerve("a"),
    "/services/b": nerve("b"),
  });
  await until(run, ["a:1", "b:1"]);
  fake.reset();
  fake.put("/services", "");
  fake.put("/services/c", nerve("c"));
  await until(run, ["c:1"], 1000);
});

test("nerve discovery keeps its targets while a server refuses requests, and waits for a path that does not exist yet", async () => {
  const { fake, run } = await start(nerveDiscoverer, { "/services": "", "/services/a": nerve("a") }, [
    "/services",
    "/later",
  ]);
  await until(run, ["a:1"]);
  fake.refusal = (path) => (path.startsWith("/services") ? -2 : 0);
  fake.put("/services/b", nerve("b"));
  while (run.logger.lines.length < 2) await run.clock.advance(0);
  expect(run.logger.lines.map(({ fields }) => fields["err"])).toEqual(
    expect.arrayContaining(["path /later does not exist", "ZooKeeper refused /services with error code -2"]),
  );
  fake.put("/later", nerve("later"));
  await until(run, ["a:1", "later:1"], 1000);
  fake.refusal = () => 0;
  await until(run, ["a:1", "b:1", "later:1"], 1000);
  fake.remove("/services");
  await until(run, ["later:1"]);
});

/** Turns the clock in steps shorter than a session until the log has a line with this reason. Returns the time it took. */
async function timeUntilLogged(run: DiscovererRun, reason: string): Promise<number> {
  const begun = run.clock.monotonic();
  while (!run.logger.lines.some(({ fields }) => String(fields["err"]).includes(reason))) await run.clock.advance(1000);
  return run.clock.monotonic() - begun;
}

test.each([
  ["a request", (fake: FakeZooKeeper) => fake.put("/services/b", nerve("b")), "a request for /services within"],
  ["the message that sets watches again", (fake: FakeZooKeeper) => fake.cut(), "a request for the watches within"],
])("nerve discovery connects again after a minute if the server answers pings, but not %s", async (_, act, reason) => {
  const { fake, run } = await start(nerveDiscoverer, { "/services": "", "/services/a": nerve("a") });
  await until(run, ["a:1"]);
  fake.isStuck = true;
  act(fake);
  const took = await timeUntilLogged(run, `the server did not answer ${reason} 60000 ms`);
  expect(took).toBeGreaterThanOrEqual(60_000);
  expect([...run.groups.values()].map(addressOf)).toEqual(["a:1"]);
  fake.isStuck = false;
  fake.put("/services/c", nerve("c"));
  const found = (): string => [...run.groups.values()].map(addressOf).sort().join();
  while (!found().includes("c:1")) await run.clock.advance(1000);
});

test("nerve discovery ends its session when it stops, also while it reads a large tree", async () => {
  const nodes = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`/services/${i}`, nerve(`h${i}`)]));
  const { fake, run } = await start(nerveDiscoverer, { "/services": "", ...nodes });
  while (fake.reads < 100) await run.clock.advance(0);
  await run[Symbol.asyncDispose]();
  while (fake.openSessions > 0) await run.clock.advance(0);
  expect(fake.reads).toBeLessThan(2000);
});

test.each([
  ["a message of 2 GiB", Buffer.of(0x7f, 0xff, 0xff, 0xff)],
  ["a message of a negative length", Buffer.of(0xff, 0xff, 0xff, 0xf0)],
  ["a login that ends too early", Buffer.of(0, 0, 0, 2, 0, 0)],
  [
    "a login whose password is longer than the message",
    Buffer.of(0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 9, 9, 1, 1, 1, 1, 1, 1, 1, 1, 127, 0, 0, 0, 0, 0, 0, 0),
  ],
])("nerve discovery survives %s, and tries the server again", async (_, bytes) => {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on("error", () => undefined);
    socket.write(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const run = new DiscovererRun(nerveDiscoverer, `servers: ["127.0.0.1:${port}"]\npaths: [/services]\ntimeout: 10m`);
  onTestFinished(() => run[Symbol.asyncDispose]());
  while (connections.length < 3) await run.clock.advance(500);
  expect(run.logger.lines[0]!.fields["err"]).toContain("the server sent an invalid message");
});

test("after any changes, cuts and expiries, nerve discovery has exactly the members that exist", async () => {
  const path = fc.constantFrom("/services/a", "/services/b", "/services/a/x", "/services/a/y", "/services/b/z");
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ put: path, host: fc.constantFrom("h", "i", "j") }) },
    { weight: 3, arbitrary: fc.record({ remove: path }) },
    { weight: 1, arbitrary: fc.constant("cut" as const) },
    { weight: 1, arbitrary: fc.constant("expire" as const) },
    { weight: 2, arbitrary: fc.constant("settle" as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await using fake = await FakeZooKeeper.start();
      fake.put("/services", "");
      const members = new Map<string, string>();
      await using run = new DiscovererRun(
        nerveDiscoverer,
        `servers: ["${fake.address}"]\npaths: [/services]\ntimeout: 10m`,
      );
      for (const one of steps) {
        if (one === "cut") fake.cut();
        else if (one === "expire") fake.expire();
        else if (one === "settle") await run.clock.advance(500);
        else if ("put" in one) {
          const parent = one.put.slice(0, one.put.lastIndexOf("/"));
          if (parent !== "/services" && !members.has(parent)) continue;
          fake.put(one.put, nerve(one.host));
          members.set(one.put, `${one.host}:1`);
        } else if (members.has(one.remove)) {
          fake.remove(one.remove);
          for (const known of members.keys()) if (`${known}/`.startsWith(`${one.remove}/`)) members.delete(known);
        }
      }
      await until(run, [...members.values()], 1000);
      for (const [known, address] of members) expect(addressOf(run.groups.get(known)!)).toBe(address);
    }),
    { numRuns: 40, seed: 35 },
  );
});

test.each([
  [serversetDiscoverer, "{}", "serverset SD config must contain at least one Zookeeper server"],
  [nerveDiscoverer, "servers: [a]", "nerve SD config must contain at least one path"],
  [nerveDiscoverer, "{servers: [a], paths: [/b, c]}", "nerve SD config paths must begin with '/': c"],
])("$key refuses %j", (discoverer, yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", discoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
