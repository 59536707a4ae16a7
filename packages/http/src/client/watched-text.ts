import { type Stats, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Clock } from "@narthex/runtime";

/** A file changed twice within this time may look as if it had not been. */
const UNSURE_MS = 2000;

/** A small file's text, without blanks around it, as it is at each read; read again only where its inode tells of a change. */
export class WatchedText {
  readonly #path: string;
  readonly #clock: Clock;
  #text = "";
  #version = "";

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Rejects where it cannot be read. */
  async read(): Promise<string> {
    const version = this.#look();
    if (version !== "" && version === this.#version) return this.#text;
    this.#text = (await readFile(this.#path, "utf8")).trim();
    this.#version = version;
    return this.#text;
  }

  /** "" where the next read had better not rely on it. */
  #look(): string {
    let stats: Stats | undefined;
    try {
      stats = statSync(this.#path, { throwIfNoEntry: false });
    } catch {
      // readFile says what is wrong.
      return "";
    }
    if (stats === undefined || this.#clock.now() - stats.ctimeMs < UNSURE_MS) return "";
    return `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
  }
}
