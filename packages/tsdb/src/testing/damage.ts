import { isUlid } from "../block/ulid.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

const ULID_LENGTH = 26;
/**
 * Part of the folder name of an unfinished block. A finished block is read back before it is used, so a wrong bit loses
 * only the unfinished block.
 */
const DRAFT = ".tmp-for-creation";
/** Matches the paths of folders to which damaged files are moved at a start. */
const ASIDE = /^\/data\/(wal-)?damaged\//;

interface TimeRange {
  readonly from: number;
  /** End of the range, exclusive, ms. */
  readonly to: number;
}

/**
 * Determines which samples may be lost because of flipped bits. A bit in a file of a block may lose the samples of that
 * block. A bit in a log, a checkpoint, a memory snapshot or a file of head chunks may lose all samples that are not in
 * blocks.
 */
export class Damage {
  readonly #disk: SimulatedDisk;
  readonly #blocks = new Map<string, TimeRange>();
  #headPaths = new Set<string>();
  #lastHeadPaths = new Set<string>();

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
    disk.onFlip = (path) => this.#record(path);
  }

  get isThere(): boolean {
    return this.#disk.faults.counts.flip > 0;
  }

  /**
   * Returns whether a file of the head (log, checkpoint, snapshot or chunk file) is damaged now, or was damaged at the
   * previous call.
   */
  looksAtHead(): boolean {
    for (const path of this.#disk.flippedPaths()) if (!ASIDE.test(path)) this.#record(path);
    const isDamaged = this.#headPaths.size + this.#lastHeadPaths.size > 0;
    this.#lastHeadPaths = this.#headPaths;
    this.#headPaths = new Set();
    return isDamaged;
  }

  /** Returns whether a damaged block covers a time. */
  hits(time: number): boolean {
    for (const { from, to } of this.#blocks.values()) if (from <= time && time < to) return true;
    return false;
  }

  /** End of the newest damaged block, ms. Retention was measured from this time while the block could be read. */
  get maxTime(): number {
    return Math.max(-Infinity, ...[...this.#blocks.values()].map(({ to }) => to));
  }

  isOfBlock(ulid: string): boolean {
    return this.#blocks.has(ulid);
  }

  /** Returns the time ranges between damaged blocks, oldest first, both ends included. */
  intactRanges(): (readonly [from: number, to: number])[] {
    const ranges: (readonly [number, number])[] = [];
    let from = -Infinity;
    for (const block of [...this.#blocks.values()].toSorted((a, b) => a.from - b.from)) {
      if (block.from > from) ranges.push([from, block.from - 1]);
      from = Math.max(from, block.to);
    }
    return [...ranges, [from, Infinity]];
  }

  #record(path: string): void {
    if (path.includes(DRAFT)) return;
    const parts = path.split("/");
    const at = parts.findIndex((part) => isUlid(part.slice(0, ULID_LENGTH)));
    if (at < 0) this.#headPaths.add(path);
    else this.#noteBlock(parts[at]!, parts.slice(0, at + 1).join("/"));
  }

  #noteBlock(name: string, folder: string): void {
    const ulid = name.slice(0, ULID_LENGTH);
    if (this.#blocks.has(ulid)) return;
    const meta = this.#disk.bytesOf(`${folder}/meta.json`);
    if (meta === undefined) return;
    const { minTime, maxTime } = JSON.parse(new TextDecoder().decode(meta)) as { minTime: number; maxTime: number };
    this.#blocks.set(ulid, { from: minTime, to: maxTime });
  }
}
