import { basename, dirname, join } from "node:path";
import { copyAside } from "../aside.ts";
import { diskFiles, type Files } from "../files.ts";
import { writeLogDraft } from "./log-draft.ts";
import { PAGES_AT_START, readSegment, type SegmentReading } from "./read-segment.ts";
import { type Segment, logSegmentName } from "./segment.ts";

const FLUSH_BYTES = 1024 * 1024;

export type Repair =
  | { readonly kind: "cut"; readonly bytes: number; readonly reason: string }
  | {
      readonly kind: "rewritten";
      readonly original: string;
      readonly damages: number;
      readonly reason: string;
      /**
       * Whether the kept records differ from the records that were read earlier, because the disk was damaged again in
       * the meantime.
       */
      readonly differs: boolean;
    };

/**
 * Repairs a damaged segment, so that every reader of the format can read it. Cuts off a torn end. If there are readable
 * records after the damage, keeps all readable records and copies the original to `asideDir`.
 */
export async function repairSegment(
  segment: Segment,
  reading: SegmentReading,
  asideDir: string,
  files: Files = diskFiles,
): Promise<Repair> {
  const [first] = reading.damages;
  if (reading.recordsAfterDamage === 0) {
    files.truncate(segment.path, first!.offset);
    return { kind: "cut", bytes: segment.size - first!.offset, reason: first!.reason };
  }
  const name = `${basename(dirname(segment.path))}-${logSegmentName(segment.index)}`;
  // Copies the original before the repaired segment replaces it, so that a power cut cannot lose the original.
  const original = copyAside(segment.path, asideDir, name, files);
  const { damages, recordsAfterDamage } = await rewrite(segment, files);
  const differs =
    recordsAfterDamage !== reading.recordsAfterDamage ||
    damages.length !== reading.damages.length ||
    damages.some(({ offset }, i) => offset !== reading.damages[i]!.offset);
  return { kind: "rewritten", original, damages: damages.length, reason: first!.reason, differs };
}

/**
 * Replaces a segment by a new segment with its readable records. Returns the result of reading the segment. Throws the
 * system's error.
 */
async function rewrite({ path }: Segment, files: Files): Promise<SegmentReading> {
  const draft = `${path}.repair.tmp`;
  let reading: SegmentReading;
  await writeLogDraft(
    draft,
    { segmentBytes: 2 ** 31, files },
    async (writer) => {
      let unflushed = 0;
      const keep = (record: Uint8Array): void => {
        writer.log(record);
        unflushed += record.length;
        if (unflushed < FLUSH_BYTES) return;
        writer.flush();
        unflushed = 0;
      };
      reading = await readSegment(path, keep, PAGES_AT_START, files);
    },
    () => files.rename(join(draft, logSegmentName(0)), path),
  );
  return reading!;
}
