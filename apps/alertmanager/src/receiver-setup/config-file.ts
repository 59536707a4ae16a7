import { isUtf8 } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, lstat, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceDataFile } from "@narthex/runtime";

/** Maximum size of a file that pages may change, in bytes. */
const MAX_BYTES = 1024 * 1024;

/** Error that the configuration file cannot be changed. The message says why, and what to do. */
export class ConfigFileError extends Error {
  override readonly name: string = "ConfigFileError";
}

/** Error that the configuration file does not have the content that the page knows. */
export class ConfigChangedError extends ConfigFileError {
  override readonly name = "ConfigChangedError";

  constructor() {
    super(
      "The configuration file has changed, or the Alertmanager was started again, since the page was loaded. Load the page again.",
    );
  }
}

/** The content of the configuration file. */
export interface ConfigText {
  readonly text: string;
  /** A text that differs for different contents. The text does not reveal the content, which may contain secrets. */
  readonly tag: string;
}

/** The configuration file, for changes by pages. */
export class ConfigFile {
  readonly path: string;
  readonly #key = randomBytes(32);

  constructor(path: string) {
    this.path = path;
  }

  /** Path of the copy of the file before the last change. */
  get backup(): string {
    return `${this.path}.before-change`;
  }

  /** Reads the file. Rejects with ConfigFileError if the file cannot be changed. */
  async read(): Promise<ConfigText> {
    try {
      await this.#check();
      const bytes = await readFile(this.path);
      if (!isUtf8(bytes)) throw new ConfigFileError("The file is not UTF-8. Save it as UTF-8.");
      return { text: bytes.toString(), tag: createHmac("sha256", this.#key).update(bytes).digest("hex") };
    } catch (error) {
      throw asFileError(error);
    }
  }

  /** Returns the text of the backup; "" if it cannot be read. */
  backupText(): Promise<string> {
    return readFile(this.backup, "utf8").catch(() => "");
  }

  /**
   * Replaces the file as a whole, after a backup of the old text. Rejects with ConfigChangedError if the file does not
   * contain the old text any more. If this fails, the file stays as it was.
   */
  async replace(text: string, before: string): Promise<void> {
    await this.#write(this.backup, before);
    await this.#write(this.path, text, () => this.#require(before));
  }

  /** Undoes replace(). Rejects with ConfigChangedError if the file has changed again. */
  restore(before: string, text: string): Promise<void> {
    return this.#write(this.path, before, () => this.#require(text));
  }

  /** Rejects with ConfigChangedError if the file contains another text, because someone has saved it meanwhile. */
  async #require(text: string): Promise<void> {
    if (!(await readFile(this.path)).equals(Buffer.from(text))) throw new ConfigChangedError();
  }

  async #write(path: string, text: string, check?: () => Promise<void>): Promise<void> {
    try {
      await replaceDataFile(path, Buffer.from(text), check);
    } catch (error) {
      await rm(`${path}.in_progress`, { force: true }).catch(() => undefined);
      throw asFileError(error);
    }
  }

  async #check(): Promise<void> {
    const stats = await lstat(this.path);
    const user = process.geteuid?.();
    if (stats.isSymbolicLink())
      throw new ConfigFileError(
        "The file is a symbolic link, as in a volume of Kubernetes. Change it where it comes from, such as the ConfigMap.",
      );
    if (!stats.isFile()) throw new ConfigFileError("The file is not a regular file.");
    if (stats.size > MAX_BYTES) throw new ConfigFileError(`The file has more than ${MAX_BYTES} bytes.`);
    if ((stats.mode & 0o222) === 0) throw new ConfigFileError("The file is read-only.");
    if (user !== undefined && user !== 0 && user !== stats.uid)
      throw new ConfigFileError("The file belongs to another user than the Alertmanager. Give it to this user.");
    await access(this.path, constants.W_OK);
    // The file is replaced by another file of the folder.
    await access(dirname(this.path), constants.W_OK);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "The Alertmanager may not write to the file and its folder.",
  EPERM: "The Alertmanager may not write to the file and its folder.",
  EROFS: "The file is on a read-only file system.",
  ENOSPC: "The disk is full.",
  EDQUOT: "The disk quota is used up.",
  EBUSY: "The file is mounted by itself, so it cannot be replaced. Mount its folder instead.",
  ENOENT: "The file does not exist.",
};

function asFileError(error: unknown): Error {
  if (error instanceof ConfigFileError) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new ConfigFileError(REASONS[code] ?? `The file cannot be changed: ${message}.`, { cause: error });
}
