import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip, gunzipSync } from "node:zlib";
import { pack } from "tar-stream";

/** A file of the archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly body: Uint8Array;
}

/** File permissions of each file in the archive. */
const MODE = 0o666;

/** Writes a `.tar.gz` archive. An existing archive with this name is replaced when the new one is complete. */
export async function writeArchive(path: string, files: readonly ArchivedFile[]): Promise<void> {
  const archive = pack();
  for (const { name, body } of files) archive.entry({ name, mode: MODE }, Buffer.from(body));
  archive.finalize();
  const unfinished = `${path}.tmp`;
  try {
    await pipeline(archive, createGzip(), createWriteStream(unfinished));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Maximum size in bytes of a debug page in the archive. */
export const MAX_PAGE_BYTES = 2 ** 28;

/**
 * Returns the bytes of a profile. Go's servers compress profiles, and the archive contains them uncompressed. Throws an
 * error if the profile is damaged or longer than `maxBytes`.
 */
export function uncompressed(body: Uint8Array, maxBytes = MAX_PAGE_BYTES): Uint8Array {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ERR_BUFFER_TOO_LARGE" ? `longer than ${maxBytes} bytes` : `damaged: ${message}`;
    throw new Error(`the unpacked profile is ${reason}`, { cause });
  }
}
