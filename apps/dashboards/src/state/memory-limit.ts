import { refusal } from "../web/refusal.ts";

export interface MemoryLimit {
  /** Maximum estimated size of a document, bytes. */
  readonly document: number;
  /** Maximum estimated size of all documents of a collection, bytes. */
  readonly collection: number;
  /** Name of a document in error messages: "annotation". */
  readonly noun: string;
}

const MIB = 1024 * 1024;
const limit = (noun: string, document: number, collection: number): MemoryLimit => ({ noun, document, collection });

/**
 * Limits for documents that users save and that the dashboards server keeps in memory. The limits are far above the
 * needs of an organization. For example, they allow 200,000 annotations of 600 bytes, or 3000 library panels of 40 kB.
 */
export const MEMORY_LIMITS = {
  annotations: limit("annotation", 256 * 1024, 128 * MIB),
  libraryElements: limit("library element", 8 * MIB, 128 * MIB),
  playlists: limit("playlist", 512 * 1024, 16 * MIB),
  preferences: limit("preference", 4 * 1024, 16 * MIB),
  reports: limit("report", 128 * 1024, 16 * MIB),
  tokens: limit("token", 4 * 1024, 32 * MIB),
  teams: limit("team", 1 * MIB, 64 * MIB),
  snapshots: limit("snapshot", 4 * 1024, 32 * MIB),
} as const;

/** Estimated memory of each JSON value in addition to its characters, bytes. */
const VALUE_BYTES = 24;
const [COMMA, BRACKET, BRACE] = [0x2c, 0x5b, 0x7b];

/**
 * Estimates the memory of a document in bytes: one byte for each character of its JSON, and VALUE_BYTES for each value.
 */
function bytesOf(json: string): number {
  let bytes = json.length;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === COMMA || code === BRACKET || code === BRACE) bytes += VALUE_BYTES;
  }
  return bytes;
}

/** Sums up the memory of a collection's documents, and refuses writes that exceed the limit. */
export class MemoryAccount {
  readonly #limit: MemoryLimit;
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(memoryLimit: MemoryLimit) {
    this.#limit = memoryLimit;
  }

  set(key: string, json: string): void {
    this.#change(key, bytesOf(json));
  }

  delete(key: string): void {
    this.#change(key, 0);
  }

  #change(key: string, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(key) ?? 0);
    if (bytes === 0) this.#sizes.delete(key);
    else this.#sizes.set(key, bytes);
  }

  /** Throws Refusal if a written document is too large, or if the collection would exceed its limit. */
  check(written: Iterable<readonly [key: string, json: string]>): void {
    const { noun, document, collection } = this.#limit;
    let growth = 0;
    for (const [key, json] of written) {
      const bytes = bytesOf(json);
      if (bytes > document)
        throw refusal(413, `the ${noun} needs ${bytes} bytes of memory; at most ${document} are allowed`);
      growth += bytes - (this.#sizes.get(key) ?? 0);
    }
    if (growth > 0 && this.#bytes + growth > collection)
      throw refusal(
        507,
        `there is no room for another ${noun}: together they may use ${collection} bytes; delete some first`,
      );
  }
}
