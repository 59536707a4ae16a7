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

/** What a target says of one metric family. */
export interface FamilyMetadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** A family as those know it that read the target. */
export interface CachedFamily extends FamilyMetadata {
  /** A number that the target's other families do not have, nor those that were dropped; above 0. */
  readonly number: number;
}

interface Entry {
  metric: string;
  type: string;
  help: string;
  unit: string;
  lastSeen: number;
  /** The scrape that brought what it says now. */
  changed: number;
  /** The version of the cache that it came with: no other family has the same. */
  readonly number: number;
  version: number;
  gone: boolean;
}

interface LineContent {
  type?: string;
  help?: string;
  unit?: string;
}

/** Families not seen for this many scrapes are dropped. */
const KEEP_SCRAPES = 10;

/** Families of one target at most, those of earlier scrapes included. A page may name many without any series. */
const MAX_FAMILIES = 500_000;

/** Lines cached beyond three per family; more are dropped, because a HELP text that changes with each scrape must not fill the memory. */
const SPARE_LINES = 1000;

const FIELDS: Readonly<Record<number, "type" | "help" | "unit">> = {
  [ENTRY_TYPE]: "type",
  [ENTRY_HELP]: "help",
  [ENTRY_UNIT]: "unit",
};

/** A target's metric metadata. Lines seen before are recognised by their bytes, without making strings. */
export class MetadataCache {
  readonly #families = new Map<string, Entry>();
  #lines = new ByteMap();
  /** The family of each known line. */
  #owners: Entry[] = [];
  /** What each known line says: of a text format one thing, of protobuf up to three. */
  #sayings: LineContent[] = [];
  #scrape = 0;
  /** Changes so far. */
  #version = 0;
  #typesVersion = 0;
  readonly #preambles = new PreambleFamilies<Entry>();

  /**
   * A body is about to be read; its preambles are numbered again where `preambleGeneration` is not that of the last.
   */
  begin(preambleGeneration: number): void {
    this.#preambles.begin(preambleGeneration);
  }

  /** A series followed the entries taken since the last: its preamble in the LineCache, -1 if that has no number. */
  settlePreamble(preamble: number): void {
    this.#preambles.settle(preamble);
  }

  /** Would taking the entries of a preamble again change nothing? */
  isSettled(preamble: number): boolean {
    return this.#preambles.isSettled(preamble, this.#scrape);
  }

  /** The family that the last entry of a preamble is about, or undefined if it has none. */
  familyOf(preamble: number): CachedFamily | undefined {
    return this.#preambles.lastOf(preamble);
  }

  /** As taking the entries of a settled preamble. Returns familyOf(). */
  passPreamble(preamble: number): CachedFamily | undefined {
    return this.#preambles.pass(preamble, this.#scrape);
  }

  /** Takes a TYPE, HELP or UNIT entry. */
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
      const said = this.#sayings[known]![field];
      // Another line may have changed it since.
      if (said !== undefined) return this.#tell(owner, field, said);
    }
    const said = kind === ENTRY_TYPE ? reader.type : reader.text();
    const entry = this.#tell(this.#entry(reader.familyName()), field, said);
    if (hasBytes && this.#lines.size < this.#mostLines) {
      const line = this.#lines.add(metadataBytes, metadataStart, metadataEnd);
      if (this.#owners[line] !== entry) this.#sayings[line] = {};
      this.#owners[line] = entry;
      this.#sayings[line]![field] = said;
    }
    return entry;
  }

  /** Rises whenever the type of some family changes. */
  get typesVersion(): number {
    return this.#typesVersion;
  }

  /** Has the metadata of the family changed in this scrape? */
  hasChanged(family: FamilyMetadata): boolean {
    return this.#families.get(family.metric)?.changed === this.#scrape;
  }

  #tell(entry: Entry, field: "type" | "help" | "unit", text: string): Entry {
    entry.lastSeen = this.#scrape;
    if (entry[field] === text) return entry;
    entry[field] = text;
    entry.changed = this.#scrape;
    entry.version = ++this.#version;
    if (field === "type") this.#typesVersion = this.#version;
    return entry;
  }

  /** Ends a scrape; drops families that were not seen for long when a cleanup is due, and all that it did not see if no more have room. */
  finish(forget: boolean): void {
    const scrape = this.#scrape++;
    const isFull = this.#families.size === MAX_FAMILIES;
    if (!forget && !isFull) return;
    for (const [name, entry] of this.#families) {
      if (scrape - entry.lastSeen <= (isFull ? 0 : KEEP_SCRAPES)) continue;
      entry.gone = true;
      this.#families.delete(name);
    }
    if (this.#lines.size >= this.#mostLines) {
      this.#lines = new ByteMap();
      this.#owners = [];
      this.#sayings = [];
    }
  }

  get #mostLines(): number {
    return this.#families.size * 3 + SPARE_LINES;
  }

  list(): FamilyMetadata[] {
    return [...this.#families.values()].map(({ metric, type, help, unit }) => ({ metric, type, help, unit }));
  }

  get size(): number {
    return this.#families.size;
  }

  /** Bytes of names, types, helps and units. */
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
