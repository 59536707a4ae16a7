import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "./host-files.ts";
import { integerOf } from "./kernel-number.ts";

/**
 * A file's content without surrounding white space. Throws NoDataError if it is missing, which is no fault of the host.
 */
export function attributeOrNoData(tree: FileTree, path: string): string {
  try {
    return tree.read(path).trim();
  } catch (error) {
    if (isMissing(error)) throw new NoDataError(`${tree.path(path)} is missing`, { cause: error });
    throw error;
  }
}

/** The whole number in a file, or undefined if the file cannot be read. Throws where it holds anything else. */
export function integerAttribute(tree: FileTree, path: string): number | undefined {
  const text = tree.value(path);
  if (text === undefined) return undefined;
  const number = integerOf(text);
  if (number === undefined) throw new Error(`${tree.path(path)}: expected a whole number, got "${text}"`);
  return number;
}

/** As much of an attribute as node_exporter reads; a label longer than that is cut in the same place. */
const READ_BYTES = 128;

const trimmed = (text: string): string =>
  (text.length > READ_BYTES ? Buffer.from(text).toString("utf8", 0, READ_BYTES) : text).trim();

/** One attribute of a device, without surrounding white space. Throws Node's error if it cannot be read. */
export const attributeOf = (tree: FileTree, path: string): string => trimmed(tree.read(path));

/** The same where a driver may leave the attribute out: undefined then. Throws any other error. */
export function optionalAttribute(tree: FileTree, path: string): string | undefined {
  const text = optionalText(tree, path);
  return text === undefined ? undefined : trimmed(text);
}

/** The whole content of a file that not every kernel has; undefined without it. Throws any other error. */
export function optionalText(tree: FileTree, path: string): string | undefined {
  try {
    return tree.read(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
