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

/** Records in the store the state of the files that it includes. */
const MARK = "snapshots";
const FILES = { silences: "silences", log: "nflog" } as const;

interface Mark {
  /** Unix ms. */
  readonly at: number;
  /** Digest of both files; null if there are none. Earlier versions imported them once, and recorded none. */
  readonly digest?: string | null;
  /** Do they have silences that were left out? */
  readonly isPartial?: boolean;
}

/**
 * Imports the files `silences` and `nflog` of an Alertmanager that used the folder before: at the first start with a
 * store, and whenever it has written them since. The files stay unchanged. Throws SnapshotError with the name of the
 * file that cannot be read: then nothing is imported, and the next start tries again.
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
    logger.warn("A silence of the snapshot is left out: it has something that is not known here", {
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
  logger.info("Took over silences and notification log of an Alertmanager", {
    folder,
    silences: keptSilences.length,
    notifications: keptEntries.length,
    expired: (found?.silences ?? []).length - keptSilences.length + (entries ?? []).length - keptEntries.length,
  });
}

/**
 * Writes silences and notification log to the files from which they were imported, so that the Alertmanager can be
 * started on the folder again. Files with silences that are not understood here stay unchanged. Rejects with
 * StoreError, or like node:fs.
 *
 * @param retentionMs how long silences are kept after their end
 */
export async function exportSnapshots(options: Omit<ImportOptions, "logger">, retentionMs: number): Promise<void> {
  const { folder, store, silences, log, clock } = options;
  const mark = await markIn(store);
  if (typeof mark?.digest !== "string" || mark.isPartial === true) return;
  const before = await readFiles(folder);
  // An Alertmanager that ran at the same time has written them: the next start imports them.
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

/** Null if neither exists. */
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

/** The content of a snapshot file; undefined if it does not exist. */
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
  const advice = "repair the file, or move it away to start without what it holds";
  return new SnapshotError(`cannot take over ${path}: ${reason}; ${advice}`, { cause });
}
