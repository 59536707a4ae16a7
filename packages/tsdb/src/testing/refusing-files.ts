import { diskFiles, type Files } from "../files.ts";
import { systemError } from "./system-error.ts";

/**
 * Methods of `Files` that return a promise. If such a method is refused, its promise rejects; the method itself does
 * not throw.
 */
const ASYNCHRONOUS: readonly (keyof Files)[] = ["readLater", "sync", "syncFolder"];

/**
 * Returns files whose named methods fail whenever `isRefused` returns true.
 * @param code the system's error code
 * @param files the files to wrap; by default the real file system
 */
export function refusing<Name extends keyof Files>(
  calls: Name | readonly Name[],
  isRefused: (...args: Parameters<Files[Name]>) => boolean,
  code = "ENOSPC",
  files: Files = diskFiles,
): Files {
  const refusable = [calls].flat() as (keyof Files)[];
  return new Proxy(files, {
    get(_, call: keyof Files) {
      const made = files[call].bind(files) as (...args: unknown[]) => unknown;
      if (!refusable.includes(call)) return made;
      return (...args: Parameters<Files[Name]>): unknown => {
        if (!isRefused(...args)) return made(...args);
        const error = systemError(code, String(args[0]));
        if (ASYNCHRONOUS.includes(call)) return Promise.reject(error);
        throw error;
      };
    },
  });
}
