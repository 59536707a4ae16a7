import { ManualClock, settle } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { messageBus } from "../testing/message-bus.ts";
import { connectDBus, type DBusConnection } from "./d-bus.ts";
import { KeptConnection } from "./kept-connection.ts";

const PING = { destination: "a.b", path: "/", interface: "a.b", member: "Ping" };
const ping = async (connection: DBusConnection): Promise<void> => void (await connection.call(PING));

async function bus(isBus = true) {
  const server = await messageBus(() => ({ signature: "", body: [] }));
  const clock = new ManualClock();
  let connects = 0;
  const kept = new KeptConnection(clock, () => {
    connects++;
    return connectDBus(server.address, { clock, limitMs: 1000, isBus });
  });
  return { kept, clock, connects: () => connects, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("scrapes use one connection, and the time limit counts only while it is used", async () => {
  await using host = await bus();
  await host.kept.use(ping);
  await host.clock.advance(60_000);
  await host.kept.use(ping);
  expect(host.connects()).toBe(1);
  expect(host.clock.pending).toBe(1);
});

test("the time limit applies to each use of a kept connection", async () => {
  await using host = await bus();
  await host.kept.use(ping);
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = host.kept.use(async (connection) => {
    await promise;
    await ping(connection);
  });
  await host.clock.advance(1000);
  resolve();
  await expect(late).rejects.toThrow("no answer within 1 s");
  await host.kept.use(ping);
  expect(host.connects()).toBe(2);
});

test("after a failure, the next scrape connects again", async () => {
  await using host = await bus();
  await expect(host.kept.use(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  await host.kept.use(ping);
  expect(host.connects()).toBe(2);
});

test("a connection that the bus has closed, or that was unused for five minutes, is replaced", async () => {
  await using host = await bus();
  let used: DBusConnection | undefined;
  await host.kept.use(async (connection) => void (used = connection));
  used!.close();
  await host.kept.use(ping);
  await host.clock.advance(300_000);
  await settle();
  await host.kept.use(ping);
  expect(host.connects()).toBe(3);
});

test("a connection to systemd's own socket is closed after each scrape", async () => {
  await using host = await bus(false);
  await host.kept.use(ping);
  await host.kept.use(ping);
  expect([host.connects(), host.clock.pending]).toEqual([2, 0]);
});
