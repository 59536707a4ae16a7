import type { Steps } from "@narthex/runtime";
import { type Files, readFully } from "./files.ts";

const PART_BYTES = 1024 * 1024;

/**
 * Writes bytes [from, to) of a file over themselves, a part in each step. After a sync that failed, systems take pages for
 * written that are not on the disk: only pages that are written again will be. Throws the system's error.
 */
export function* writingAgain(path: string, from: number, to: number, files: Files): Steps<void> {
  const file = files.open(path, "r+");
  try {
    const buffer = new Uint8Array(Math.min(PART_BYTES, Math.max(1, to - from)));
    for (let at = from; at < to;) {
      const count = readFully(files, file, buffer.subarray(0, Math.min(buffer.length, to - at)), at);
      if (count === 0) return;
      for (let done = 0; done < count;) done += files.writeAt(file, buffer.subarray(done, count), at + done);
      at += count;
      yield;
    }
  } finally {
    files.close(file);
  }
}
