import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = "initial-admin-password";

/**
 * The file in the data folder with the generated password of the first user, for this system user only. The log does
 * not contain the password, because more people can read the log.
 */
export class FirstPassword {
  readonly file: string;

  constructor(folder: string) {
    this.file = join(folder, FILE);
  }

  /** Writes the password. Rejects with the errors of node:fs. */
  async write(password: string): Promise<void> {
    await this.remove();
    await writeFile(this.file, `${password}\n`, { mode: 0o600, flag: "wx" });
  }

  /** Returns the password. Undefined if there is no file. */
  async read(): Promise<string | undefined> {
    const text = await readFile(this.file, "utf8").catch(() => undefined);
    return text?.trimEnd();
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }
}
