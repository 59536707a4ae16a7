import { skipUnknown, utf8Text, WireError, WireReader } from "@narthex/bytes";
import { isLegacyLabelName, Matcher, quote } from "@narthex/model";
import { QUERY_LIMITS, QueryError, TextBudget } from "@narthex/promql";
import { LABEL_MATCHER, MATCH_TYPES, QUERY, READ_HINTS, READ_REQUEST } from "../read-messages.ts";

/** Largest number of response types that are read from a request. The first supported type is used. */
const MAX_TYPES = 16;
/**
 * Largest number of fields in a remote read request. Limits the parsing time, because the main thread parses the
 * request.
 */
const MAX_FIELDS = 100_000;
const LIMITS = { ...QUERY_LIMITS, matchers: 2 ** 14 };

/** One query of a remote read request. */
export interface ReadQuery {
  /** Time range of the requested samples in epoch ms, both ends inclusive. Empty if `end` is before `start`. */
  readonly start: number;
  readonly end: number;
  readonly matchers: readonly WrittenMatcher[];
  /** Name of the PromQL function or aggregation that contains the selector. */
  readonly func: string;
}

/** A matcher in a remote read request. */
export interface WrittenMatcher {
  readonly type: number;
  readonly name: string;
  readonly value: string;
}

/**
 * Returns the numbers of the first response types that a request accepts. Throws QueryError "bad-query" if the request
 * is malformed.
 */
export const acceptedTypes = (bytes: Uint8Array): readonly number[] =>
  reading(() => {
    const types: number[] = [];
    let fields = 0;
    eachField(new WireReader(bytes), READ_REQUEST.message, (tag, wire) => {
      if (++fields > MAX_FIELDS) throw new QueryError("bad-query", `more than ${MAX_FIELDS} fields in a request`);
      if (tag === 16) noteType(wire.int32(), types);
      else if (tag === 18) readPacked(wire, types);
      else if (tag === 10) wire.range();
      else skipUnknown(wire, tag, READ_REQUEST);
    });
    return types;
  });

/** Returns the queries of a request. Throws QueryError "bad-query" if the request is malformed. */
export const readRequest = (bytes: Uint8Array): readonly ReadQuery[] =>
  reading(() => {
    const queries: ReadQuery[] = [];
    const budget = new TextBudget(LIMITS);
    eachField(new WireReader(bytes), READ_REQUEST.message, (tag, wire) => {
      if (tag === 10) queries.push(within(wire, () => readQuery(wire, budget)));
      else if (tag === 16 || tag === 18) wire.skip(tag);
      else skipUnknown(wire, tag, READ_REQUEST);
    });
    return queries;
  });

/**
 * Returns the selectors of a request's queries in PromQL syntax. Throws QueryError "bad-query" if the request is
 * malformed.
 */
export const selectorsOf = (bytes: Uint8Array): readonly string[] =>
  readRequest(bytes).map(({ matchers }) => `{${matchers.map(selectorText).join(",")}}`);

const selectorText = ({ type, name, value }: WrittenMatcher): string =>
  `${isLegacyLabelName(name) ? name : quote(name)}${MATCH_TYPES[type] ?? "?"}${quote(value)}`;

/**
 * Converts a matcher of a request. Throws QueryError "storage" if its type is unknown or its regular expression is
 * invalid.
 */
export function matcherOf({ type, name, value }: WrittenMatcher): Matcher {
  const known = MATCH_TYPES[type];
  if (known === undefined) throw new QueryError("storage", "invalid matcher type");
  try {
    return new Matcher(known, name, value);
  } catch (cause) {
    throw new QueryError("storage", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function readQuery(wire: WireReader, budget: TextBudget): ReadQuery {
  let [start, end] = [0, 0];
  const matchers: WrittenMatcher[] = [];
  let hints: { readonly start: number; readonly end: number; readonly func: string } | undefined;
  eachField(wire, QUERY.message, (tag) => {
    if (tag === 8) start = wire.int64();
    else if (tag === 16) end = wire.int64();
    else if (tag === 26) matchers.push(within(wire, () => readMatcher(wire, budget)));
    else if (tag === 34) hints = within(wire, () => readHints(wire));
    else skipUnknown(wire, tag, QUERY);
  });
  // Limits the range of the hints to the query's own range, because data outside the query's range is never read.
  if (hints !== undefined) [start, end] = [Math.max(start, hints.start), Math.min(end, hints.end)];
  return { start, end, matchers, func: hints?.func ?? "" };
}

function readMatcher(wire: WireReader, budget: TextBudget): WrittenMatcher {
  let [type, name, value] = [0, "", ""];
  eachField(wire, LABEL_MATCHER.message, (tag) => {
    if (tag === 8) type = wire.int32();
    else if (tag === 18) name = readText(wire);
    else if (tag === 26) value = readText(wire);
    else skipUnknown(wire, tag, LABEL_MATCHER);
  });
  const isPattern = MATCH_TYPES[type] === "=~" || MATCH_TYPES[type] === "!~";
  const problem =
    budget.takeMatcher() ?? budget.takeText(name + value) ?? (isPattern ? budget.takePattern(value) : undefined);
  if (problem !== undefined) throw new QueryError("bad-query", problem);
  return { type, name, value };
}

function readHints(wire: WireReader): { readonly start: number; readonly end: number; readonly func: string } {
  let [start, end, func] = [0, 0, ""];
  eachField(wire, READ_HINTS.message, (tag) => {
    if (tag === 24) start = wire.int64();
    else if (tag === 32) end = wire.int64();
    else if (tag === 18) func = readText(wire);
    else if (tag === 42) wire.range();
    else if (tag === 8 || tag === 48 || tag === 56) wire.uint64();
    else skipUnknown(wire, tag, READ_HINTS);
  });
  return { start, end, func };
}

function readText(wire: WireReader): string {
  const end = wire.range();
  return utf8Text(wire.bytes.subarray(wire.start, end));
}

function eachField(wire: WireReader, message: string, visit: (tag: number, wire: WireReader) => void): void {
  for (let tag = wire.tag(message); tag !== 0; tag = wire.tag(message)) visit(tag, wire);
}

/** Reads a nested message. */
function within<T>(wire: WireReader, read: () => T): T {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  const found = read();
  wire.seek(end, outer);
  return found;
}

function noteType(type: number, into: number[]): void {
  if (into.length < MAX_TYPES) into.push(type);
}

function readPacked(wire: WireReader, into: number[]): void {
  within(wire, () => {
    while (wire.at < wire.end && into.length < MAX_TYPES) noteType(wire.int32(), into);
  });
}

/** Runs `read`. Replaces the error for a malformed request by Go's error message. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new QueryError("bad-query", cause.goMessage, { cause });
  }
}
