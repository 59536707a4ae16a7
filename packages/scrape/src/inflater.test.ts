import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BodyBuffers } from "./body-buffers.ts";
import { Inflater } from "./inflater.ts";

const MANNERS = [true, false];

const inflate = async (stepped: boolean, zipped: Uint8Array, limit = 0): Promise<string> => {
  const { buffer, size } = await new Inflater(new BodyBuffers(), stepped).inflate(zipped, limit);
  return buffer.toString("latin1", 0, size);
};

test("inflate() undoes gzip, members one after the other too, again and again in the same memory", async () => {
  const buffers = new BodyBuffers();
  const inflater = new Inflater(buffers);
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
        const { buffer, size } = await inflater.inflate(zipped, 0);
        expect(buffer.subarray(0, size).equals(content)).toBe(true);
        buffers.giveBack(buffer);
      },
    ),
  );
});

test("inflate() of a long content lets others run in between, and keeps several apart", async () => {
  const inflater = new Inflater(new BodyBuffers());
  const contents = ["a", "b"].map((char) => char.repeat(5_000_000));
  let turns = 0;
  let running = true;
  const count = (): void => {
    turns++;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  const got = await Promise.all(contents.map((content) => inflater.inflate(gzipSync(content), 0)));
  running = false;
  expect(got.map(({ buffer, size }) => buffer.toString("latin1", 0, size) === contents.shift())).toEqual([true, true]);
  expect(turns).toBeGreaterThan(3);
});

test("inflate() gives up when nobody waits for it any more", async () => {
  let looks = 0;
  const check = (): void => {
    if (++looks > 3) throw new Error("context deadline exceeded");
  };
  const inflating = new Inflater(new BodyBuffers()).inflate(gzipSync(Buffer.alloc(50_000_000)), 0, check);
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
  "a content as long as the limit is refused, whatever it would become (stepped: %s)",
  async (stepped) => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await expect(inflate(stepped, bomb, 1_000_000)).rejects.toThrow("body size limit exceeded");
    expect(await inflate(stepped, gzipSync("abc"), 4)).toBe("abc");
    await expect(inflate(stepped, gzipSync("abc"), 3)).rejects.toThrow("body size limit exceeded");
  },
);

test.each(MANNERS)(
  "what is no gzip, or torn, says so, and the next one is read all the same (stepped: %s)",
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

test.each(MANNERS)("inflate() in manner %s makes no more than the longest buffer holds", async (stepped) => {
  const inflater = new Inflater(new BodyBuffers(4 * 1024 * 1024, 1024 * 1024), stepped);
  const whole = await inflater.inflate(gzipSync(Buffer.alloc(4 * 1024 * 1024 - 1)), 0);
  expect(whole.size).toBe(4 * 1024 * 1024 - 1);
  await expect(inflater.inflate(gzipSync(Buffer.alloc(4 * 1024 * 1024 + 1)), 0)).rejects.toThrow(
    "body size limit exceeded",
  );
});
