import { constants } from "node:fs";
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceDataFile, syncFolder } from "@narthex/runtime";

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
  /** Text of the file; undefined if it cannot be used. */
  readonly text: string | undefined;
  /** Why the file cannot be used, and what to do; "" if it can. */
  readonly problem: string;
}

/** A symbolic link is not followed, and a named pipe does not wait for its writer. */
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

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

  /**
   * Reads all rule files, sorted by name. A file that cannot be used has a problem. If the names of several files are
   * one namespace, only the file with the usual escapes is read, or else the first. Rejects if the folder cannot be
   * listed.
   */
  async read(): Promise<readonly FolderFile[]> {
    const names = (await readdir(this.path)).filter((name) => name.endsWith(ENDING)).sort();
    const files: FolderFile[] = [];
    for (const [namespace, own] of Map.groupBy(names, namespaceOf)) {
      const usual = fileNameOf(namespace);
      const name = own.find((one) => one === usual) ?? own[0]!;
      const path = join(this.path, name);
      files.push({ namespace, path, ...(await contentOf(path)) });
      for (const other of own.filter((one) => one !== name)) {
        const problem = `the file has the same namespace as ${name}; rename or delete one of them`;
        files.push({ namespace, path: join(this.path, other), text: undefined, problem });
      }
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
    await syncFolder(this.path);
  }
}

async function contentOf(path: string): Promise<Pick<FolderFile, "text" | "problem">> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, READING);
    const status = await file.stat();
    if (!status.isFile()) return { text: undefined, problem: "not a regular file; replace it by a file" };
    if (status.size > MAX_BYTES)
      return { text: undefined, problem: `the file has more than ${MAX_BYTES} bytes; split it or delete it` };
    return { text: await file.readFile("utf8"), problem: "" };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = code === "ELOOP" ? "a symbolic link is not followed; replace it by the file" : message;
    return { text: undefined, problem };
  } finally {
    await file?.close();
  }
}
