import { removeQuietly } from "../block/replace-file.ts";
import type { Files } from "../files.ts";
import { WalWriter, type WalWriterOptions } from "./writer.ts";

export type LogDraftOptions = WalWriterOptions & { readonly files: Files };

/** Callback that writes the records of a log. */
export type LogFilling = (writer: WalWriter) => void | Promise<void>;

/**
 * Writes a log into the folder `draft`, and then calls `use`, which moves the log to its final folder. Rejects with the
 * first error. Removes the folder `draft` in any case, because its data could keep a disk full.
 */
export async function writeLogDraft(
  draft: string,
  options: LogDraftOptions,
  fill: LogFilling,
  use: () => void | Promise<void>,
): Promise<void> {
  options.files.remove(draft);
  try {
    await writeLog(draft, options, fill);
    await use();
  } finally {
    removeQuietly(draft, options.files);
  }
}

/** Writes a log into a folder. Rejects with the first error. */
export async function writeLog(dir: string, options: LogDraftOptions, fill: LogFilling): Promise<void> {
  const writer = new WalWriter(dir, options);
  try {
    await fill(writer);
  } catch (cause) {
    // Ignores the error of close(), because the caller gets the first error.
    await writer.close().catch(() => {});
    throw cause;
  }
  await writer.close();
}
