import { cpSync } from "node:fs";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { onTestFinished } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";

/** The machine's disk, but not `diskFiles` itself: the database writes blocks on the thread of the test. */
export const inPlace: Files = { ...diskFiles };

/**
 * Opens a database with a clock that only the test advances. When the test has ended, the database is closed, unless the test
 * has closed it.
 */
export async function openTestTsdb(dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> {
  const db = await openTsdb(dir, { clock: new ManualClock(), logger: memoryLogger(), lockFile: false, ...options });
  onTestFinished(() => db.close());
  return db;
}

/** Copies a folder and returns the path of the copy. A killed process leaves what the copy of its open folder holds. */
export function copyOf(dir: string): string {
  const copy = temporaryFolder();
  cpSync(dir, copy, { recursive: true });
  return copy;
}
