import { expect, test } from "vitest";
import { KIND } from "./frame.ts";
import { FrameStream } from "./frame-stream.ts";
import { encodeJson } from "./messages.ts";
import { type Instance, MeshRig, namesAt } from "./testing/mesh-rig.ts";

/** Starts three instances, two of which have the first one as their configured peer. */
async function three(): Promise<{ rig: MeshRig; a: Instance; b: Instance; c: Instance }> {
  const rig = new MeshRig();
  const a = await rig.start({ host: "a" });
  const b = await rig.start({ host: "b", seeds: ["a:1"] });
  const c = await rig.start({ host: "c", seeds: ["a:1"] });
  await rig.clock.advance(1500);
  return { rig, a, b, c };
}

test("instances configured with one common peer all know each other within one and a half seconds", async () => {
  const { a, b, c } = await three();
  for (const one of [a, b, c]) {
    expect(namesAt(one)).toBe("a b c");
    expect(one.mesh.stats()).toEqual({ failed: 0, queued: 0, health: 0 });
    expect(one.counts.get("joined")).toBe(3);
  }
  expect([a, b, c].map(({ mesh }) => mesh.position())).toEqual([0, 1, 2]);
  expect(b.mesh.members()).toEqual([
    { name: "a", address: "a:1" },
    { name: "b", address: "b:1" },
    { name: "c", address: "c:1" },
  ]);
});

test("a change reaches all others directly, and they do not forward it", async () => {
  const { rig, a, b, c } = await three();
  a.set("x", 1);
  await rig.clock.advance(5);
  expect([b, c].map(({ state }) => state.entries.get("x"))).toEqual([1, 1]);
  expect(b.counts.get("propagated")).toBeUndefined();
});

test("join() resolves when the state of all reachable instances was received", async () => {
  const rig = new MeshRig();
  const a = await rig.start({ host: "a" });
  a.set("x", 7);
  const b = await rig.start({ host: "b", seeds: ["a:1", "nobody:1"] });
  let problems: readonly string[] | undefined;
  void b.joined.then((found) => (problems = found));
  await rig.clock.advance(100);
  expect(problems).toEqual(["dial nobody:1: connection refused"]);
  expect(b.state.entries.get("x")).toBe(7);
});

test("two disconnected instances stay members through the third, which forwards their changes", async () => {
  const { rig, a, b, c } = await three();
  rig.network.cut("a", "b");
  await rig.clock.advance(20_000);
  expect([namesAt(a), namesAt(b), namesAt(c)]).toEqual(["a b c", "a b c", "a b c"]);
  a.set("x", 1);
  await rig.clock.advance(15);
  expect(b.state.entries.get("x")).toBe(1);
  expect(c.counts.get("propagated")).toBe(1);
});

test("a disconnected instance is removed after the probe timeout, and after reconnecting receives all missed changes", async () => {
  const { rig, a, b, c } = await three();
  rig.network.cut("a", "c");
  rig.network.cut("b", "c");
  await rig.clock.advance(4000);
  expect(namesAt(a)).toBe("a b c");
  await rig.clock.advance(2000);
  expect([namesAt(a), namesAt(b), namesAt(c)]).toEqual(["a b", "a b", "c"]);
  expect(a.mesh.stats().failed).toBe(1);
  expect(c.counts.get("left")).toBe(2);
  a.set("x", 1);
  c.set("y", 2);
  await rig.clock.advance(120_000);
  rig.network.heal();
  await rig.clock.advance(21_000);
  for (const one of [a, b, c]) {
    expect(namesAt(one)).toBe("a b c");
    expect(Object.fromEntries(one.state.entries)).toEqual({ x: 1, y: 2 });
  }
});

test("a killed process is removed at once, and its successor under another name gets its address", async () => {
  const { rig, a, b, c } = await three();
  await rig.kill(c);
  await rig.clock.advance(1100);
  expect([namesAt(a), namesAt(b)]).toEqual(["a b", "a b"]);
  await rig.start({ host: "c", name: "aa", seeds: ["a:1"] });
  await rig.clock.advance(1500);
  expect([namesAt(a), namesAt(b)]).toEqual(["a aa b", "a aa b"]);
  expect(b.mesh.position()).toBe(2);
});

test("a change that a killed instance sent only to some others reaches all as soon as the loss is noticed", async () => {
  const { rig, a, b, c } = await three();
  rig.network.cut("a", "b");
  b.set("x", 1);
  await rig.clock.advance(10);
  expect([a, c].map(({ state }) => state.entries.get("x"))).toEqual([undefined, 1]);
  await rig.kill(b);
  await rig.clock.advance(100);
  expect(a.state.entries.get("x")).toBe(1);
});

test("an instance that moves to another address under the same name replaces its former entry", async () => {
  const { rig, a, b, c } = await three();
  await rig.kill(c);
  await rig.start({ host: "d", name: "c", seeds: ["b:1"] });
  await rig.clock.advance(2000);
  expect(a.mesh.members().at(-1)).toEqual({ name: "c", address: "d:1" });
  expect(b.mesh.stats().failed).toBe(0);
});

test("an instance that leaves announces it, and is contacted only at the reconnect interval", async () => {
  const { rig, a, b, c } = await three();
  void b.mesh.stop();
  await rig.clock.advance(20);
  expect([namesAt(a), namesAt(c)]).toEqual(["a c", "a c"]);
  await rig.clock.advance(60_000);
  const before = rig.network.dials;
  await rig.clock.advance(60_000);
  expect(rig.network.dials - before).toBeLessThanOrEqual(2 * 7);
});

test("a list of peers that contains the instance itself does not make it its own peer", async () => {
  const rig = new MeshRig();
  const a = await rig.start({ host: "a", seeds: ["a:1", "b:1"] });
  const b = await rig.start({ host: "b", seeds: ["a:1", "b:1"] });
  await rig.clock.advance(500);
  expect([namesAt(a), namesAt(b)]).toEqual(["a b", "a b"]);
  expect(a.counts.get("conflict")).toBeUndefined();
});

test("another label is refused on both sides, with a reason that does not reveal it", async () => {
  const rig = new MeshRig();
  const a = await rig.start({ host: "a", label: "one" });
  const b = await rig.start({ host: "b", label: "two", seeds: ["a:1"] });
  await rig.clock.advance(500);
  expect(await b.joined).toEqual(["a:1: refused: another cluster label"]);
  expect([namesAt(a), namesAt(b)]).toEqual(["a", "b"]);
});

test("two instances with the same name stay separate, and each logs the conflict once", async () => {
  const rig = new MeshRig();
  const a = await rig.start({ host: "a", name: "same" });
  const b = await rig.start({ host: "b", name: "same", seeds: ["a:1"] });
  await rig.clock.advance(60_000);
  expect([namesAt(a), namesAt(b)]).toEqual(["same", "same"]);
  expect(a.counts.get("conflict")).toBeGreaterThan(1);
  expect(b.logged().filter((line) => line.startsWith("Found conflicting peer IDs"))).toHaveLength(1);
});

test("a slow instance gets the whole state instead of its queued changes", async () => {
  const { rig, a, b } = await three();
  for (let i = 0; i < 5000; i++) a.set(`k${i}`, i);
  await rig.clock.advance(1000);
  expect(a.counts.get("pruned")).toBeGreaterThan(0);
  expect(b.state.entries.size).toBe(5000);
  expect(a.mesh.stats().queued).toBe(0);
});

/**
 * Connects a client that sends arbitrary frames to `a`. Records the received frames and whether the connection is open.
 */
async function stranger(rig: MeshRig) {
  const connection = await dialed(rig);
  const received: number[] = [];
  let closed = "";
  const stream = new FrameStream(connection, {
    received: () => undefined,
    frame: ({ kind }) => void received.push(kind),
    closed: (reason) => (closed = reason),
  });
  stream.allowLargeFrames();
  return { connection, stream, heard: received, closed: () => closed };
}

async function dialed(rig: MeshRig) {
  const dialing = rig.network.transport("x").dial("a:1", 1000);
  await rig.clock.advance(10);
  return dialing;
}

const greeting = { protocol: 1, label: "", name: "x", instance: "ix", address: "x:1" };

test.each([
  ["a browser", [Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]],
  ["an endless frame", [Buffer.from([0xff, 0xff, 0xff, 0xff, 1])]],
  ["no JSON", [Buffer.from([0, 0, 0, 1, KIND.hello, 0x7b])]],
  ["a ping first", [Buffer.from([0, 0, 0, 4, KIND.ping, 0, 0, 0, 1])]],
])("%s on the port is shown the door and counted", async (_what, chunks) => {
  const rig = new MeshRig();
  const a = await rig.start({ host: "a" });
  const { connection, closed } = await stranger(rig);
  for (const chunk of chunks) void connection.write(chunk);
  await rig.clock.advance(20);
  expect(closed()).toBe("closed by the other side");
  expect(a.counts.get("broken")).toBe(1);
  expect(namesAt(a)).toBe("a");
});

test("a client that sends nothing is disconnected after the time limit", async () => {
  const rig = new MeshRig();
  await rig.start({ host: "a" });
  const { closed } = await stranger(rig);
  await rig.clock.advance(9000);
  expect(closed()).toBe("");
  await rig.clock.advance(1100);
  expect(closed()).toBe("closed by the other side");
});

test("messages of a later version and unknown states are skipped; a later protocol is refused", async () => {
  const rig = new MeshRig();
  await rig.start({ host: "a" });
  const known = await stranger(rig);
  void known.stream.send(KIND.hello, encodeJson({ ...greeting, colour: "blue" }));
  void known.stream.send(99, Buffer.from("whatever"));
  void known.stream.send(KIND.sync, encodeJson({ s: "[]", colours: "x" }));
  void known.stream.send(KIND.ping, Buffer.alloc(4));
  await rig.clock.advance(20);
  expect(known.heard).toEqual([KIND.welcome, KIND.synced, KIND.pong]);
  const later = await stranger(rig);
  void later.stream.send(KIND.hello, encodeJson({ ...greeting, protocol: 2 }));
  await rig.clock.advance(20);
  expect(later.heard).toEqual([KIND.refuse]);
  expect(later.closed()).not.toBe("");
});

test("unidentified connections beyond the limit replace the oldest, and do not prevent instances from connecting", async () => {
  const rig = new MeshRig();
  await rig.start({ host: "a" });
  for (let i = 0; i < 70; i++) await stranger(rig);
  const b = await rig.start({ host: "b", seeds: ["a:1"] });
  await rig.clock.advance(1000);
  expect(namesAt(b)).toBe("a b");
});
