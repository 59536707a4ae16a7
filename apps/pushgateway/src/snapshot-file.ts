import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import type { Feature } from "@narthex/http";
import {
  type PushGroups,
  readSnapshot,
  replaceGroups,
  SnapshotError,
  storePersistence,
  writeSnapshot,
} from "@narthex/pushing";
import { replaceDataFile } from "@narthex/runtime";
import type { Store } from "@narthex/store";
import type { Context } from "./context.ts";
import type { Persistence } from "./persistence.ts";

/**
 * Thrown if the file at --persistence.file was written by an unknown program. The file is not changed, and the gateway
 * does not start.
 */
class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** Key in the store for the digest of the last imported Pushgateway file. */
const MARK = "snapshot";

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Returns the digest of the Pushgateway file whose groups are in the store, or undefined if none was imported. */
async function noted(store: Store): Promise<string | undefined> {
  const mark = await store.collection("imports").get(MARK);
  return mark === undefined ? undefined : (JSON.parse(mark.value) as { digest: string }).digest;
}

async function note({ clock }: Context, store: Store, digest: string): Promise<void> {
  const value = JSON.stringify({ digest, at: clock.now() });
  await store.collection("imports").put({ key: MARK, value, expiresAt: Number.MAX_SAFE_INTEGER });
}

/** Returns the bytes of the Pushgateway file, or undefined if it is missing or empty. */
async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(file);
    return bytes.length === 0 ? undefined : bytes;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Imports a persistence file of Prometheus' Pushgateway at the first start with the file, and after each change of the
 * file. Does not change the file. Rejects with ForeignFileError or StoreError.
 */
export async function takeOverSnapshot(context: Context, persistence: Persistence): Promise<void> {
  const { store, snapshotFile } = persistence;
  if (store === undefined || snapshotFile === undefined) return;
  const bytes = await bytesOf(snapshotFile);
  if (bytes === undefined) {
    context.logger.warn("The file of the Pushgateway is gone; its groups are those that are kept beside it", {
      file: snapshotFile,
    });
    return;
  }
  const digest = digestOf(bytes);
  if ((await noted(store)) === digest) return;
  const groups = groupsOf(bytes, snapshotFile);
  await replaceGroups(storePersistence(store), groups);
  await note(context, store, digest);
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

/**
 * Adds the feature that writes the groups back to the imported Pushgateway file at the stop, so that Prometheus'
 * Pushgateway can use them again.
 */
export function openSnapshotFile(context: Context, persistence: Persistence, groups: PushGroups): Feature {
  const { store, snapshotFile } = persistence;
  if (store === undefined || snapshotFile === undefined) return { name: "snapshot" };
  return {
    name: "snapshot",
    async stop() {
      const bytes = writeSnapshot(await groups.snapshot());
      try {
        await keepIfWritten(context, snapshotFile, await noted(store));
        await replaceDataFile(snapshotFile, bytes);
      } catch (error) {
        context.logger.error("The groups were not written for the original, and are kept here alone", {
          file: snapshotFile,
          err: error,
        });
        return;
      }
      // Records the digest only after the file was written. After a failed write, the next start would otherwise import
      // the old file with its older groups.
      await note(context, store, digestOf(bytes));
    },
  };
}

/** Copies the file if another program, such as Prometheus' Pushgateway, has written it while this gateway ran. */
async function keepIfWritten({ logger, clock }: Context, file: string, known: string | undefined): Promise<void> {
  const bytes = await bytesOf(file);
  if (bytes === undefined || digestOf(bytes) === known) return;
  const kept = `${file}.${new Date(clock.now()).toISOString().replaceAll(":", "-")}`;
  await copyFile(file, kept, constants.COPYFILE_EXCL);
  logger.warn("Another program wrote the file of groups while this one ran; what it wrote is kept", { file, kept });
}
