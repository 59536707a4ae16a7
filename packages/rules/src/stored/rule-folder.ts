import { readdir, readFile, rm, open } from "node:fs/promises";
import { join } from "node:path";
import { replaceDataFile } from "@narthex/runtime";

const ENDING = ".yml";
/** Maximum length of a file name in bytes, such that the name of a draft also fits into 255 bytes. */
const MAX_NAME = 230;
/** Maximum size of a rule file in bytes. A larger file is not read. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Returns the file name of a namespace; undefined if the name would be too long for a file system. */
function fileNameOf(namespace: string): string | undefined {
  const escaped = encodeURIComponent(namespace)
    .replaceAll(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\./, "%2E");
  return escaped.length > MAX_NAME ? undefined : `${escaped}${ENDING}`;
}

function namespaceOf(fileName: string): string {
  const escaped = fileName.slice(0, -ENDING.length);
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped;
  }
}

/** A rule file of the folder, and its namespace. */
export interface FolderFile {
  readonly namespace: string;
  readonly path: string;
  readonly text: string;
}

/** A folder with a rule file for each namespace. The file name is the namespace with the escapes of URLs. */
export class RuleFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Returns the path of a new file for a namespace; undefined if the namespace is too long. */
  newPath(namespace: string): string | undefined {
    const name = fileNameOf(namespace);
    return name === undefined ? undefined : join(this.path, name);
  }

  /** Reads all rule files, sorted by name. Rejects with the errors of node:fs. */
  async read(): Promise<readonly FolderFile[]> {
    const names = (await readdir(this.path)).filter((name) => name.endsWith(ENDING)).sort();
    const files: FolderFile[] = [];
    for (const name of names) {
      const path = join(this.path, name);
      const bytes = await readFile(path);
      if (bytes.length > MAX_BYTES) throw new Error(`${path} has more than ${MAX_BYTES} bytes`);
      files.push({ namespace: namespaceOf(name), path, text: bytes.toString() });
    }
    return files;
  }

  /** Replaces a file as a whole, on the disk. If this fails, the old content stays. */
  async write(path: string, text: string): Promise<void> {
    try {
      await replaceDataFile(path, Buffer.from(text));
    } catch (error) {
      await rm(`${path}.in_progress`, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Removes a file, on the disk. */
  async remove(path: string): Promise<void> {
    await rm(path, { force: true });
    const folder = await open(this.path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
