import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Minimum file size in bytes for compression. Smaller files fit into one or two packets anyway. */
const MIN_BYTES = 1024;

const encoders = [
  { suffix: ".br", encode: promisify(brotliCompress) as (bytes: Buffer, options: object) => Promise<Buffer> },
  { suffix: ".gz", encode: promisify(gzip) as (bytes: Buffer, options: object) => Promise<Buffer> },
] as const;

/** Both encoders use their highest level, because a file is compressed once and sent often. */
const options = { level: 9, params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

/** Writes a brotli and a gzip copy next to each file of a folder, so that the server need not compress. */
export async function precompress(folder: string, isCompressed = (_path: string): boolean => true): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !isCompressed(path)) return;
      const bytes = await readFile(path);
      if (bytes.length < MIN_BYTES) return;
      for (const { suffix, encode } of encoders) await writeFile(path + suffix, await encode(bytes, options));
    }),
  );
}
