import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export type Entry =
  | { readonly kind: "file"; readonly bytes: Uint8Array; readonly isExecutable: boolean; readonly isPrivate?: boolean }
  | { readonly kind: "link"; readonly to: string }
  | { readonly kind: "folder" };

/** Files, folders and links of an archive by path. Paths have forward slashes and no leading or trailing slash. */
export type FileTree = ReadonlyMap<string, Entry>;

export const folder: Entry = { kind: "folder" };

export const file = (content: string | Uint8Array): Entry => ({
  kind: "file",
  bytes: typeof content === "string" ? Buffer.from(content) : content,
  isExecutable: false,
});

export const program = (content: string | Uint8Array): Entry => ({
  kind: "file",
  bytes: typeof content === "string" ? Buffer.from(content) : content,
  isExecutable: true,
});

/** Returns a file that only its owner and group can read. Files for passwords need this. */
export const asPrivate = (entry: Entry): Entry => (entry.kind === "file" ? { ...entry, isPrivate: true } : entry);

/** Reads the files below a folder of the disk. Ignores their modes and times, which differ between checkouts. */
export function readTree(from: string): FileTree {
  const names = readdirSync(from, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(from, name)).isFile());
  return new Map(files.map((name) => [name.replaceAll("\\", "/"), file(readFileSync(join(from, name)))]));
}

/** Adds a parent folder to all paths of a tree. */
export const below = (prefix: string, tree: FileTree): FileTree =>
  new Map([...tree].map(([path, entry]) => [`${prefix}/${path}`, entry]));

/** Joins the files of several trees. Throws if two trees contain the same path, which is a bug of the build. */
export function joined(...trees: readonly FileTree[]): FileTree {
  const all = new Map<string, Entry>();
  for (const tree of trees)
    for (const [path, entry] of tree) {
      if (all.has(path)) throw new Error(`two parts of the release have a file ${path}`);
      all.set(path, entry);
    }
  return all;
}

/** Returns entries and their folders, each folder before its entries, in a fixed order. */
export function inOrder(tree: FileTree): readonly (readonly [string, Entry])[] {
  const all = new Map(tree);
  for (const path of tree.keys())
    for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) all.set(parent, folder);
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Returns the permissions of an entry, which are the same in every archive format. */
export const modeOf = (entry: Entry): number => {
  if (entry.kind === "link") return 0o777;
  if (entry.kind === "folder" || entry.isExecutable) return 0o755;
  return entry.isPrivate === true ? 0o640 : 0o644;
};

/**
 * Writes a tree as a folder of the disk, and replaces an existing one. Modes do not depend on the umask.
 * @param epoch time of the files, seconds since 1970
 */
export function writeTree(tree: FileTree, to: string, epoch: number): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  chmodSync(to, modeOf(folder));
  for (const [path, entry] of inOrder(tree)) {
    const target = join(to, path);
    if (entry.kind === "link") {
      symlinkSync(entry.to, target);
      continue;
    }
    if (entry.kind === "folder") mkdirSync(target);
    else writeFileSync(target, entry.bytes);
    chmodSync(target, modeOf(entry));
    if (entry.kind === "file") utimesSync(target, epoch, epoch);
  }
}
