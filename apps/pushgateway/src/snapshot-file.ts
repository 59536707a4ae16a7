import { createHash } from "node:crypto";
import { chown, open, readFile, rename, stat } from "node:fs/promises";
import type { Feature } from "@narthex/http";
import {
  type PushGroups,
  readSnapshot,
  replaceGroups,
  SnapshotError,
  storePersistence,
  writeSnapshot,
} from "@narthex/pushing";
import type { Context } from "./context.ts";
import type { Persistence } from "./persistence.ts";

/** A file at --persistence.file that is neither ours nor the original's: it is left as it is, and the gateway does not start. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** Notes in the store which state of the original's file it holds. */
const MARK = "snapshot";

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function note({ clock }: Context, { store }: Persistence, digest: string): Promise<void> {
  const value = JSON.stringify({ digest, at: clock.now() });
  await store?.collection("imports").put({ key: MARK, value, expiresAt: Number.MAX_SAFE_INTEGER });
}

/**
 * Takes over the groups of a persistence file that the original wrote: at the first start with it, and whenever the
 * original has written it since. The file stays as it is. Rejects with ForeignFileError, StoreError.
 */
export async function takeOverSnapshot(context: Context, persistence: Persistence): Promise<void> {
  const { store, snapshotFile } = persistence;
  if (store === undefined || snapshotFile === undefined) return;
  const bytes = await readFile(snapshotFile);
  const digest = digestOf(bytes);
  const mark = await store.collection("imports").get(MARK);
  if (mark !== undefined && (JSON.parse(mark.value) as { digest: string }).digest === digest) return;
  const groups = groupsOf(bytes, snapshotFile);
  await replaceGroups(storePersistence(store), groups);
  await note(context, persistence, digest);
  context.logger.info("Took over the groups of a Pushgateway", { file: snapshotFile, groups: groups.length });
}

function groupsOf(bytes: Uint8Array, file: string): ReturnType<typeof readSnapshot> {
  try {
    return readSnapshot(bytes);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    throw new ForeignFileError(
      `--persistence.file: ${file} is not readable as groups, neither of this program nor of a Prometheus Pushgateway: ` +
        `${error.message}. It was left as it is: move it away to start without what it holds, or name another file`,
      { cause: error },
    );
  }
}

/** Leaves the groups in the original's file when the gateway stops, where they came from one: it can be started again on it. */
export function openSnapshotFile(context: Context, persistence: Persistence, groups: PushGroups): Feature {
  const { snapshotFile } = persistence;
  if (snapshotFile === undefined) return { name: "snapshot" };
  return {
    name: "snapshot",
    async stop() {
      const bytes = writeSnapshot(await groups.snapshot());
      try {
        await replaceFile(snapshotFile, bytes);
      } catch (error) {
        context.logger.error("The groups were not written for the original, and are kept here alone", {
          file: snapshotFile,
          err: error,
        });
        return;
      }
      // After the file: a mark of what is not there would let the older groups of the file be taken over.
      await note(context, persistence, digestOf(bytes));
    },
  };
}

/** Replaces a file as a whole; it keeps its mode and, where this user may give files away, its owner. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  const draft = `${path}.in_progress`;
  const file = await open(draft, "w", mode & 0o777);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  if (process.geteuid?.() === 0) await chown(draft, uid, gid);
  await rename(draft, path);
}
