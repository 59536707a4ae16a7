import { AnswerLimitError } from "@narthex/http/answer";
import type { RemoteReader } from "../remote-read/source/remote-reader.ts";
import { LONG_TERM_STORE } from "./long-term-source.ts";

/** Largest size of a response in bytes. The whole response is read into memory. */
const MAX_BYTES = 1024 * 1024;

/** Type, help text and unit of a metric. */
interface StoredMetadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** Types and help texts by metric name, or the reason why they could not be read. */
export interface MetadataAnswer {
  readonly metrics: ReadonlyMap<string, readonly StoredMetadata[]>;
  readonly warnings: readonly string[];
}

/**
 * Requests type and help text of a metric from the long-term store, or of all metrics if `metric` is "". The metadata
 * of this server takes precedence, because the store's metadata has no times.
 */
export async function readStoreMetadata(
  reader: RemoteReader,
  { metric, limit }: { readonly metric: string; readonly limit: number | undefined },
  signal?: AbortSignal,
): Promise<MetadataAnswer> {
  const hints = { start: 0, end: 0, step: 0, range: 0, func: "" };
  const wanted = { kind: "metadata", metric, ...(limit !== undefined && { limit }) } as const;
  const read = await reader.read({ minTime: 0, maxTime: 0, matchers: [], hints, wanted }, signal);
  const [answer] = read.answers;
  if (answer === undefined) return { metrics: new Map(), warnings: read.problems };
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of answer.body) {
      if ((size += piece.length) > MAX_BYTES)
        throw new AnswerLimitError(`the metadata needs more than ${MAX_BYTES} bytes`);
      pieces.push(piece);
    }
    const metrics = metricsIn(Buffer.concat(pieces).toString(), metric);
    read.close({ problem: undefined, samples: 0 });
    return { metrics, warnings: [] };
  } catch (error) {
    signal?.throwIfAborted();
    const problem = error instanceof Error ? error.message : String(error);
    read.close({ problem, isOurs: error instanceof AnswerLimitError, samples: 0 });
    return { metrics: new Map(), warnings: [`${answer.server ?? LONG_TERM_STORE}: ${problem}`] };
  }
}

/** Parses a response. Returns the types and help texts of one metric, or of all metrics if `metric` is "". */
function metricsIn(text: string, metric: string): ReadonlyMap<string, readonly StoredMetadata[]> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error("the response is not JSON");
  }
  const { status, data } = (body ?? {}) as { status?: unknown; data?: unknown };
  if (status !== "success" || typeof data !== "object" || data === null)
    throw new Error("the response contains no metadata");
  return new Map(
    Object.entries(data)
      .filter(([name]) => metric === "" || name === metric)
      .map(([name, rows]) => {
        if (!Array.isArray(rows)) throw new Error("the response contains no metadata");
        return [name, rows.map(rowOf)];
      }),
  );
}

function rowOf(row: unknown): StoredMetadata {
  const { type, help, unit } = (row ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return { type: text(type), help: text(help), unit: text(unit) };
}
