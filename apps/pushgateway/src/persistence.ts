import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { Feature } from "@narthex/http";
import { prepareDataFile } from "@narthex/runtime";
import { openSqlite, type Store } from "@narthex/store";
import type { Context } from "./context.ts";

const SQLITE_HEADER = "SQLite format 3\0";

/** A file at --persistence.file that is not ours: it is left as it is, and the gateway does not start. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** Where groups outlive the process. */
export interface Persistence extends Feature {
  /** Undefined: in memory only. */
  readonly store: Store | undefined;
}

/** The file of --persistence.file, new or from an earlier run. Throws ForeignFileError, StoreError, DataPathError. */
export function openPersistence({ flags }: Context): Persistence {
  const path = flags["persistence.file"];
  if (path === "") return { name: "store", store: undefined };
  const store = openFile(path);
  return { name: "store", store, stop: () => store.close() };
}

function openFile(path: string): Store {
  prepareDataFile(resolve(path), "--persistence.file");
  const head = headOf(path);
  if (head !== "" && head !== SQLITE_HEADER) {
    throw new ForeignFileError(
      `${path} was not written by this program; a Prometheus Pushgateway's persistence file cannot be read here. ` +
        "Nothing was changed. To move: give --persistence.file another path (or move the old file away) and start; " +
        "then start the old Pushgateway with the old file on another port and push its groups here, " +
        "or let the jobs push anew.",
    );
  }
  return openSqlite(path);
}

/** The first bytes of a file, "" where it is missing or empty. */
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
