import { SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { Frame, MAX_CHUNK_SAMPLES } from "../columnar/frame.ts";
import { FrameGroup } from "../columnar/frame-group.ts";
import { type CachedFrames, FrameCache } from "./frame-cache.ts";

const CHUNKS = 6;
const TIMES_BYTES = CHUNKS * MAX_CHUNK_SAMPLES * 8;

/** Makes a frame (a group of columnar chunks) of a few hundred bytes. No two chunks have the same times. */
function smallFrame(): Frame {
  const group = new FrameGroup();
  for (let chunk = 1; chunk <= CHUNKS; chunk++) {
    const samples = new SampleColumns(MAX_CHUNK_SAMPLES);
    samples.count = MAX_CHUNK_SAMPLES;
    for (let i = 0; i < samples.count; i++) samples.timestamps[i] = chunk * i;
    group.addFloats(samples, 0, samples.count);
  }
  const [content] = group.frames();
  return new Frame(content!.bytes.slice());
}

test("the cache keeps frames up to its limit, which includes the times that reads have decoded", () => {
  const cache = new FrameCache(5 * TIMES_BYTES);
  const owner: CachedFrames = new Map();
  const into = new SampleColumns();
  for (let place = 0; place < 50; place++) {
    cache.add(owner, place, smallFrame());
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      into.count = 0;
      cache.get(owner, place)!.read(chunk, -Infinity, Infinity, into);
    }
    const held = [...owner.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(held).toBeLessThanOrEqual(5 * TIMES_BYTES);
  }
  expect([...owner.keys()]).toEqual([46, 47, 48, 49]);
  cache.release(owner);
  expect(owner.size).toBe(0);
});
