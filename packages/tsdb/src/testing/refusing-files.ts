import { diskFiles, type Files } from "../files.ts";
import { systemError } from "./system-error.ts";

/** Calls that return a promise. They reject instead of throwing. */
const ASYNCHRONOUS: readonly (keyof Files)[] = ["readLater", "sync", "syncFolder"];

/**
 * Returns the files of the machine's disk, of which one kind of call fails when `isRefused` says so.
 *
 * @param code the system's error code
 */
export function refusing<Name extends keyof Files>(
  call: Name,
  isRefused: (...args: Parameters<Files[Name]>) => boolean,
  code = "ENOSPC",
): Files {
  const refused = (...args: Parameters<Files[Name]>): unknown => {
    if (!isRefused(...args)) return Reflect.apply(diskFiles[call], diskFiles, args);
    const error = systemError(code, String(args[0]));
    if (ASYNCHRONOUS.includes(call)) return Promise.reject(error);
    throw error;
  };
  return { ...diskFiles, [call]: refused };
}
