import { cpSync } from "node:fs";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";

/**
 * The real file system as an object other than `diskFiles`, so that the database writes blocks on the test's thread.
 */
export const onThisThread: Files = { ...diskFiles };

/**
 * Opens a database whose clock is advanced only by the test. Closes the database after the test. The test fails if a
 * file of the database is still open.
 */
export async function openTestTsdb(dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> {
  const { files, openPaths } = counted(options.files);
  const db = await openTsdb(dir, {
    clock: new ManualClock(),
    logger: memoryLogger(),
    lockFile: false,
    ...options,
    files,
  });
  onTestFinished(async () => {
    await db.close();
    expect([...openPaths.values()], "files that are still open").toEqual([]);
  });
  return db;
}

/** Wraps files to record which files are open. `diskFiles` are not wrapped, because threads use them. */
function counted(files: Files | undefined): { files: Files | undefined; openPaths: Map<number, string> } {
  const openPaths = new Map<number, string>();
  if (files === undefined || files === diskFiles) return { files, openPaths };
  const own: Partial<Files> = {
    open(path, mode) {
      const file = files.open(path, mode);
      openPaths.set(file, path);
      return file;
    },
    close(file) {
      openPaths.delete(file);
      files.close(file);
    },
  };
  const proxy = new Proxy(files, {
    get: (_, call: keyof Files) => own[call] ?? files[call].bind(files),
  });
  return { files: proxy, openPaths };
}

/**
 * Copies a folder and returns the path of the copy. The copy of an open folder has the content that a kill would leave.
 * Leaves out folders that the storage thread is removing, because Node ends the process with SIGABRT if a folder
 * disappears while cpSync() copies it.
 */
export function copyOf(dir: string): string {
  const copy = temporaryFolder();
  cpSync(dir, copy, { recursive: true, filter: (path) => !path.endsWith(".tmp-for-deletion") });
  return copy;
}
