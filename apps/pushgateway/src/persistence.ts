import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { Feature } from "@narthex/http";
import { prepareDataFile } from "@narthex/runtime";
import { openOwnSqlite, type Store } from "@narthex/store";
import type { Context } from "./context.ts";

const SQLITE_HEADER = "SQLite format 3\0";
/** Suffix of the store's file if --persistence.file is a file of Prometheus' Pushgateway. */
const STORE_SUFFIX = ".narthex.db";

export interface Persistence extends Feature {
  /** Store of the groups; undefined if groups are kept in memory only. */
  readonly store: Store | undefined;
  /**
   * Path of --persistence.file if it is or was a file of Prometheus' Pushgateway. The store is then a separate file
   * next to it.
   */
  readonly snapshotFile: string | undefined;
}

/**
 * Opens the file of --persistence.file. The file is either new or from an earlier run. Rejects with StoreError or
 * DataPathError.
 */
export async function openPersistence({ host, flags }: Context): Promise<Persistence> {
  const path = flags["persistence.file"];
  if (path === "") return { name: "store", store: undefined, snapshotFile: undefined };
  const file = resolve(host.cwd, path);
  prepareDataFile(file, "--persistence.file");
  const head = headOf(file);
  const storeFile = file + STORE_SUFFIX;
  // If a store exists next to the path, the path is that of a file of Prometheus' Pushgateway, even if this file was
  // removed.
  const isOriginals = head !== SQLITE_HEADER && (head !== "" || existsSync(storeFile));
  const snapshotFile = isOriginals ? file : undefined;
  const store = await openOwnSqlite(isOriginals ? storeFile : file);
  return { name: "store", store, snapshotFile, stop: () => store.close() };
}

/** Returns the first bytes of a file, or "" if the file is missing or empty. */
function headOf(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
  try {
    const head = Buffer.alloc(SQLITE_HEADER.length);
    return head.toString("latin1", 0, readSync(fd, head, 0, head.length, 0));
  } finally {
    closeSync(fd);
  }
}
