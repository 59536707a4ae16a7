import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract, type Header, pack } from "tar-stream";
import { type Entry, file, type FileTree, inOrder, modeOf, program } from "./file-tree.ts";

interface TarOptions {
  /** Seconds since 1970. */
  readonly epoch: number;
  /** Path that precedes all entries in the archive: `.` or the name of a folder. */
  readonly top: string;
}

/**
 * Returns a tar archive whose bytes depend only on the tree and the options: order, owners (root) and times are fixed.
 */
export async function tar(tree: FileTree, { epoch, top }: TarOptions): Promise<Uint8Array> {
  const archive = pack();
  const written = buffer(archive);
  const common = { uid: 0, gid: 0, uname: "root", gname: "root", mtime: new Date(epoch * 1000) };
  archive.entry({ ...common, name: `${top}/`, type: "directory", mode: 0o755 });
  for (const [path, entry] of inOrder(tree)) {
    const headers: Partial<Header> & { name: string } = { ...common, name: `${top}/${path}`, mode: modeOf(entry) };
    if (entry.kind === "folder") archive.entry({ ...headers, name: `${headers.name}/`, type: "directory" });
    else if (entry.kind === "link") archive.entry({ ...headers, type: "symlink", linkname: entry.to });
    else archive.entry({ ...headers, type: "file" }, Buffer.from(entry.bytes));
  }
  archive.finalize();
  return written;
}

/** Returns the files of a tar archive, without their common folder. Rejects if the bytes are not a tar archive. */
export async function untar(bytes: Uint8Array): Promise<FileTree> {
  const reader = extract();
  const tree = new Map<string, Entry>();
  Readable.from([bytes]).pipe(reader);
  for await (const entry of reader) {
    const { name, type, mode } = entry.header;
    const content = await buffer(entry);
    const path = name.replace(/^[^/]+\//, "");
    if (type === "file" && path !== "") tree.set(path, (mode & 0o100) === 0 ? file(content) : program(content));
  }
  return tree;
}
