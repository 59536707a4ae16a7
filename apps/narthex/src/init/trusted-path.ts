import { lstatSync } from "node:fs";

interface Facts {
  readonly uid: number;
  readonly mode: number;
  isDirectory(): boolean;
}

export interface Trust {
  /** User ids that are trusted in addition to root. */
  readonly owners: readonly number[];
  /** Permission bits that must not be set. */
  readonly closed: number;
  /** Returns the owner and mode of a path without following links. Tests pass a fake. */
  readonly look?: (path: string) => Facts;
}

const STICKY = 0o1000;

/**
 * Returns the first part of an absolute path that an untrusted user could replace. The path must not contain links.
 * Returns undefined if no part can be replaced. Throws if a part does not exist.
 */
export function exchangeablePart(path: string, { owners, closed, look = lstatSync }: Trust): string | undefined {
  const names = path.split("/").filter((name) => name !== "");
  // Checks folders from the root down: if others cannot change a folder, they cannot replace its entry that is checked
  // next.
  for (let depth = 0; depth <= names.length; depth++) {
    const part = `/${names.slice(0, depth).join("/")}`;
    const facts = look(part);
    const isFolder = facts.isDirectory();
    // Whether others may replace entries. In a folder with the sticky bit, only the owner of a file can replace the
    // file.
    const isOpen = (facts.mode & closed) !== 0 && !(isFolder && (facts.mode & STICKY) !== 0);
    const isForeign = facts.uid !== 0 && !owners.includes(facts.uid);
    if (isOpen || isForeign || (depth < names.length && !isFolder)) return part;
  }
  return undefined;
}

/** Returns the ids of this user, and of the user who has called sudo. Undefined if the system has no user ids. */
export function ownIds(
  uid: number | undefined,
  env: Readonly<Record<string, string | undefined>>,
): readonly number[] | undefined {
  if (uid === undefined) return undefined;
  const caller = uid === 0 && /^\d+$/.test(env["SUDO_UID"] ?? "") ? [Number(env["SUDO_UID"])] : [];
  return [uid, ...caller];
}
