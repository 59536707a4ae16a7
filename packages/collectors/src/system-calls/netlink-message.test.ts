import fc from "fast-check";
import { runToEnd, type Steps } from "@narthex/runtime";
import { expect, test } from "vitest";
import { attributesOf } from "../testing/netlink-recording.ts";
import {
  AttributeTable,
  consistentDump,
  cText,
  eachAttribute,
  type NetlinkAnswer,
  parseAnswer,
  putUint32,
  requestBytes,
  uint16,
  uint32,
  uint64,
} from "./netlink-message.ts";

/** Bytes that Linux 6.18 sent (little-endian): two IPv4 neighbours and the end of the dump. */
const NEIGHBOURS = Buffer.from(
  "400000001c0002000100000004290000020000000500000000000001080001000a090134080004000000000014000300ab2000003b0900003b09000000000000" +
    "4c0000001c0002000100000004290000020000000300000040000001080001000a0900330a00020002000000005100000800040000000000140003003c0900003c0900003c09000000000000" +
    "1400000003000200010000000429000000000000",
  "hex",
);

test("requestBytes() writes length, type, flags and sequence before the body", () => {
  const bytes = requestBytes({ type: 18, isDump: true, body: Buffer.from([1, 2, 3]) }, 7);
  expect(bytes).toHaveLength(20);
  expect([uint32(bytes, 0), uint16(bytes, 4), uint16(bytes, 6), uint32(bytes, 8)]).toEqual([19, 18, 0x301, 7]);
  expect(uint16(requestBytes({ type: 18, isDump: false, body: Buffer.alloc(0) }, 7), 6)).toBe(1);
});

test("parseAnswer() splits a recorded dump and detects its end", () => {
  const { messages, isDone, errno } = parseAnswer(NEIGHBOURS, 1);
  expect(messages.map(({ type, body }) => [type, body.length])).toEqual([
    [28, 48],
    [28, 60],
  ]);
  expect([isDone, errno]).toEqual([true, 0]);
  const address = new AttributeTable(8).read(messages[1]!.body, 12).bytes(1);
  expect(address).toEqual(Buffer.from([10, 9, 0, 51]));
  expect(parseAnswer(NEIGHBOURS.subarray(0, 140), 1).isDone).toBe(false);
});

test("parseAnswer() omits messages that answer another request", () => {
  expect(parseAnswer(NEIGHBOURS, 2)).toEqual({ messages: [], isDone: false, errno: 0, isInterrupted: false });
});

test("parseAnswer() returns the kernel's error number", () => {
  const refusal = requestBytes({ type: 2, isDump: false, body: Buffer.alloc(20) }, 1);
  putUint32(refusal, 16, 2 ** 32 - 95);
  expect(parseAnswer(refusal, 1)).toEqual({ messages: [], isDone: true, errno: 95, isInterrupted: false });
});

test("a dump that was interrupted is requested again, three times at most", () => {
  const interrupted = Buffer.from(NEIGHBOURS);
  interrupted[6] = 0x12;
  const asked = (...answers: readonly Buffer[]): number => {
    let count = 0;
    const ask = function* (): Steps<NetlinkAnswer> {
      yield;
      return parseAnswer(answers[count++]!, 1);
    };
    const messages = runToEnd(consistentDump(ask));
    expect(messages).toHaveLength(2);
    return count;
  };
  expect(asked(NEIGHBOURS)).toBe(1);
  expect(asked(interrupted, NEIGHBOURS)).toBe(2);
  expect(asked(interrupted, interrupted, interrupted, NEIGHBOURS)).toBe(3);
});

test("parseAnswer() and eachAttribute() refuse lengths that point outside", () => {
  const short = Buffer.from(NEIGHBOURS.subarray(0, 60));
  expect(() => parseAnswer(short, 1)).toThrow("a message of 64 bytes in a datagram of 60");
  expect(() => eachAttribute(Buffer.from([9, 0, 1, 0, 0]), 0, () => {})).toThrow("netlink");
  expect(() => eachAttribute(Buffer.from([0, 0, 1, 0, 0]), 0, () => {})).toThrow("netlink");
});

test("AttributeTable returns what was written, and undefined for missing or short attributes", () => {
  const big = Buffer.alloc(8);
  putUint32(big, 0, 1);
  putUint32(big, 4, 1);
  const bytes = attributesOf([
    [1, "lo"],
    [2, 4_000_000_000],
    [3, big],
    [4 + 0x8000, [[1, 7]]],
    [90, 5],
    [2, 9],
  ]);
  const table = new AttributeTable(8).read(bytes, 0);
  expect([table.text(1), table.uint32(2), table.uint64(3)]).toEqual(["lo", 9, 2 ** 32 + 1]);
  expect(new AttributeTable(8).read(table.bytes(4)!, 0).uint32(1)).toBe(7);
  expect([table.uint32(5), table.uint64(2), table.text(6), table.bytes(7)]).toEqual(Array(4).fill(undefined));
});

test("eachAttribute() inverts attributesOf(), whatever the values", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(0x3fff), fc.uint8Array({ maxLength: 9 }))), (attributes) => {
      const read: [number, Uint8Array][] = [];
      const bytes = attributesOf(attributes);
      eachAttribute(bytes, 0, (type, at, end) => void read.push([type, new Uint8Array(bytes.subarray(at, end))]));
      expect(read).toEqual(attributes.map(([type, value]) => [type, new Uint8Array(value)]));
    }),
  ));

test("uint64() rounds as a double, cText() ends at the zero byte", () => {
  const bytes = Buffer.alloc(8, 0xff);
  expect(uint64(bytes, 0)).toBe(2 ** 64);
  expect(cText(Buffer.from("eth0\0junk"))).toBe("eth0");
  expect(cText(Buffer.from("abcdef"), 1, 3)).toBe("bc");
});
