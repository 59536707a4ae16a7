import { type PlatformPath, posix } from "node:path";

/** Reports whether an absolute path is this folder or within it, after `..` is resolved. */
export function isBelow(path: string, folder: string, style: PlatformPath = posix): boolean {
  const relativePath = style.relative(folder, path);
  return relativePath !== ".." && !relativePath.startsWith(`..${style.sep}`) && !style.isAbsolute(relativePath);
}
