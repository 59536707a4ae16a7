import { NoData } from "./collector.ts";
import { type FileTree, isMissing } from "./host-files.ts";
import { integerOf } from "./kernel-text.ts";

/** A file's content without surrounding white space. Throws NoData where it is missing, which is no fault of the host. */
export function attributeOrNoData(tree: FileTree, path: string): string {
  try {
    return tree.read(path).trim();
  } catch (error) {
    if (isMissing(error)) throw new NoData(`${tree.path(path)} is missing`, { cause: error });
    throw error;
  }
}

/** The whole number in a file; undefined where the file cannot be read. Throws where it holds anything else. */
export function integerAttribute(tree: FileTree, path: string): number | undefined {
  const text = tree.value(path);
  if (text === undefined) return undefined;
  const number = integerOf(text);
  if (number === undefined) throw new Error(`${tree.path(path)}: expected a whole number, got "${text}"`);
  return number;
}
