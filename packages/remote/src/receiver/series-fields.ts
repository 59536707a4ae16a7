import { skipUnknown, type WireReader } from "@narthex/bytes";
import { readPacked } from "@narthex/exposition";
import { METADATA_V2, TIME_SERIES_V2 } from "../messages/write-messages.ts";

/** Where the parts of a TimeSeries of remote write 2.0 are in the message; used again for the next series. */
export class SeriesFields {
  /** Symbols of names and values, by turns. */
  readonly refs: number[] = [];
  /** Start and end of each message. */
  readonly samples: number[] = [];
  readonly histograms: number[] = [];
  readonly exemplars: number[] = [];
  hasMetadata = false;
  /** Number of the metric's type, and the symbols of its help and unit. */
  type = 0;
  help = 0;
  unit = 0;

  /** Reads the message at [start, end). Throws WireError. */
  read(wire: WireReader, start: number, end: number): void {
    this.refs.length = this.samples.length = this.histograms.length = this.exemplars.length = 0;
    this.hasMetadata = false;
    this.type = this.help = this.unit = 0;
    wire.seek(start, end);
    for (let tag = wire.tag(TIME_SERIES_V2.message); tag !== 0; tag = wire.tag(TIME_SERIES_V2.message)) {
      if (tag === 10) readPacked(wire, () => this.refs.push(wire.uint32()));
      else if (tag === 8) this.refs.push(wire.uint32());
      else if (tag === 18) note(wire, this.samples);
      else if (tag === 26) note(wire, this.histograms);
      else if (tag === 34) note(wire, this.exemplars);
      else if (tag === 42) this.#readMetadata(wire);
      else skipUnknown(wire, tag, TIME_SERIES_V2);
    }
  }

  #readMetadata(wire: WireReader): void {
    const outer = wire.end;
    const end = wire.range();
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

function note(wire: WireReader, ranges: number[]): void {
  const end = wire.range();
  ranges.push(wire.start, end);
}
