import type { QueryStat } from "@narthex/dashboards";
import { type Envelope, EnvelopeCutter, JsonCursor, JsonProblem } from "@narthex/http/answer";
import { type Clock, runInTimeSlices } from "@narthex/runtime";
import { errorText, isUnauthorized, shownText, statusOfAnswer, unauthorized } from "../outgoing/answer-failure.ts";
import type { SourceResponse } from "../outgoing/source-client.ts";
import { SeriesReader } from "../prometheus/series-reader.ts";
import type { QueryResult, Series } from "../prometheus/series.ts";
import { QueryFailure } from "../query-failure.ts";
import { lokiStats } from "./loki-stats.ts";
import { type LokiLine, StreamReader } from "./stream-reader.ts";

const [STRING_QUOTE, OPEN] = [0x22, 0x7b];

/** The lines of a log query. */
interface LokiLines {
  readonly lines: readonly LokiLine[];
  /** Whether the source sent more lines than requested. The additional lines are not read. */
  readonly isCut: boolean;
  /** Number of table cells that the labels of the lines need. */
  readonly labelCells: number;
}

/** The decoded answer of a query: lines of a log query, or the series of a metric query. */
export interface LokiResult {
  readonly logs?: LokiLines;
  readonly metrics?: QueryResult;
  readonly stats: readonly QueryStat[];
  readonly warnings: readonly string[];
}

/**
 * Reads the answer to a query completely. Throws QueryFailure, with the server's message if it has sent one.
 * @param maxLines largest number of lines that are read
 */
export async function readLokiResult(response: SourceResponse, maxLines: number, clock: Clock): Promise<LokiResult> {
  const streams = new StreamReader(maxLines);
  const reader = new SeriesReader();
  const series: Series[] = [];
  const scalar: Uint8Array[] = [];
  // The result type may follow the data, so the kind of an element is detected from its own keys.
  const envelope = await readElements(response, ["data", "result"], async (bytes) => {
    if (bytes[0] !== OPEN) {
      if (scalar.push(Uint8Array.from(bytes)) > 2) throw new JsonProblem("the result is not one of a query");
    } else if (isStream(bytes)) await runInTimeSlices(clock, streams.read(bytes));
    else series.push(await runInTimeSlices(clock, reader.read(bytes)));
  });
  const { resultType, warnings, infos } = envelope;
  const notes = { stats: lokiStats(envelope.stats), warnings };
  switch (resultType) {
    case "streams":
      if (series.length > 0) break;
      return { ...notes, logs: { lines: streams.lines, isCut: streams.isCut, labelCells: streams.labelCells } };
    case "matrix":
    case "vector":
      if (streams.lines.length > 0) break;
      return { ...notes, metrics: { resultType, series, warnings, infos } };
    case "scalar": {
      const [time, value] = scalar.map((bytes) => guarded(() => new JsonCursor(bytes).number()));
      if (time === undefined || value === undefined) break;
      const one = { labels: {}, times: Float64Array.of(Math.round(time * 1000)), values: Float64Array.of(value) };
      return { ...notes, metrics: { resultType, series: [one], warnings, infos } };
    }
  }
  throw new QueryFailure(
    502,
    `the data source answered a result of type "${shownText(resultType)}" that cannot be read`,
  );
}

/** Reads an answer whose `data` is a list. Calls `each` with the JSON of each element. */
export async function readLokiList(response: SourceResponse, each: (json: JsonCursor) => void): Promise<void> {
  await readElements(response, ["data"], (bytes) => {
    const json = new JsonCursor(bytes);
    each(json);
    json.end();
  });
}

async function readElements(
  response: SourceResponse,
  path: readonly string[],
  each: (bytes: Uint8Array) => void | Promise<void>,
): Promise<Envelope> {
  const cutter = new EnvelopeCutter(path, () => undefined);
  try {
    if (response.status !== 200) throw await refusal(response);
    for await (const piece of response.body) for (const element of cutter.push(piece)) await each(element);
    const envelope = cutter.end();
    if (envelope.status === "success") return envelope;
    throw new QueryFailure(502, shownText(envelope.error) || `status "${shownText(envelope.status)}"`);
  } catch (error) {
    throw error instanceof JsonProblem ? unreadable(error) : error;
  } finally {
    response.close();
  }
}

const unreadable = ({ message }: JsonProblem): QueryFailure =>
  new QueryFailure(502, `the data source does not answer as Loki does: ${message}`);

function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof JsonProblem ? unreadable(error) : error;
  }
}

/** Reports whether an element has the key `stream`, and not the key `metric` before it. */
function isStream(bytes: Uint8Array): boolean {
  const json = new JsonCursor(bytes);
  let found: boolean | undefined;
  json.expect(OPEN);
  while (found === undefined && json.peek() === STRING_QUOTE) {
    const key = json.string();
    if (key === "stream") found = true;
    else if (key === "metric") found = false;
    else {
      json.expect(0x3a);
      json.skip();
      if (json.peek() === 0x2c) json.expect(0x2c);
    }
  }
  return found === true;
}

/** Reads an error response, which is a plain text or JSON with a message. */
async function refusal(response: SourceResponse): Promise<QueryFailure> {
  const { status, statusText } = response;
  if (isUnauthorized(status)) return unauthorized();
  const text = shownText(messageOf(await errorText(response)));
  const said = text === "" || text.startsWith("<") ? "" : `: ${text}`;
  return new QueryFailure(statusOfAnswer(status), `the data source answered ${status} ${statusText}${said}`);
}

function messageOf(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { readonly message?: unknown; readonly error?: unknown };
    if (typeof message === "string" && message !== "") return message;
    return typeof error === "string" && error !== "" ? error : text;
  } catch {
    return text;
  }
}
