import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteSlabs } from "./byte-slabs.ts";
import { CommitSequence } from "../concurrency/commit-sequence.ts";
import { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { SharedBuffers } from "./shared-column.ts";

test("blocks never overlap after any allocations and frees, and no block is reused while readers are open", () => {
  const command = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("allocate" as const),
        size: fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: 1, max: 40_000 }) },
          { weight: 1, arbitrary: fc.integer({ min: 400_000, max: 700_000 }) },
        ),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("free" as const), which: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("pack" as const), sizes: fc.array(fc.integer({ min: 1, max: 9000 })) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("pin" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("unpin" as const), which: fc.nat() }) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const reclaimer = new EpochReclaimer(new CommitSequence(new SharedBuffers()));
      const slabs = new ByteSlabs(reclaimer);
      const live: { ref: number; size: number; mark: number }[] = [];
      const pins: { unpin: () => void; seen: { ref: number; size: number; mark: number }[] }[] = [];
      let mark = 0;
      const bytesOf = ({ ref, size }: { ref: number; size: number }): Uint8Array =>
        slabs.bytes[ref >>> 16]!.subarray((ref & 0xffff) * 8, (ref & 0xffff) * 8 + size);
      const check = (block: { ref: number; size: number; mark: number }): void => {
        expect(bytesOf(block).findIndex((byte) => byte !== block.mark)).toBe(-1);
      };
      const own = (ref: number, size: number): void => {
        const block = { ref, size, mark: (mark = (mark + 1) & 0xff) };
        bytesOf(block).fill(block.mark);
        live.push(block);
      };
      for (const item of commands) {
        if (item.kind === "allocate") own(slabs.allocate(item.size), item.size);
        else if (item.kind === "pack") {
          for (const size of item.sizes) own(slabs.allocatePacked(size), size);
          slabs.endPacked();
        } else if (item.kind === "release") slabs.forEachFreePages((pages) => pages.fill(0));
        else if (item.kind === "free" && live.length > 0) {
          const [block] = live.splice(item.which % live.length, 1);
          check(block!);
          slabs.free(block!.ref, block!.size);
        } else if (item.kind === "pin") pins.push({ unpin: reclaimer.pin(), seen: [...live] });
        else if (item.kind === "unpin" && pins.length > 0) {
          const [pin] = pins.splice(item.which % pins.length, 1);
          pin!.seen.forEach(check);
          pin!.unpin();
        }
      }
      expect(slabs.scatteredBytes).toBeGreaterThanOrEqual(0);
      live.forEach(check);
      for (const { seen } of pins) seen.forEach(check);
    }),
  );
});
