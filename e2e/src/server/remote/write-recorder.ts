import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { WireReader } from "@narthex/bytes";
import { uncompress } from "snappyjs";
import { onLoopback } from "../../support/loopback.ts";

/**
 * One sample, histogram, exemplar or metadata in a remote write request. `text` is its content; equal entries have
 * equal texts.
 */
export interface Entry {
  readonly kind: "sample" | "histogram" | "exemplar" | "metadata";
  /** Time of a sample, histogram or exemplar, ms. */
  readonly time: number;
  readonly series: string;
  readonly text: string;
}

interface Recorded {
  readonly headers: IncomingHttpHeaders;
  readonly entries: readonly Entry[];
}

/** Reads the body of a request. Resolves with undefined if the sender is killed while it sends. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
    return Buffer.concat(pieces);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ECONNRESET") return undefined;
    throw error;
  }
}

/** A remote write receiver that records requests by their path. */
export class WriteRecorder implements AsyncDisposable {
  readonly requests = new Map<string, Recorded[]>();
  /** HTTP statuses of the next responses, in order. If the list is empty, the status is 204. */
  readonly refusals: number[] = [];
  #server: (AsyncDisposable & { readonly port: number }) | undefined;

  static async open(): Promise<WriteRecorder> {
    const recorder = new WriteRecorder();
    const server = createServer(async (request, response) => {
      const body = await bodyOf(request);
      if (body === undefined) return;
      const status = recorder.refusals.shift() ?? 204;
      if (status === 204) recorder.#take(request.url!, request.headers, body);
      const counts = status === 204 ? recorder.#counts(request.url!) : {};
      response.writeHead(status, counts).end();
    });
    recorder.#server = await onLoopback(server);
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server!.port}`;
  }

  entries(path: string): readonly Entry[] {
    return (this.requests.get(path) ?? []).flatMap(({ entries }) => entries);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  #take(path: string, headers: IncomingHttpHeaders, body: Uint8Array): void {
    const plain = uncompress(new Uint8Array(body));
    const isSecond = (headers["content-type"] ?? "").includes("v2");
    const recorded = { headers, entries: isSecond ? readSecond(plain) : readFirst(plain) };
    this.requests.set(path, [...(this.requests.get(path) ?? []), recorded]);
  }

  /**
   * Returns the response headers of a remote write 2.0 receiver: the numbers of samples, histograms and exemplars in
   * the last request.
   */
  #counts(path: string): Record<string, string> {
    const { entries } = this.requests.get(path)!.at(-1)!;
    const count = (kind: Entry["kind"]): string => String(entries.filter((entry) => entry.kind === kind).length);
    return {
      "x-prometheus-remote-write-samples-written": count("sample"),
      "x-prometheus-remote-write-histograms-written": count("histogram"),
      "x-prometheus-remote-write-exemplars-written": count("exemplar"),
    };
  }
}

interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly value: number;
}

/** Returns the fields of a protobuf message, ordered by number. Fields with the value 0 are left out. */
function fieldsOf(message: Uint8Array): readonly Field[] {
  const wire = new WireReader(message);
  const fields: Field[] = [];
  for (let tag = wire.tag("any"); tag !== 0; tag = wire.tag("any")) {
    const number = Math.floor(tag / 8);
    const start = wire.at;
    if ((tag & 7) === 2) {
      const end = wire.range();
      fields.push({ number, bytes: message.slice(wire.start, end), value: 0 });
    } else {
      const value = (tag & 7) === 0 ? wire.int64() : 0;
      if ((tag & 7) === 1) wire.double();
      const bytes = message.slice(start, wire.at);
      // The values 0 and -0 are left out, as in Prometheus.
      if (bytes.some((byte, i) => byte !== (i === 7 ? byte & 0x80 : 0))) fields.push({ number, bytes, value });
    }
  }
  return fields.toSorted((a, b) => a.number - b.number);
}

const all = (fields: readonly Field[], number: number): readonly Uint8Array[] =>
  fields.filter((field) => field.number === number).map(({ bytes }) => bytes);
const one = (fields: readonly Field[], number: number): number =>
  fields.find((field) => field.number === number)?.value ?? 0;
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");
const utf8 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const fieldsText = (fields: readonly Field[]): string =>
  fields.map(({ number, bytes }) => `${number}=${hex(bytes)}`).join(" ");

function readFirst(plain: Uint8Array): readonly Entry[] {
  const request = fieldsOf(plain);
  const labels = (fields: readonly Field[]): string =>
    all(fields, 1)
      .map(fieldsOf)
      .map((label) => `${utf8(all(label, 1)[0])}=${utf8(all(label, 2)[0])}`)
      .join(",");
  const entries = all(request, 1).flatMap((message): Entry[] => {
    const fields = fieldsOf(message);
    const series = labels(fields);
    return [
      ...all(fields, 2).map((sample) => entryOf("sample", series, fieldsOf(sample), 2)),
      ...all(fields, 4).map((histogram) => histogramOf(series, histogram)),
      ...all(fields, 3)
        .map(fieldsOf)
        .map((exemplar): Entry => {
          const content = `${labels(exemplar)} ${hex(all(exemplar, 2)[0])}`;
          return { kind: "exemplar", series, time: one(exemplar, 3), text: content };
        }),
    ];
  });
  const metadata = all(request, 3)
    .map(fieldsOf)
    .map((fields): Entry => ({ kind: "metadata", time: 0, series: utf8(all(fields, 2)[0]), text: fieldsText(fields) }));
  return [...entries, ...metadata];
}

const STALE = "020000000000f07f";
const UNKNOWN_HINT = "04";

/**
 * Parses a histogram of a request. A stale marker is reduced to the fact that it is stale, because Prometheus forwards
 * meaningless reset hints.
 */
function histogramOf(series: string, message: Uint8Array): Entry {
  const fields = fieldsOf(message).filter(({ number, bytes }) => number !== 14 || hex(bytes) !== UNKNOWN_HINT);
  const isStale = fields.some(({ number, bytes }) => number === 3 && hex(bytes) === STALE);
  return entryOf(
    "histogram",
    series,
    isStale ? fields.filter(({ number }) => number === 3 || number === 15) : fields,
    15,
  );
}

const entryOf = (kind: Entry["kind"], series: string, fields: readonly Field[], time: number): Entry => ({
  kind,
  series,
  time: one(fields, time),
  text: fieldsText(fields),
});

function readSecond(plain: Uint8Array): readonly Entry[] {
  const request = fieldsOf(plain);
  const symbols = all(request, 4).map(utf8);
  const texts = (packed: Uint8Array | undefined): string[] => {
    const wire = new WireReader(packed ?? new Uint8Array());
    const found: string[] = [];
    while (wire.at < wire.end) found.push(symbols[wire.uint64()]!);
    return found;
  };
  const labels = (fields: readonly Field[]): string =>
    texts(all(fields, 1)[0])
      .map((part, i) => (i % 2 === 0 ? `${i > 0 ? "," : ""}${part}=` : part))
      .join("");
  return all(request, 5).flatMap((message): Entry[] => {
    const fields = fieldsOf(message);
    const series = labels(fields);
    const metadata = fieldsOf(all(fields, 5)[0] ?? new Uint8Array());
    const help = `${one(metadata, 1)} ${symbols[one(metadata, 3)]} ${symbols[one(metadata, 4)]}`;
    return [
      { kind: "metadata", series, time: 0, text: help },
      ...all(fields, 2).map((sample) => entryOf("sample", series, fieldsOf(sample), 2)),
      ...all(fields, 3).map((histogram) => histogramOf(series, histogram)),
      ...all(fields, 4)
        .map(fieldsOf)
        .map((exemplar): Entry => {
          const content = `${labels(exemplar)} ${hex(all(exemplar, 2)[0])}`;
          return { kind: "exemplar", series, time: one(exemplar, 3), text: content };
        }),
    ];
  });
}
