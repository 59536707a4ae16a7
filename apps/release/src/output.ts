import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FileTree, writeTree } from "./files/file-tree.ts";
import { sha256 } from "./files/sha256.ts";
import type { Digested } from "./records/provenance.ts";

/** The folder to which a release is written. Other files in the folder are kept. */
export class Output {
  readonly #folder: string;
  readonly #files: Digested[] = [];
  readonly #say: (line: string) => void;

  constructor(folder: string, say: (line: string) => void) {
    this.#folder = folder;
    this.#say = say;
    mkdirSync(folder, { recursive: true });
  }

  get files(): readonly Digested[] {
    return this.#files;
  }

  file(name: string, content: Uint8Array | string): void {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    writeFileSync(join(this.#folder, name), bytes);
    this.#files.push({ name, sha256: sha256(bytes) });
    this.#say(`${name}  ${(bytes.length / 1e6).toFixed(1)} MB`);
  }

  /** @param epoch time of its files, seconds since 1970 */
  folder(name: string, tree: FileTree, epoch: number): void {
    writeTree(tree, join(this.#folder, name), epoch);
    this.#say(`${name}/`);
  }
}
