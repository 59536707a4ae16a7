import { setImmediate as nextTurn } from "node:timers/promises";
import type { KeyRange } from "@narthex/store";
import { refusal } from "../web/refusal.ts";
import { countParameter } from "../web/request-body.ts";
import type { AuditRecord } from "./audit-record.ts";
import { type AuditLog, lineOf, parsedRecord, type WrittenRecord } from "./audit-log.ts";
import { firstId, isRecordId } from "./record-ids.ts";

/** A search in the audit log. An empty text accepts every record. */
export interface AuditQuery {
  readonly range: KeyRange;
  /** Login, id or kind of the actor. */
  readonly actor: string;
  readonly action: string;
  readonly kind: string;
  /** A text that a value in the record must contain. Upper and lower case are not distinguished. */
  readonly text: string;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Value of the parameter `before` for the next page. Absent at the end of the log. */
  readonly next?: string;
}

/**
 * Number of records that are read in one turn of the event loop, and maximum number of records that are read for one
 * page.
 */
const [READ_AT_ONCE, READ_FOR_PAGE] = [100, 20_000];
/** Maximum length of a parameter in characters, then the maximum and the default number of records on a page. */
const [MAX_PARAMETER, MAX_PAGE, DEFAULT_PAGE] = [200, 1000, 100];

/** Reads a search from URL parameters. Throws Refusal if a parameter is invalid. */
export function auditQuery(query: URLSearchParams): AuditQuery {
  const [from, to] = [timeIn(query, "from"), timeIn(query, "to")];
  const before = textIn(query, "before");
  if (before !== "" && !isRecordId(before)) throw refusal(400, "before: must be the `next` of a page");
  const limits = [before, ...(to === undefined ? [] : [firstId(to + 1)])].filter((limit) => limit !== "");
  const lowest = limits.reduce((a, b) => (a < b ? a : b), limits[0] ?? "");
  return {
    range: { ...(from === undefined ? {} : { from: firstId(from) }), ...(lowest === "" ? {} : { before: lowest }) },
    actor: textIn(query, "actor").toLowerCase(),
    action: textIn(query, "action"),
    kind: textIn(query, "kind"),
    text: textIn(query, "q").toLowerCase(),
  };
}

export const pageLength = (query: URLSearchParams): number => countParameter(query, "limit", DEFAULT_PAGE, MAX_PAGE);

function textIn(query: URLSearchParams, name: string): string {
  const text = query.get(name) ?? "";
  if (text.length > MAX_PARAMETER) throw refusal(400, `${name}: must have at most ${MAX_PARAMETER} characters`);
  return text;
}

/**
 * Returns the time in a URL parameter, Unix ms. The parameter is a number of ms, or a date such as
 * 2026-11-27T10:00:00Z.
 */
function timeIn(query: URLSearchParams, name: string): number | undefined {
  const text = textIn(query, name);
  if (text === "") return undefined;
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(ms)) throw refusal(400, `${name}: must be Unix ms, or a date such as 2026-11-27T10:00:00Z`);
  return ms;
}

/**
 * Returns one page of the audit records that match a search, newest first. At most 20,000 records are read for a page,
 * so it may have fewer records than the limit, or none, although more follow. Rejects with StoreError.
 */
export async function auditPage(log: AuditLog, query: AuditQuery, limit: number): Promise<AuditPage> {
  const records: AuditRecord[] = [];
  let read = 0;
  let last = "";
  for await (const page of pages(log, query.range)) {
    for (const written of page) {
      last = written.id;
      read++;
      const record = foundIn(query, written);
      if (record === undefined) continue;
      records.push(record);
      if (records.length === limit) return { records, next: last };
    }
    if (read >= READ_FOR_PAGE) return { records, next: last };
  }
  return { records };
}

/**
 * Returns the JSON lines of all audit records that match a search, newest first, in pieces. Rejects with StoreError.
 */
export async function* auditLines(log: AuditLog, query: AuditQuery): AsyncGenerator<string> {
  for await (const page of pages(log, query.range)) {
    const lines = page.filter((written) => foundIn(query, written) !== undefined).map(lineOf);
    if (lines.length > 0) yield `${lines.join("\n")}\n`;
  }
}

/** Reads the audit records in a range of ids in steps. Other work of the event loop runs between two steps. */
async function* pages(log: AuditLog, range: KeyRange): AsyncGenerator<readonly WrittenRecord[]> {
  for (let next = range; ;) {
    const page = await log.latest(next, READ_AT_ONCE);
    if (page.length > 0) yield page;
    if (page.length < READ_AT_ONCE) return;
    next = { ...range, before: page.at(-1)!.id };
    await nextTurn();
  }
}

/** Parses an audit record. Returns undefined if the record does not match the search. */
function foundIn({ actor, action, kind, text }: AuditQuery, written: WrittenRecord): AuditRecord | undefined {
  // Skips records without the searched text before they are parsed, which is fast.
  if (text !== "" && !written.text.toLowerCase().includes(JSON.stringify(text).slice(1, -1))) return undefined;
  const record = parsedRecord(written);
  if (record === undefined) return undefined;
  if (action !== "" && record.action !== action) return undefined;
  if (kind !== "" && record.kind !== kind) return undefined;
  if (actor !== "" && !isActor(record, actor)) return undefined;
  return text === "" || hasText(record, text) ? record : undefined;
}

const isActor = ({ actor: { kind, id, login = "" } }: AuditRecord, wanted: string): boolean =>
  kind === wanted || login.toLowerCase() === wanted || String(id) === wanted;

/** Reports whether a value in an audit record contains a text. Names of properties are not searched. */
function hasText(value: unknown, text: string): boolean {
  // The recursion is bounded, because records are at most five levels deep.
  if (typeof value === "object" && value !== null) return Object.values(value).some((part) => hasText(part, text));
  return String(value).toLowerCase().includes(text);
}
