import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { ChunkLoader } from "./chunk-loader.ts";

/**
 * Loads and runs an entry point of a bundle. Each of `commands` has its own cache file, because a server and a tool
 * compile different functions. The file is next to the chunks, so only users who may change the chunks can write it.
 */
export function runEntry(dir: string, entry: string, commands: readonly string[] = []): void {
  const name = commands.find((command) => command === process.argv[2]) ?? entry;
  const cacheFile = join(dir, "code-cache", `${name}-${process.version}-${process.arch}`);
  const loader = new ChunkLoader({ dir, cacheFile, clock: systemClock });
  loader.keepCode();
  loader.load(`${entry}-entry.js`);
}
