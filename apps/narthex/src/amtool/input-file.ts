import { readFileSync, statSync } from "node:fs";
import { type ConfigFiles, SourceError } from "@narthex/config";
import { CommandError } from "../command-line/command.ts";

/** Name of standard input in messages, as the original amtool prints it. */
export const STANDARD_INPUT = "/dev/stdin";

/** Checks that files exist. Throws CommandError for the first path that does not exist or is a directory. */
export async function requireFiles(paths: readonly string[], files: ConfigFiles): Promise<void> {
  for (const path of paths) {
    if (!(await files.exists(path))) throw new CommandError(`path '${path}' does not exist`);
    if (statSync(path).isDirectory()) throw new CommandError(`'${path}' is a directory`);
  }
}

/** Reads a file, or standard input if no file is named. Throws CommandError. */
export async function readInput(path: string | undefined, files: ConfigFiles): Promise<string> {
  if (path === undefined) return readFileSync(0, "utf8");
  await requireFiles([path], files);
  try {
    return await files.read(path);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}
