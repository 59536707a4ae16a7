import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { ChunkLoader } from "./chunk-loader.ts";

/**
 * What each entry of a bundle calls. A role and a tool compile functions of their own: each of `commands` has a file. It
 * lies beside the chunks, where only those write who may as well change the chunks themselves.
 */
export function runEntry(dir: string, entry: string, commands: readonly string[] = []): void {
  const name = commands.find((command) => command === process.argv[2]) ?? entry;
  const cacheFile = join(dir, "code-cache", `${name}-${process.version}-${process.arch}`);
  const loader = new ChunkLoader({ dir, cacheFile, clock: systemClock });
  loader.keepCode();
  loader.load(`${entry}-entry.js`);
}
