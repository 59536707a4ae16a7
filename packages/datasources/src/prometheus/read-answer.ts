import { EnvelopeCutter, type Envelope, JsonCursor, JsonProblem } from "@narthex/http/answer";
import { type Clock, runInTimeSlices } from "@narthex/runtime";
import { isUnauthorized, statusOfAnswer, unauthorized } from "../outgoing/answer-failure.ts";
import type { SourceResponse } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";
import { SeriesReader } from "./series-reader.ts";
import type { QueryResult, Series } from "./series.ts";

const OPEN = 0x7b;
/** Number of characters of an unexpected answer that the error message shows. */
const SHOWN_CHARS = 300;

/** Reads the answer to a query completely. Throws QueryFailure, with the server's message if it has sent one. */
export async function readQueryResult(response: SourceResponse, clock: Clock): Promise<QueryResult> {
  const reader = new SeriesReader();
  const series: Series[] = [];
  const words: Uint8Array[] = [];
  const envelope = await readElements(response, ["data", "result"], async (bytes) => {
    if (bytes[0] === OPEN) series.push(await runInTimeSlices(clock, reader.read(bytes)));
    else if (words.push(Uint8Array.from(bytes)) > 2) throw new JsonProblem("the result is none of a query");
  });
  const { resultType, warnings, infos } = envelope;
  const notes = { warnings, infos };
  switch (resultType) {
    case "matrix":
    case "vector":
      if (words.length > 0) break;
      return { resultType, series, ...notes };
    case "scalar":
    case "string": {
      const [time, value] = words.map((bytes) => new JsonCursor(bytes));
      if (time === undefined || value === undefined || series.length > 0) break;
      const at = guarded(() => Math.round(time.number() * 1000));
      if (resultType === "string")
        return { resultType, series, text: { time: at, value: guarded(() => value.string()) }, ...notes };
      const number = guarded(() => value.number());
      return {
        resultType,
        series: [{ labels: {}, times: Float64Array.of(at), values: Float64Array.of(number) }],
        ...notes,
      };
    }
  }
  throw new QueryFailure(502, `the data source answered a result of type "${resultType}" that cannot be read`);
}

/** Reads an answer whose `data` is a list of texts or label sets. Calls `each` with the JSON of each element. */
export async function readList(response: SourceResponse, each: (json: JsonCursor) => void): Promise<Envelope> {
  return readElements(response, ["data"], (bytes) => {
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
  let beginning = "";
  try {
    for await (const piece of response.body) {
      if (response.status !== 200 && beginning.length < SHOWN_CHARS)
        beginning += Buffer.from(piece.subarray(0, SHOWN_CHARS * 4)).toString();
      for (const element of cutter.push(piece)) await each(element);
    }
    const envelope = cutter.end();
    if (envelope.status === "success") return envelope;
    throw refusal(response, envelope);
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    if (response.status !== 200) throw unreadable(response, beginning);
    throw new QueryFailure(502, `the data source does not answer as Prometheus does: ${error.message}`);
  } finally {
    response.close();
  }
}

function refusal(response: SourceResponse, { error, errorType, status }: Envelope): QueryFailure {
  if (isUnauthorized(response.status)) return unauthorized();
  const text = errorType === "" ? error || `status "${status}"` : `${errorType}: ${error}`;
  return new QueryFailure(errorType === "timeout" ? 504 : statusOfAnswer(response.status), text);
}

function unreadable(response: SourceResponse, beginning: string): QueryFailure {
  if (isUnauthorized(response.status)) return unauthorized();
  const text = beginning.slice(0, SHOWN_CHARS).replaceAll(/\s+/g, " ").trim();
  const said = text === "" || text.startsWith("<") ? "" : `: ${text}`;
  return new QueryFailure(
    statusOfAnswer(response.status),
    `the data source answered ${response.status} ${response.statusText}${said}`,
  );
}

function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    throw new QueryFailure(502, `the data source does not answer as Prometheus does: ${error.message}`);
  }
}
