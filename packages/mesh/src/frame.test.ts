import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, type Frame, FrameError, FrameReader, GREETING_BYTES, KIND } from "./frame.ts";
import { decodeGreeting, decodePong, decodeStateUpdate, decodeDigests, encodeStateUpdate } from "./messages.ts";

test("frames are decoded as they were encoded, however the stream is split", () => {
  const frame = fc.record({ kind: fc.integer({ min: 0, max: 255 }), payload: fc.uint8Array({ maxLength: 300 }) });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));
      const reader = new FrameReader();
      const read: Frame[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = at + cuts[i % cuts.length]!;
        reader.push(bytes.subarray(at, end));
        at = end;
        for (let next = reader.next(); next !== undefined; next = reader.next()) read.push(next);
      }
      expect(read.map(({ kind, payload }) => [kind, [...payload]])).toEqual(
        frames.map(({ kind, payload }) => [kind, [...payload]]),
      );
    }),
  );
});

test("a frame that is too large is refused at its first bytes, until both sides have greeted each other", () => {
  const head = Buffer.from(encodeFrame(KIND.state, new Uint8Array(GREETING_BYTES + 1))).subarray(0, 5);
  const reader = new FrameReader();
  reader.push(head);
  expect(() => reader.next()).toThrow(FrameError);
  const trusting = new FrameReader();
  trusting.allowLargeFrames();
  trusting.push(head);
  expect(trusting.next()).toBeUndefined();
});

test("an update is decoded as it was encoded", () => {
  const names = fc.array(fc.string({ maxLength: 20 }));
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), names, fc.array(fc.uint8Array()), (key, seen, items) => {
      const read = decodeStateUpdate(encodeStateUpdate({ key, seen, items }));
      expect({ ...read, items: read.items.map((item) => [...item]) }).toEqual({
        key,
        seen,
        items: items.map((item) => [...item]),
      });
    }),
  );
});

test("an update with too many items is refused", () => {
  const items = Array.from({ length: 65_537 }, () => new Uint8Array());
  expect(() => decodeStateUpdate(encodeStateUpdate({ key: "sil", seen: [], items }))).toThrow("more than 65536 items");
  const { items: read } = decodeStateUpdate(encodeStateUpdate({ key: "sil", seen: [], items: items.slice(1) }));
  expect(read).toHaveLength(65_536);
});

test("payloads of any bytes are decoded or refused without a crash", () => {
  const json = fc.json().map((text) => Buffer.from(text));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json), (payload) => {
      for (const decode of [decodeGreeting, decodePong, decodeStateUpdate, decodeDigests]) {
        try {
          decode(payload);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }
    }),
  );
});
