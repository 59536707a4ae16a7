import { systemClock } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type BusAnswer, type BusCall, messageBus, type MessageBusOptions, variant } from "../testing/message-bus.ts";
import { connectDBus, DBusRefusal, systemBusAddress } from "./d-bus.ts";
import { DBusProtocolError, type DBusValue, readMessage } from "./d-bus-message.ts";

const CALL = { destination: "org.example", path: "/org/example", interface: "org.example.Things", member: "Get" };
const SYSTEM = { clock: systemClock, limitMs: 10_000, isBus: true };

async function answered(answer: BusAnswer, options?: MessageBusOptions): Promise<readonly DBusValue[]> {
  await using bus = await messageBus(() => answer, options);
  using connection = await connectDBus(bus.address, SYSTEM);
  return await connection.call(CALL);
}

interface Typed {
  readonly signature: string;
  readonly value: unknown;
}

const of = (signature: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<Typed> =>
  values.map((value) => ({ signature, value }));

const { typed } = fc.letrec<{ typed: Typed; list: Typed; struct: Typed; variant: Typed }>((tie) => ({
  typed: fc.oneof(
    { maxDepth: 3 },
    of("s", fc.string({ unit: "grapheme", maxLength: 12 })),
    of("o", fc.string({ maxLength: 12 })),
    of("u", fc.nat(2 ** 31)),
    of("i", fc.integer()),
    of("y", fc.nat(255)),
    of("q", fc.nat(65_535)),
    of("n", fc.integer({ min: -32_768, max: 32_767 })),
    of("d", fc.double({ noNaN: true })),
    of("b", fc.boolean()),
    of("t", fc.bigInt(0n, 2n ** 64n - 1n)),
    of("x", fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    tie("list"),
    tie("struct"),
    tie("variant"),
  ),
  list: fc.tuple(tie("typed"), fc.nat(3)).map(([{ signature, value }, length]) => ({
    signature: `a${signature}`,
    value: Array.from({ length }, () => value),
  })),
  struct: fc.array(tie("typed"), { minLength: 1, maxLength: 3 }).map((members) => ({
    signature: `(${members.map(({ signature }) => signature).join("")})`,
    value: members.map(({ value }) => value),
  })),
  variant: of("v", tie("typed")),
}));

test("call() returns any values, in either byte order, however the bytes are split", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(typed, { maxLength: 3 }),
      fc.boolean(),
      fc.constantFrom(1, 7, 65_536),
      async (values, isBigEndian, chunkBytes) => {
        const signature = values.map((one) => one.signature).join("");
        const body = values.map(({ value }) => value);
        expect(await answered({ signature, body }, { isBigEndian, chunkBytes })).toEqual(body);
      },
    ),
    { numRuns: 60 },
  );
});

test("call() sends its arguments, including texts beyond ASCII", async () => {
  await using bus = await messageBus(({ args }) => ({ signature: "s", body: [args.join("+")] }));
  using connection = await connectDBus(bus.address, SYSTEM);
  const args = ["", "über", "日本", "a".repeat(10_000)];
  expect(await connection.call({ ...CALL, args })).toEqual([args.join("+")]);
  expect(bus.calls.map(({ member }) => member)).toEqual(["Hello", "Get"]);
  expect(bus.calls[1]).toEqual({ ...CALL, args });
});

test("call() matches each answer to its call, with at most 64 calls open at once", async () => {
  await using bus = await messageBus(({ args }) => ({ signature: "s", body: [args[0]] }));
  using connection = await connectDBus(bus.address, SYSTEM);
  const names = Array.from({ length: 1000 }, (_, i) => `unit-${i}`);
  const answers = await Promise.all(names.map((name) => connection.call({ ...CALL, args: [name] })));
  expect(answers).toEqual(names.map((name) => [name]));
  await using silent = await messageBus(() => undefined);
  using waiting = await connectDBus(silent.address, SYSTEM);
  const open = names.map((name) => waiting.call({ ...CALL, args: [name] }));
  void Promise.allSettled(open);
  await vi.waitFor(() => expect(silent.calls).toHaveLength(65));
});

test("property() unpacks a value and passes on a refusal", async () => {
  const known: Readonly<Record<string, BusAnswer>> = { Color: { signature: "v", body: [variant("s", "red")] } };
  const answer = ({ args }: BusCall): BusAnswer => known[args[1]!] ?? { error: "org.No", message: "no such thing" };
  await using bus = await messageBus(answer);
  using connection = await connectDBus(bus.address, SYSTEM);
  expect(await connection.property("a.b", "/a", "a.B", "Color")).toEqual({ signature: "s", value: "red" });
  await expect(connection.property("a.b", "/a", "a.B", "Smell")).rejects.toThrow(new DBusRefusal("no such thing"));
  expect(await connection.property("a.b", "/a", "a.B", "Color")).toEqual({ signature: "s", value: "red" });
});

test("after the time limit of a connection all calls fail, including later ones", async () => {
  await using bus = await messageBus(() => undefined);
  const clock = new ManualClock();
  using connection = await connectDBus(bus.address, { ...SYSTEM, clock });
  const call = connection.call(CALL);
  void clock.advance(10_000);
  await expect(call).rejects.toThrow("no answer within 10 s");
  await expect(connection.call(CALL)).rejects.toThrow("no answer within 10 s");
});

test("connectDBus() uses the first address that answers, and reports the reason if none does", async () => {
  await using bus = await messageBus(() => ({ signature: "s", body: ["yes"] }));
  using connection = await connectDBus(`unix:path=/nowhere;${bus.address},guid=0`, SYSTEM);
  expect(await connection.call(CALL)).toEqual(["yes"]);
  await expect(connectDBus("unix:path=/nowhere", SYSTEM)).rejects.toThrow("connect ENOENT /nowhere");
  await expect(connectDBus("tcp:host=a,port=1", SYSTEM)).rejects.toThrow("is not supported; give unix:path=");
  await using closed = await messageBus(() => undefined, { isClosedShop: true });
  await expect(connectDBus(closed.address, SYSTEM)).rejects.toThrow("authentication failed: REJECTED EXTERNAL");
});

test("systemBusAddress() returns the address of the environment, or the usual socket", () => {
  expect(systemBusAddress({ DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/a" })).toBe("unix:path=/a");
  expect(systemBusAddress({})).toBe("unix:path=/var/run/dbus/system_bus_socket");
});

test("readMessage() refuses invalid bytes and always ends", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), fc.constantFrom(0x6c, 0x42), (noise, order) => {
      const bytes = Buffer.from(noise);
      bytes[0] = order;
      bytes.writeUInt32LE(bytes.length % 64, 12);
      try {
        readMessage(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DBusProtocolError);
      }
    }),
  );
});
