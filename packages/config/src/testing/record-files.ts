import { posix } from "node:path";
import { type ConfigFiles, SourceError } from "../source.ts";

/** Returns simulated configuration files from a record of paths and texts. Later changes of the record take effect. */
export function recordFiles(record: Readonly<Record<string, string>>): ConfigFiles {
  const inside = (folder: string): string[] =>
    Object.keys(record).filter((path) => posix.dirname(path) === (folder === "" ? "." : folder));
  return {
    read(path) {
      const text = record[path];
      return text === undefined
        ? Promise.reject(new SourceError(`open ${path}: no such file or directory`))
        : Promise.resolve(text);
    },
    list: (folder) => Promise.resolve(inside(folder).map((path) => posix.basename(path))),
    exists: (path) => Promise.resolve(path in record || inside(path).length > 0),
  };
}
