import { diskError, type Files, readFullyLater } from "./files.ts";

const PART_BYTES = 1024 * 1024;

/**
 * Rewrites the bytes [from, to) of a file in place. After a failed sync, systems treat pages as clean that are not on
 * the disk, and only rewritten pages are synced. Rejects with the system's error, and also if the file is shorter than
 * `to`.
 */
export async function writeAgain(path: string, from: number, to: number, files: Files): Promise<void> {
  const file = files.open(path, "r+");
  try {
    const buffer = new Uint8Array(Math.min(PART_BYTES, Math.max(1, to - from)));
    for (let at = from; at < to;) {
      const part = buffer.subarray(0, Math.min(buffer.length, to - at));
      const count = await readFullyLater(files, file, part, at);
      if (count < part.length)
        throw diskError(`${path} ends at byte ${at + count}, but ${to} bytes were written to it`);
      for (let done = 0; done < count;) done += files.writeAt(file, part.subarray(done), at + done);
      at += count;
    }
  } finally {
    files.close(file);
  }
}
