import { type PlatformPath, posix } from "node:path";

/** Is an absolute path a folder, or in it? Both are compared as the system would walk them: `..` counts. */
export function isBelow(path: string, folder: string, style: PlatformPath = posix): boolean {
  const way = style.relative(folder, path);
  return way !== ".." && !way.startsWith(`..${style.sep}`) && !style.isAbsolute(way);
}
