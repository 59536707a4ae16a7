import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Logger } from "@narthex/runtime";
import type { Store } from "@narthex/store";
import type { NotificationLog } from "../dispatch/notification-log.ts";
import type { Silences } from "../silences/silences.ts";
import { readLogSnapshot, readSilencesSnapshot, SnapshotError } from "./snapshot-codec.ts";

export interface ImportOptions {
  /** The storage folder of an Alertmanager. */
  readonly folder: string;
  readonly store: Store;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Notes in the store that the files have been taken over. */
const MARK = "snapshots";

/**
 * Takes over the files `silences` and `nflog` of an Alertmanager that used the folder before, at the first start with a
 * store; the files stay as they are. Throws SnapshotError naming the file that cannot be read: then nothing is taken, and
 * the next start tries again.
 */
export async function importSnapshots(options: ImportOptions): Promise<void> {
  const { folder, store, silences, log, clock, logger } = options;
  const imports = store.collection("imports");
  if ((await imports.entries()).some(({ key }) => key === MARK)) return;
  const [found, entries] = await Promise.all([
    readSnapshot(folder, "silences", readSilencesSnapshot),
    readSnapshot(folder, "nflog", readLogSnapshot),
  ]);
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
  await imports.put({ key: MARK, value: JSON.stringify({ at: clock.now() }), expiresAt: Number.MAX_SAFE_INTEGER });
  if (found === undefined && entries === undefined) return;
  logger.info("Took over silences and notification log of an Alertmanager", {
    folder,
    silences: keptSilences.length,
    notifications: keptEntries.length,
    expired: (found?.silences ?? []).length - keptSilences.length + (entries ?? []).length - keptEntries.length,
  });
}

/** The content of a snapshot file, undefined where there is none. */
async function readSnapshot<T>(folder: string, name: string, read: (bytes: Uint8Array) => T): Promise<T | undefined> {
  const path = join(folder, name);
  try {
    return read(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    const advice = "repair the file, or move it away to start without what it holds";
    throw new SnapshotError(`cannot take over ${path}: ${reason}; ${advice}`, { cause: error });
  }
}
