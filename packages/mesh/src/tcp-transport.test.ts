import { createServer, type Server } from "node:net";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { formatHostPort } from "./transport.ts";
import { Mesh } from "./mesh.ts";
import { TcpTransport } from "./tcp-transport.ts";
import { LastWriterWins } from "./testing/lww-state.ts";
import { countingObserver, TIMINGS } from "./testing/mesh-rig.ts";

const open = async (name: string, host: string, seeds: readonly string[]) => {
  const transport = new TcpTransport({
    host,
    port: 0,
    tls: undefined,
    clock: systemClock,
    logger: memoryLogger(),
  });
  const state = new LastWriterWins();
  const mesh = await Mesh.open({
    name,
    instance: name,
    label: "",
    advertise: (bound) => formatHostPort(bound.host, bound.port),
    seeds: async () => ({ addresses: seeds, complete: true }),
    transport,
    timings: TIMINGS,
    clock: systemClock,
    logger: memoryLogger(),
    observer: countingObserver(),
    random: () => 0,
  });
  mesh.share("s", state);
  return { mesh, state };
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test.each(["127.0.0.1", "::1"])(
  "two instances on %s share a large entry over TCP, and each announces when it leaves",
  async (host) => {
    const a = await open("a", host, []);
    const key = "k".repeat(3_000_000);
    a.state.set(key, 1);
    const b = await open("b", host, [a.mesh.self.address]);
    expect(await b.mesh.join()).toEqual([]);
    expect(b.state.entries.get(key)).toBe(1);
    await until(() => a.mesh.members().length === 2);
    b.mesh.broadcast("s", b.state.set("x", 2));
    await until(() => a.state.entries.get("x") === 2);
    await b.mesh.stop();
    await until(() => a.mesh.members().length === 1);
    await a.mesh.stop();
  },
);

test("if the port is in use, the start fails with the original's message", async () => {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const transport = new TcpTransport({
    host: "127.0.0.1",
    port,
    tls: undefined,
    clock: systemClock,
    logger: memoryLogger(),
  });
  await expect(transport.listen(() => undefined)).rejects.toThrow(
    `Failed to start TCP listener on "127.0.0.1" port ${port}: listen tcp 127.0.0.1:${port}: bind: address already in use`,
  );
  server.close();
});

test("a connection to an address without a listener fails with Go's words", async () => {
  const transport = new TcpTransport({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    clock: systemClock,
    logger: memoryLogger(),
  });
  await expect(transport.dial("127.0.0.1:1", 1000)).rejects.toMatchObject({
    message: "dial tcp 127.0.0.1:1: connect: connection refused",
    refused: true,
  });
});
