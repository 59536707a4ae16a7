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
  /** Number of the family, above 0, which is unique among all present and removed families of the target. */
  readonly number: number;
}

interface Entry {
  metric: string;
  type: string;
  help: string;
  unit: string;
  lastSeen: number;
  /** Number of the scrape in which the family last changed. */
  changed: number;
  /** Version of the cache when the family was added. The version is unique for each family. */
  readonly number: number;
  version: number;
  gone: boolean;
}

interface LineContent {
  type?: string;
  help?: string;
  unit?: string;
}

/** Number of consecutive scrapes without a family after which the family is removed. */
const KEEP_SCRAPES = 10;

/**
 * Maximum number of metric families of one target, including families of earlier scrapes. A limit is needed because a
 * body may contain metadata of many families that have no series.
 */
const MAX_FAMILIES = 500_000;

/**
 * Number of metadata lines that are cached in addition to three for each family. Further lines are not cached, because
 * HELP texts that change in each scrape would exhaust the memory.
 */
const SPARE_LINES = 1000;

const FIELDS: Readonly<Record<number, "type" | "help" | "unit">> = {
  [ENTRY_TYPE]: "type",
  [ENTRY_HELP]: "help",
  [ENTRY_UNIT]: "unit",
};

/**
 * A target's metric metadata. A metadata line of an earlier scrape is recognised by its bytes, which avoids the creation of strings.
 */
export class MetadataCache {
  readonly #families = new Map<string, Entry>();
  #lines = new ByteMap();
  /** The metric family of each cached metadata line, by the number of the line. */
  #owners: Entry[] = [];
  /**
   * Parsed content of each cached metadata line. A line has one item in text formats, and up to three items in
   * protobuf.
   */
  #lineMetadata: LineContent[] = [];
  #scrape = 0;
  #version = 0;
  #typesVersion = 0;
  readonly #preambles = new PreambleFamilies<Entry>();

  /**
   * Begins a scraped body. If `preambleGeneration` has changed, the preambles (the metadata lines before a series) have
   * new numbers.
   */
  begin(preambleGeneration: number): void {
    this.#preambles.begin(preambleGeneration);
  }

  /**
   * Ends the preamble of a series, which is the metadata lines before the series.
   * @param preamble number of these lines in the LineCache, or -1 if they have no number
   */
  settlePreamble(preamble: number): void {
    this.#preambles.settle(preamble);
  }

  /** Reports whether the metadata lines of a preamble would change nothing if they were read again. */
  isSettled(preamble: number): boolean {
    return this.#preambles.isSettled(preamble, this.#scrape);
  }

  /** Returns the family of the last metadata line of a preamble, or undefined if the preamble has no lines. */
  familyOf(preamble: number): CachedFamily | undefined {
    return this.#preambles.lastOf(preamble);
  }

  /**
   * Marks the families of a preamble that isSettled() accepts as seen in this scrape, so that its metadata lines need
   * not be read again. Returns the result of familyOf().
   */
  passPreamble(preamble: number): CachedFamily | undefined {
    return this.#preambles.pass(preamble, this.#scrape);
  }

  /** Takes a TYPE, HELP or UNIT line of a scraped body. Returns the metric family of the line. */
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
      // Stores the field again, because another line may have changed it since this line was last read.
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
   * Ends a scrape. At regular intervals, removes families that were not seen for a long time. If the cache is full,
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

  /**
   * Total length of all names, types, help texts and units. The result is the number of bytes if all texts are ASCII.
   */
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
