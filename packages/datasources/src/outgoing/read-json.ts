import { JsonCursor, JsonProblem } from "@narthex/http/answer";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import type { SourceResponse } from "./source-client.ts";

/** Largest number of values of an answer: texts, numbers, objects and lists. */
const MAX_VALUES = 3_000_000;
const MAX_DEPTH = 100;
/** Number of values after which the reader lets other work run. */
const STEP = 200;

const [QUOTE, COMMA, COLON, TRUE, FALSE, NULL] = [0x22, 0x2c, 0x3a, 0x74, 0x66, 0x6e];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/** An object or a list whose end has not been read yet. */
type Container =
  | { readonly list: unknown[]; readonly object?: undefined }
  | { readonly object: Record<string, unknown>; readonly list?: undefined; key: string };

/**
 * Reads the body of an answer as JSON. Lets other work run in between, because an answer may have tens of megabytes.
 * Throws QueryFailure if the body is not JSON, or contains too many values.
 */
export async function readJson(response: SourceResponse, clock: Clock): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(Uint8Array.from(piece));
  try {
    return await runInTimeSlices(clock, parseJson(Buffer.concat(pieces)));
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    throw new QueryFailure(502, `the data source answered something other than JSON: ${error.message}`);
  }
}

/** Parses JSON in steps. Throws JsonProblem or QueryFailure. */
export function* parseJson(bytes: Uint8Array): Steps<unknown> {
  const json = new JsonCursor(bytes);
  const open: Container[] = [];
  for (let count = 1; ; count++) {
    if (count > MAX_VALUES)
      throw new QueryFailure(422, `the answer contains more than ${MAX_VALUES} values; ask for fewer`);
    if (count % STEP === 0) yield;
    const begun = beginContainer(json);
    if (begun !== undefined) {
      if (open.length === MAX_DEPTH) throw new JsonProblem(`objects and lists are nested more than ${MAX_DEPTH} deep`);
      open.push(begun);
      if (hasEntry(json, begun)) continue;
      open.pop();
    }
    let value = begun === undefined ? scalar(json) : (begun.list ?? begun.object);
    for (let within = open.at(-1); ; within = open.at(-1)) {
      if (within === undefined) {
        json.end();
        return value;
      }
      if (within.list !== undefined) within.list.push(value);
      else setProperty(within.object, within.key, value);
      if (json.peek() === COMMA) {
        json.expect(COMMA);
        if (within.object !== undefined) readKey(json, within);
        break;
      }
      json.expect(within.list === undefined ? CLOSE_OBJECT : CLOSE_LIST);
      value = within.list ?? within.object;
      open.pop();
    }
  }
}

function beginContainer(json: JsonCursor): Container | undefined {
  const byte = json.peek();
  if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) return undefined;
  json.expect(byte);
  // An object without a prototype takes several times as much memory.
  return byte === OPEN_LIST ? { list: [] } : { object: {}, key: "" };
}

/** Sets a property, whatever its name is: `__proto__` becomes a property like others. */
function setProperty(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

/** Reports whether a container has an entry. Reads the key of the first entry, or the end of an empty container. */
function hasEntry(json: JsonCursor, container: Container): boolean {
  const end = container.list === undefined ? CLOSE_OBJECT : CLOSE_LIST;
  if (json.peek() === end) {
    json.expect(end);
    return false;
  }
  if (container.object !== undefined) readKey(json, container);
  return true;
}

function readKey(json: JsonCursor, container: { key: string }): void {
  container.key = json.string();
  json.expect(COLON);
}

function scalar(json: JsonCursor): unknown {
  switch (json.peek()) {
    case QUOTE:
      return json.string();
    case TRUE:
    case FALSE: {
      const isTrue = json.peek() === TRUE;
      json.skip();
      return isTrue;
    }
    case NULL:
      json.tookNull();
      return null;
    default:
      return json.number();
  }
}
