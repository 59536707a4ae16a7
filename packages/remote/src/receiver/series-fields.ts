import { skipUnknown, Uint32List, type WireReader } from "@narthex/bytes";
import { readPacked } from "@narthex/exposition";
import { checkEntry, checkLabels } from "../message-limits.ts";
import { BYTES_PER_PAUSE } from "../pauses.ts";
import { METADATA_V2, TIME_SERIES_V2 } from "../messages/write-messages.ts";

/**
 * Positions of the parts of a series (TimeSeries) in a remote write 2.0 message. The object is reused for later series.
 */
export class SeriesFields {
  /** Labels as indexes into the message's list of texts (symbols). Names and values alternate. */
  readonly refs: number[] = [];
  /** Start and end of each sample, histogram and exemplar in the message. */
  readonly samples: Uint32List = new Uint32List();
  readonly histograms: Uint32List = new Uint32List();
  readonly exemplars: Uint32List = new Uint32List();
  hasMetadata = false;
  /** Number of the metric's type, and indexes of its help text and unit in the list of texts. */
  type = 0;
  help = 0;
  unit = 0;

  /** Begins to read the series at [start, end) of the message. */
  begin(wire: WireReader, start: number, end: number): void {
    this.refs.length = this.samples.length = this.histograms.length = this.exemplars.length = 0;
    this.hasMetadata = false;
    this.type = this.help = this.unit = 0;
    wire.seek(start, end);
  }

  /**
   * Continues to read the series at the current position. Returns false if the series is not complete yet. Throws
   * WireError and MessageError.
   */
  read(wire: WireReader): boolean {
    for (const until = wire.at + BYTES_PER_PAUSE; wire.at < until;) {
      const tag = wire.tag(TIME_SERIES_V2.message);
      if (tag === 0) return true;
      if (tag === 10) readRefs(wire, this.refs);
      else if (tag === 8) readRef(wire, this.refs);
      else if (tag === 18) note(wire, this.samples);
      else if (tag === 26) note(wire, this.histograms);
      else if (tag === 34) note(wire, this.exemplars);
      else if (tag === 42) this.#readMetadata(wire);
      else skipUnknown(wire, tag, TIME_SERIES_V2);
    }
    return false;
  }

  #readMetadata(wire: WireReader): void {
    const outer = wire.end;
    const end = wire.range();
    checkEntry(end - wire.start);
    wire.seek(wire.start, end);
    this.hasMetadata = true;
    for (let tag = wire.tag(METADATA_V2.message); tag !== 0; tag = wire.tag(METADATA_V2.message)) {
      if (tag === 8) this.type = wire.int32();
      else if (tag === 24) this.help = wire.uint32();
      else if (tag === 32) this.unit = wire.uint32();
      else skipUnknown(wire, tag, METADATA_V2);
    }
    wire.seek(end, outer);
  }
}

/** Reads a packed list of indexes into the list of texts. */
export function readRefs(wire: WireReader, refs: number[]): void {
  readPacked(wire, () => readRef(wire, refs));
}

export function readRef(wire: WireReader, refs: number[]): void {
  refs.push(wire.uint32());
  checkLabels(refs.length / 2);
}

function note(wire: WireReader, ranges: Uint32List): void {
  const end = wire.range();
  checkEntry(end - wire.start);
  ranges.push(wire.start);
  ranges.push(end);
}
