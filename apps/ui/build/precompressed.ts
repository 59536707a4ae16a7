import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

/** Smaller files fit into a packet or two as they are. */
const LEAST_BYTES = 1024;

const encoders = [
  { suffix: ".br", encode: promisify(brotliCompress) as (bytes: Buffer, options: object) => Promise<Buffer> },
  { suffix: ".gz", encode: promisify(gzip) as (bytes: Buffer, options: object) => Promise<Buffer> },
] as const;

/** Of both encoders the best that they can: a file is compressed once and sent often. */
const options = { level: 9, params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

/** Lays each asset of the build beside itself in brotli and gzip, so that the server compresses nothing. */
export function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      const folder = join(dir, "assets");
      const names = await readdir(folder);
      await Promise.all(
        names.map(async (name) => {
          const bytes = await readFile(join(folder, name));
          if (bytes.length < LEAST_BYTES) return;
          for (const { suffix, encode } of encoders)
            await writeFile(join(folder, name + suffix), await encode(bytes, options));
        }),
      );
    },
  };
}
