import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "./host-files.ts";
import { integerOf } from "./kernel-number.ts";

/**
 * Returns a file's content without surrounding white space. Throws NoDataError if the file is missing, because not
 * every host has the file.
 */
export function attributeOrNoData(tree: FileTree, path: string): string {
  try {
    return tree.read(path).trim();
  } catch (error) {
    if (isMissing(error)) throw new NoDataError(`${tree.path(path)} is missing`, { cause: error });
    throw error;
  }
}

/** Returns the integer in a file; undefined if the file cannot be read. Throws if the file contains any other text. */
export function integerAttribute(tree: FileTree, path: string): number | undefined {
  const text = tree.value(path);
  if (text === undefined) return undefined;
  const number = integerOf(text);
  if (number === undefined) throw new Error(`${tree.path(path)}: expected a whole number, got "${text}"`);
  return number;
}

/**
 * Largest number of bytes of a sysfs attribute. Longer attributes are cut, because node_exporter reads only this number
 * of bytes.
 */
const READ_BYTES = 128;

const trimmed = (text: string): string =>
  (text.length > READ_BYTES ? Buffer.from(text).toString("utf8", 0, READ_BYTES) : text).trim();

/** Returns an attribute of a device without surrounding white space. Throws Node's error if it cannot be read. */
export const attributeOf = (tree: FileTree, path: string): string => trimmed(tree.read(path));

/** Returns an attribute that a driver may omit, or undefined if it is missing. Throws any other error. */
export function optionalAttribute(tree: FileTree, path: string): string | undefined {
  const text = optionalText(tree, path);
  return text === undefined ? undefined : trimmed(text);
}

/**
 * Returns the whole content of a file that not every kernel has, or undefined if it is missing. Throws any other error.
 */
export function optionalText(tree: FileTree, path: string): string | undefined {
  try {
    return tree.read(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
