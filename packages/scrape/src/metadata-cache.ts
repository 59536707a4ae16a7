import { ByteMap } from "@narthex/bytes";
import { ENTRY_HELP, ENTRY_TYPE, ENTRY_UNIT, type EntryKind, type EntryReader } from "@narthex/exposition";
import { FamilyLeads } from "./family-leads.ts";

/** What a target says of one metric family. */
export interface FamilyMetadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

interface Entry {
  metric: string;
  type: string;
  help: string;
  unit: string;
  lastSeen: number;
  /** The scrape that brought what it says now. */
  changed: number;
  version: number;
  gone: boolean;
}

/** Families not seen for this many scrapes are forgotten. */
const KEEP_SCRAPES = 10;

/** Lines remembered beyond three per family are let go: a HELP text that changes each scrape must not fill the memory. */
const SPARE_LINES = 1000;

/** A target's metric metadata; lines seen before are known by their bytes and make no strings. */
export class MetadataCache {
  readonly #families = new Map<string, Entry>();
  #lines = new ByteMap();
  /** The family of each known line. */
  #owners: Entry[] = [];
  #scrape = 0;
  /** Changes so far. */
  #version = 0;
  readonly #leads = new FamilyLeads<Entry>();

  /** A body is about to be read; its leads are numbered anew where `leadGeneration` is not that of the last. */
  begin(leadGeneration: number): void {
    this.#leads.begin(leadGeneration);
  }

  /** A series came behind the entries taken since the last: its lead in the LineCache, -1 where that has no number. */
  settleLead(lead: number): void {
    this.#leads.settle(lead);
  }

  /** Would taking the entries of a lead again change nothing? */
  isSettled(lead: number): boolean {
    return this.#leads.isSettled(lead, this.#scrape);
  }

  /** The family that the last entry of a lead is about; undefined where it has none. */
  familyOf(lead: number): FamilyMetadata | undefined {
    return this.#leads.lastOf(lead);
  }

  /** As taking the entries of a settled lead. Returns familyOf(). */
  passLead(lead: number): FamilyMetadata | undefined {
    return this.#leads.pass(lead, this.#scrape);
  }

  /** Takes a TYPE, HELP or UNIT entry. */
  take(kind: EntryKind, reader: EntryReader): FamilyMetadata {
    const entry = this.#take(kind, reader);
    this.#leads.add(entry);
    return entry;
  }

  #take(kind: EntryKind, reader: EntryReader): Entry {
    const { metadataBytes, metadataStart, metadataEnd } = reader;
    const recognisable = metadataEnd > metadataStart;
    const known = recognisable ? this.#lines.find(metadataBytes, metadataStart, metadataEnd) : -1;
    if (known >= 0 && this.#says(this.#owners[known]!, kind, reader)) {
      this.#owners[known]!.lastSeen = this.#scrape;
      return this.#owners[known]!;
    }
    const entry = this.#entry(reader.familyName());
    entry.lastSeen = this.#scrape;
    if (kind === ENTRY_TYPE) this.#tell(entry, "type", reader.type);
    else if (kind === ENTRY_HELP) this.#tell(entry, "help", reader.text());
    else if (kind === ENTRY_UNIT) this.#tell(entry, "unit", reader.text());
    if (recognisable && known < 0) this.#owners[this.#lines.add(metadataBytes, metadataStart, metadataEnd)] = entry;
    return entry;
  }

  /** Did this scrape bring something new of the family? */
  hasChanged(family: FamilyMetadata): boolean {
    return this.#families.get(family.metric)?.changed === this.#scrape;
  }

  #tell(entry: Entry, field: "type" | "help" | "unit", text: string): void {
    if (entry[field] === text) return;
    entry[field] = text;
    entry.changed = this.#scrape;
    entry.version = ++this.#version;
  }

  /** Does the family still say what its line once said? Another line may have changed the type since. */
  #says(entry: Entry, kind: EntryKind, reader: EntryReader): boolean {
    if (this.#families.get(entry.metric) !== entry) return false;
    return kind === ENTRY_TYPE ? entry.type === reader.type : kind === ENTRY_HELP || kind === ENTRY_UNIT;
  }

  /** A scrape succeeded: forgets families unseen for long. */
  finish(): void {
    this.#scrape++;
    for (const [name, entry] of this.#families) {
      if (this.#scrape - entry.lastSeen <= KEEP_SCRAPES) continue;
      entry.gone = true;
      this.#families.delete(name);
    }
    if (this.#lines.size > this.#families.size * 3 + SPARE_LINES) {
      this.#lines = new ByteMap();
      this.#owners = [];
    }
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
      const [lastSeen, changed, version] = [this.#scrape, this.#scrape, ++this.#version];
      entry = { metric, type: "unknown", help: "", unit: "", lastSeen, changed, version, gone: false };
      this.#families.set(metric, entry);
    }
    return entry;
  }
}
