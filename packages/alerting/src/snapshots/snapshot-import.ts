import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Logger, replaceDataFile } from "@narthex/runtime";
import type { Store } from "@narthex/store";
import type { NotificationLog } from "../dispatch/notification-log.ts";
import type { Silences } from "../silences/silences.ts";
import { readLogSnapshot, readSilencesSnapshot, SnapshotError } from "./snapshot-codec.ts";
import { writeLogSnapshot, writeSilencesSnapshot } from "./snapshot-writer.ts";

export interface ImportOptions {
  /** The storage folder of an Alertmanager. */
  readonly folder: string;
  readonly store: Store;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Key of the record about the imported files in the store. */
const MARK = "snapshots";
const FILES = { silences: "silences", log: "nflog" } as const;

interface Mark {
  /** Time of the import, Unix ms. */
  readonly at: number;
  /**
   * Digest of both imported files, or null if neither file existed. Undefined if an older version of Narthex imported
   * the files, because older versions import them only once.
   */
  readonly digest?: string | null;
  /** True if the import left out some silences of the files. */
  readonly isPartial?: boolean;
}

/**
 * Imports the files `silences` and `nflog` of an Alertmanager that used the folder before. Imports them at the first
 * start with a store, and at a later start if Alertmanager has written the files since. The files stay unchanged.
 * Throws SnapshotError with the file's name if a file cannot be read. In this case nothing is imported, and the next
 * start tries again.
 */
export async function importSnapshots(options: ImportOptions): Promise<void> {
  const { folder, store, silences, log, clock, logger } = options;
  const mark = await markIn(store);
  const files = await readFiles(folder);
  const digest = digestOf(files);
  if (mark !== undefined && (mark.digest === undefined || mark.digest === digest)) return;
  const found = readAs(folder, FILES.silences, files.silences, readSilencesSnapshot);
  const entries = readAs(folder, FILES.log, files.log, readLogSnapshot);
  for (const { id, what } of found?.unknown ?? []) {
    logger.warn("A silence of the snapshot is left out: it uses a feature that is not supported", {
      silence: id,
      what,
    });
  }
  const [keptSilences, keptEntries] = await Promise.all([
    silences.merge(found?.silences ?? []),
    log.merge(entries ?? []),
  ]);
  await note(store, { at: clock.now(), digest, isPartial: (found?.unknown ?? []).length > 0 });
  if (found === undefined && entries === undefined) return;
  logger.info("Imported silences and notification log of an Alertmanager", {
    folder,
    silences: keptSilences.length,
    notifications: keptEntries.length,
    expired: (found?.silences ?? []).length - keptSilences.length + (entries ?? []).length - keptEntries.length,
  });
}

/**
 * Writes the silences and the notification log to the files that were imported, so that a user can start Alertmanager
 * on the folder again. Leaves the files unchanged if the import left out some of their silences. Rejects with
 * StoreError, or with an error of node:fs.
 * @param retentionMs how long silences are kept after their end
 */
export async function exportSnapshots(options: Omit<ImportOptions, "logger">, retentionMs: number): Promise<void> {
  const { folder, store, silences, log, clock } = options;
  const mark = await markIn(store);
  if (typeof mark?.digest !== "string" || mark.isPartial === true) return;
  const before = await readFiles(folder);
  // Does not overwrite files that an Alertmanager has written since the import, because the next start imports them.
  if (digestOf(before) !== mark.digest) return;
  const files = {
    silences: writeSilencesSnapshot(silences.all(), retentionMs),
    log: writeLogSnapshot(log.all()),
  };
  for (const kind of ["silences", "log"] as const)
    if (before[kind] !== undefined) await replaceDataFile(join(folder, FILES[kind]), files[kind]);
  await note(store, { at: clock.now(), digest: digestOf(await readFiles(folder)) });
}

type Files = Readonly<Record<keyof typeof FILES, Uint8Array | undefined>>;

async function readFiles(folder: string): Promise<Files> {
  const [silences, log] = await Promise.all([contentOf(folder, FILES.silences), contentOf(folder, FILES.log)]);
  return { silences, log };
}

/** Returns a digest of the contents of both files, or null if neither file exists. */
function digestOf({ silences, log }: Files): string | null {
  if (silences === undefined && log === undefined) return null;
  const hash = createHash("sha256");
  for (const file of [silences, log]) hash.update(`${file?.length ?? "none"} `).update(file ?? "");
  return hash.digest("hex");
}

async function markIn(store: Store): Promise<Mark | undefined> {
  const entry = await store.collection("imports").get(MARK);
  return entry === undefined ? undefined : (JSON.parse(entry.value) as Mark);
}

const note = (store: Store, mark: Mark): Promise<void> =>
  store.collection("imports").put({ key: MARK, value: JSON.stringify(mark), expiresAt: Number.MAX_SAFE_INTEGER });

/** Returns the content of a snapshot file, or undefined if it does not exist. */
async function contentOf(folder: string, name: string): Promise<Uint8Array | undefined> {
  const path = join(folder, name);
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, error);
  }
}

function readAs<T>(
  folder: string,
  name: string,
  bytes: Uint8Array | undefined,
  read: (bytes: Uint8Array) => T,
): T | undefined {
  try {
    return bytes === undefined ? undefined : read(bytes);
  } catch (error) {
    throw unreadable(join(folder, name), error);
  }
}

function unreadable(path: string, cause: unknown): SnapshotError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = "repair the file, or move it away to start without its content";
  return new SnapshotError(`cannot import ${path}: ${reason}; ${advice}`, { cause });
}
