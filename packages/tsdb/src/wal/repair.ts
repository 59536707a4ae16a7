import { copyFileSync, mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import { readSegment, type SegmentReading } from "./read-segment.ts";
import { type Segment, segmentName } from "./segment.ts";
import { WalWriter } from "./writer.ts";

const FLUSH_BYTES = 1024 * 1024;

/** What was done about a damaged segment. */
export type Repair =
  | { readonly kind: "cut"; readonly bytes: number; readonly reason: string }
  | { readonly kind: "rewritten"; readonly original: string; readonly damages: number; readonly reason: string };

/**
 * Makes a damaged segment readable for every reader of the format. A torn end is cut off; of a segment with readable
 * records behind the damage all readable ones are kept, and the original is set aside in `asideDir`.
 */
export async function repairSegment(segment: Segment, reading: SegmentReading, asideDir: string): Promise<Repair> {
  const [first] = reading.damages;
  if (reading.recordsAfterDamage === 0) {
    truncateSync(segment.path, first!.offset);
    return { kind: "cut", bytes: segment.size - first!.offset, reason: first!.reason };
  }
  mkdirSync(asideDir, { recursive: true });
  const original = join(asideDir, `${basename(join(segment.path, ".."))}-${segmentName(segment.index)}`);
  copyFileSync(segment.path, original);
  const draftDir = `${segment.path}.repair.tmp`;
  rmSync(draftDir, { recursive: true, force: true });
  const draft = new WalWriter(draftDir, { segmentBytes: 2 ** 31 });
  let unflushed = 0;
  await readSegment(segment.path, (record) => {
    draft.log(record);
    unflushed += record.length;
    if (unflushed < FLUSH_BYTES) return;
    draft.flush();
    unflushed = 0;
  });
  await draft.close();
  renameSync(join(draftDir, segmentName(0)), segment.path);
  rmSync(draftDir, { recursive: true, force: true });
  return { kind: "rewritten", original, damages: reading.damages.length, reason: first!.reason };
}
