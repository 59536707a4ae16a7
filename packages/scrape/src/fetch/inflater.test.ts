import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BodyContent } from "./body-content.ts";
import { BodyMemory } from "./fetch.ts";
import { Inflater, type GzipBody } from "./inflater.ts";

const MANNERS = [true, false];

/** Returns a compressed body that can be read from its start several times. */
const body = (bytes: Uint8Array, inLines = false): GzipBody => ({
  size: bytes.length,
  inLines,
  open: () => {
    let at = 0;
    return {
      read: (into, from, to) => {
        const piece = bytes.subarray(at, (at += Math.min(bytes.length - at, to - from)));
        into.set(piece, from);
        return piece.length;
      },
      close: () => undefined,
    };
  },
  release: () => undefined,
});

/** Reads the whole decompressed body through a window. The reader keeps `kept` bytes when the window advances. */
function read(content: BodyContent, kept = 0): Buffer {
  const window = content.open();
  const parts: Uint8Array[] = [];
  for (; !window.last; window.advance(window.bytes.length - kept))
    parts.push(Uint8Array.from(window.bytes.subarray(0, window.bytes.length - kept)));
  parts.push(Uint8Array.from(window.bytes));
  window.close();
  return Buffer.concat(parts);
}

const inflate = async (stepped: boolean, zipped: Uint8Array, limit = 0): Promise<string> =>
  read(await new Inflater(new BodyMemory(), stepped).inflate(body(zipped), limit)).toString("latin1");

test("inflate() decompresses gzip, including several members, repeatedly in the same memory", async () => {
  const inflater = new Inflater(new BodyMemory());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 3 }),
      fc.nat(3),
      async (parts, times) => {
        const content = Buffer.concat(
          parts.map((part) => Buffer.concat(Array.from({ length: times ** 6 }, () => part))),
        );
        const half = content.length >> 1;
        const zipped = Buffer.concat([gzipSync(content.subarray(0, half)), gzipSync(content.subarray(half))]);
        const inflated = await inflater.inflate(body(zipped), 0);
        expect(read(inflated).equals(content)).toBe(true);
        inflated.release();
      },
    ),
  );
});

test("inflate() of a long content yields to other work, and keeps concurrent contents separate", async () => {
  const inflater = new Inflater(new BodyMemory());
  const contents = ["a", "b"].map((char) => char.repeat(5_000_000));
  let turns = 0;
  let running = true;
  const count = (): void => {
    turns++;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  const got = await Promise.all(contents.map((content) => inflater.inflate(body(gzipSync(content)), 0)));
  running = false;
  expect(got.map((content) => read(content).toString("latin1") === contents.shift())).toEqual([true, true]);
  expect(turns).toBeGreaterThan(3);
});

test("inflate() ends when its result is no longer needed", async () => {
  let looks = 0;
  const check = (): void => {
    if (++looks > 3) throw new Error("context deadline exceeded");
  };
  const inflating = new Inflater(new BodyMemory()).inflate(body(gzipSync(Buffer.alloc(50_000_000))), 0, check);
  await expect(inflating).rejects.toThrow("context deadline exceeded");
});

test.each([
  ["nothing", Buffer.alloc(0), "EOF"],
  ["half a header", gzipSync("abc").subarray(0, 5), "unexpected EOF"],
  ["text behind it", Buffer.concat([gzipSync("abc"), Buffer.from("and more text")]), "gzip: invalid header"],
  ["zeros behind it", Buffer.concat([gzipSync("abc"), Buffer.alloc(12)]), "gzip: invalid header"],
])("%s is no gzip, in Go's words", async (_, zipped, problem) => {
  await expect(inflate(true, zipped)).rejects.toThrow(problem);
});

test.each(MANNERS)(
  "a content of the length of the limit is refused, whatever follows (stepped: %s)",
  async (stepped) => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await expect(inflate(stepped, bomb, 1_000_000)).rejects.toThrow("body size limit exceeded");
    expect(await inflate(stepped, gzipSync("abc"), 4)).toBe("abc");
    await expect(inflate(stepped, gzipSync("abc"), 3)).rejects.toThrow("body size limit exceeded");
  },
);

test.each(MANNERS)(
  "invalid or truncated gzip is an error, and the next content is still read (stepped: %s)",
  async (stepped) => {
    const zipped = gzipSync("abc".repeat(1000));
    await expect(inflate(stepped, zipped.subarray(0, -3))).rejects.toThrow("unexpected EOF");
    await expect(inflate(stepped, Buffer.from("plain text"))).rejects.toThrow("gzip: invalid header");
    const wrong = Buffer.from(zipped);
    wrong[wrong.length - 8]! ^= 1;
    await expect(inflate(stepped, wrong)).rejects.toThrow("gzip: invalid checksum");
    await expect(inflate(stepped, Buffer.concat([zipped.subarray(0, 10), Buffer.alloc(20, 0xff)]))).rejects.toThrow(
      "flate: corrupt input",
    );
    expect(await inflate(stepped, zipped)).toBe("abc".repeat(1000));
  },
);

test("a long content is read in windows, repeatedly from the start, and in one piece if needed", async () => {
  const memory = new BodyMemory();
  const content = Buffer.from(Array.from({ length: 600_000 }, (_, i) => `series_${i} ${i % 97}\n`).join(""));
  expect(content.length).toBeGreaterThan(10_000_000);
  const [half, zipped] = [content.length >> 1, 300_000];
  const halves = Buffer.concat([gzipSync(content.subarray(0, half)), gzipSync(content.subarray(half))]);
  expect(halves.length).toBeGreaterThan(zipped);
  const inflated = await memory.inflater.inflate(body(halves, true), 0);
  expect(inflated.size).toBe(content.length);
  for (const kept of [0, 1, 1000, 700_000]) expect(read(inflated, kept).equals(content)).toBe(true);
  const piece = await inflated.inOnePiece(() => Promise.resolve());
  expect(read(piece).equals(content)).toBe(true);
  expect(memory.budget.held).toBe(content.length);
  piece.release();
  inflated.release();
  expect(memory.budget.held).toBe(0);
});

test("a text with a line that is too long is refused before it is complete, but a message of that length is not", async () => {
  const bomb = gzipSync(Buffer.alloc(100_000_000, "a"));
  let turns = 0;
  const count = (): void => void turns++;
  const inflater = new Inflater(new BodyMemory());
  await expect(inflater.inflate(body(bomb, true), 0, count)).rejects.toThrow("line longer than 16777216 bytes");
  expect(turns).toBeLessThan(20);
  expect((await inflater.inflate(body(bomb, false), 0, count)).size).toBe(100_000_000);
});

test("a content that exceeds its limit before an error reports the limit", async () => {
  const zipped = Buffer.concat([gzipSync("abc".repeat(1000)), Buffer.from("and more text")]);
  await expect(inflate(true, zipped, 2999)).rejects.toThrow("body size limit exceeded");
  await expect(inflate(true, zipped, 4000)).rejects.toThrow("gzip: invalid header");
  await expect(inflate(true, gzipSync("abc".repeat(1000)).subarray(0, -9), 100)).rejects.toThrow(
    "body size limit exceeded",
  );
});

test("a stream with much input but no content is refused before it is completely read", async () => {
  const nothing = gzipSync("");
  const zipped = Buffer.concat([gzipSync("a 1\n"), ...Array.from({ length: 400_000 }, () => nothing)]);
  const stream = body(zipped);
  let taken = 0;
  const counted: GzipBody = {
    ...stream,
    open: () => {
      const source = stream.open();
      const counting = (into: Buffer, from: number, to: number): number => {
        const count = source.read(into, from, to);
        taken += count;
        return count;
      };
      return { read: counting, close: () => source.close() };
    },
  };
  await expect(new Inflater(new BodyMemory(), true).inflate(counted, 0)).rejects.toThrow(
    "gzip: the compressed body is much longer than its content",
  );
  expect(taken).toBeLessThan(zipped.length / 2);
  const few = Buffer.concat([gzipSync("a 1\n"), ...Array.from({ length: 10_000 }, () => nothing)]);
  expect(await inflate(true, few)).toBe("a 1\n");
});
