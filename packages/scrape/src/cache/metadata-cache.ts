import { ByteMap } from "@narthex/bytes";
import {
  ENTRY_HELP,
  ENTRY_TYPE,
  ENTRY_UNIT,
  type EntryKind,
  type EntryReader,
  ExpositionError,
} from "@narthex/exposition";
import { PreambleFamilies } from "./preamble-families.ts";

/** The metadata that a target exposes for one metric family. */
export interface FamilyMetadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface CachedFamily extends FamilyMetadata {
  /** A number above 0 that is unique among the families of the target, including removed families. */
  readonly number: number;
}

interface Entry {
  metric: string;
  type: string;
  help: string;
  unit: string;
  lastSeen: number;
  /** Number of the scrape that last changed the family. */
  changed: number;
  /** Version of the cache when the family was added, unique for each family. */
  readonly number: number;
  version: number;
  gone: boolean;
}

interface LineContent {
  type?: string;
  help?: string;
  unit?: string;
}

/** A family is removed after this number of scrapes without the family. */
const KEEP_SCRAPES = 10;

/**
 * Maximum number of families of one target, including families of earlier scrapes. A scraped body may name many
 * families without any series.
 */
const MAX_FAMILIES = 500_000;

/**
 * Number of lines that are cached in addition to three per family. Further lines are dropped, because HELP texts that
 * change in each scrape must not exhaust the memory.
 */
const SPARE_LINES = 1000;

const FIELDS: Readonly<Record<number, "type" | "help" | "unit">> = {
  [ENTRY_TYPE]: "type",
  [ENTRY_HELP]: "help",
  [ENTRY_UNIT]: "unit",
};

/** A target's metric metadata. Known lines are recognised by their bytes, without creating strings. */
export class MetadataCache {
  readonly #families = new Map<string, Entry>();
  #lines = new ByteMap();
  /** The family of each known line. */
  #owners: Entry[] = [];
  /** Content of each known line. A line has one item in text formats, and up to three in protobuf. */
  #lineMetadata: LineContent[] = [];
  #scrape = 0;
  #version = 0;
  #typesVersion = 0;
  readonly #preambles = new PreambleFamilies<Entry>();

  /**
   * Begins a body. If `preambleGeneration` has changed, the preambles (metadata lines before a series) have new
   * numbers.
   */
  begin(preambleGeneration: number): void {
    this.#preambles.begin(preambleGeneration);
  }

  /**
   * Called for a series after the metadata lines before it (its preamble) were read.
   * @param preamble number of these lines in the LineCache, or -1 if they have no number
   */
  settlePreamble(preamble: number): void {
    this.#preambles.settle(preamble);
  }

  /** Reports whether reading the metadata lines of a preamble again would change nothing. */
  isSettled(preamble: number): boolean {
    return this.#preambles.isSettled(preamble, this.#scrape);
  }

  /** Returns the family of the last metadata line of a preamble, or undefined if the preamble has no lines. */
  familyOf(preamble: number): CachedFamily | undefined {
    return this.#preambles.lastOf(preamble);
  }

  /**
   * Marks the families of a preamble that isSettled() accepts as seen, instead of reading its metadata lines again.
   * Returns the result of familyOf().
   */
  passPreamble(preamble: number): CachedFamily | undefined {
    return this.#preambles.pass(preamble, this.#scrape);
  }

  /** Reads a TYPE, HELP or UNIT line. Returns its family. */
  take(kind: EntryKind, reader: EntryReader): CachedFamily {
    const entry = this.#take(kind, reader);
    this.#preambles.add(entry);
    return entry;
  }

  #take(kind: EntryKind, reader: EntryReader): Entry {
    const { metadataBytes, metadataStart, metadataEnd } = reader;
    const field = FIELDS[kind]!;
    const hasBytes = metadataEnd > metadataStart;
    const known = hasBytes ? this.#lines.find(metadataBytes, metadataStart, metadataEnd) : -1;
    const owner = known < 0 ? undefined : this.#owners[known]!;
    if (owner !== undefined && this.#families.get(owner.metric) === owner) {
      const said = this.#lineMetadata[known]![field];
      // Another line may have changed the field since this line was read last.
      if (said !== undefined) return this.#set(owner, field, said);
    }
    const said = kind === ENTRY_TYPE ? reader.type : reader.text();
    const entry = this.#set(this.#entry(reader.familyName()), field, said);
    if (hasBytes && this.#lines.size < this.#maxLines) {
      const line = this.#lines.add(metadataBytes, metadataStart, metadataEnd);
      if (this.#owners[line] !== entry) this.#lineMetadata[line] = {};
      this.#owners[line] = entry;
      this.#lineMetadata[line]![field] = said;
    }
    return entry;
  }

  /** Incremented whenever the type of a family changes. */
  get typesVersion(): number {
    return this.#typesVersion;
  }

  hasChanged(family: FamilyMetadata): boolean {
    return this.#families.get(family.metric)?.changed === this.#scrape;
  }

  #set(entry: Entry, field: "type" | "help" | "unit", text: string): Entry {
    entry.lastSeen = this.#scrape;
    if (entry[field] === text) return entry;
    entry[field] = text;
    entry.changed = this.#scrape;
    entry.version = ++this.#version;
    if (field === "type") this.#typesVersion = this.#version;
    return entry;
  }

  /**
   * Ends a scrape. When a cleanup is due, removes families that were not seen for a long time. If the cache is full,
   * removes all families that this scrape did not contain.
   */
  finish(forget: boolean): void {
    const scrape = this.#scrape++;
    const isFull = this.#families.size === MAX_FAMILIES;
    if (!forget && !isFull) return;
    for (const [name, entry] of this.#families) {
      if (scrape - entry.lastSeen <= (isFull ? 0 : KEEP_SCRAPES)) continue;
      entry.gone = true;
      this.#families.delete(name);
    }
    if (this.#lines.size >= this.#maxLines) {
      this.#lines = new ByteMap();
      this.#owners = [];
      this.#lineMetadata = [];
    }
  }

  get #maxLines(): number {
    return this.#families.size * 3 + SPARE_LINES;
  }

  list(): FamilyMetadata[] {
    return [...this.#families.values()].map(({ metric, type, help, unit }) => ({ metric, type, help, unit }));
  }

  get size(): number {
    return this.#families.size;
  }

  /** Total length of names, types, helps and units, which is the number of bytes if all are ASCII. */
  bytes(): number {
    let sum = 0;
    for (const { metric, type, help, unit } of this.#families.values()) {
      sum += metric.length + type.length + help.length + unit.length;
    }
    return sum;
  }

  #entry(metric: string): Entry {
    let entry = this.#families.get(metric);
    if (entry === undefined) {
      if (this.#families.size === MAX_FAMILIES) {
        throw new ExpositionError(`more than ${MAX_FAMILIES} metric families`, 0);
      }
      const [lastSeen, changed, version] = [this.#scrape, this.#scrape, ++this.#version];
      entry = { metric, type: "unknown", help: "", unit: "", lastSeen, changed, number: version, version, gone: false };
      this.#families.set(metric, entry);
    }
    return entry;
  }
}
