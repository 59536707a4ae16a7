import { SnappyReader, WireReader } from "@narthex/bytes";

export interface ReadSample {
  readonly series: string;
  readonly time: number;
  readonly value: number;
}

/** Returns the samples of a compressed remote write 1.0 message, in order. */
export function samplesOfV1(body: Uint8Array): ReadSample[] {
  const plain = new SnappyReader().expand(body, 2 ** 28).slice();
  const found: ReadSample[] = [];
  forEachField(new WireReader(plain), (_, series) => {
    const labels: string[] = [];
    const samples: [time: number, value: number][] = [];
    forEachField(series, (field, inner) => {
      if (field === 1) labels.push(readLabel(inner));
      else if (field === 2) samples.push(readSample(inner));
    });
    for (const [time, value] of samples) found.push({ series: labels.join(","), time, value });
  });
  return found;
}

function forEachField(wire: WireReader, read: (field: number, inner: WireReader) => void): void {
  for (let tag = wire.tag("any"); tag !== 0; tag = wire.tag("any")) {
    const end = wire.range();
    read(Math.floor(tag / 8), new WireReader(wire.bytes, wire.start, end));
  }
}

function readLabel(wire: WireReader): string {
  const texts = ["", ""];
  forEachField(wire, (field, inner) => {
    texts[field - 1] = Buffer.from(inner.bytes.subarray(inner.at, inner.end)).toString();
  });
  return texts.join("=");
}

function readSample(wire: WireReader): [number, number] {
  let [time, value] = [0, 0];
  for (let tag = wire.tag("Sample"); tag !== 0; tag = wire.tag("Sample")) {
    if (tag === 9) value = wire.double();
    else time = wire.int64();
  }
  return [time, value];
}
