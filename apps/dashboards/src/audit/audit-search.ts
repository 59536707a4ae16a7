import { setImmediate as nextTurn } from "node:timers/promises";
import type { KeyRange } from "@narthex/store";
import { refusal } from "../web/refusal.ts";
import { countParameter } from "../web/request-body.ts";
import type { AuditRecord } from "./audit-record.ts";
import { type AuditLog, lineOf, parsedRecord, type WrittenRecord } from "./audit-log.ts";
import { firstId, isRecordId } from "./record-ids.ts";

/** A search in the audit log. Empty texts accept every record. */
export interface AuditQuery {
  readonly range: KeyRange;
  /** Login, id or kind of the actor. */
  readonly actor: string;
  readonly action: string;
  readonly kind: string;
  /** A text in the values of a record, in any case of letters. */
  readonly text: string;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Value of `before` for the next page. Absent at the end of the log. */
  readonly next?: string;
}

/** Number of records that are read in one turn of the event loop, and largest number that one page reads. */
const [READ_AT_ONCE, READ_FOR_PAGE] = [100, 20_000];
/** Largest length of a parameter in characters, and the largest and the default number of records on a page. */
const [MAX_PARAMETER, MAX_PAGE, DEFAULT_PAGE] = [200, 1000, 100];

/** Reads the parameters of a search. Throws Refusal if one is invalid. */
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

/** Returns a time in Unix ms. The parameter is a number of ms, or a date such as 2026-11-27T10:00:00Z. */
function timeIn(query: URLSearchParams, name: string): number | undefined {
  const text = textIn(query, name);
  if (text === "") return undefined;
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(ms)) throw refusal(400, `${name}: must be Unix ms, or a date such as 2026-11-27T10:00:00Z`);
  return ms;
}

/**
 * Returns a page of the records that a search finds, the latest first. A page may have fewer records than the limit, even
 * none, although more follow: it reads at most 20,000 records. Rejects with StoreError.
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

/** Returns the lines of all records that a search finds, the latest first, in pieces. Rejects with StoreError. */
export async function* auditLines(log: AuditLog, query: AuditQuery): AsyncGenerator<string> {
  for await (const page of pages(log, query.range)) {
    const lines = page.filter((written) => foundIn(query, written) !== undefined).map(lineOf);
    if (lines.length > 0) yield `${lines.join("\n")}\n`;
  }
}

/** Reads the records of a range in steps. Other work of the event loop runs between two steps. */
async function* pages(log: AuditLog, range: KeyRange): AsyncGenerator<readonly WrittenRecord[]> {
  for (let next = range; ;) {
    const page = await log.latest(next, READ_AT_ONCE);
    if (page.length > 0) yield page;
    if (page.length < READ_AT_ONCE) return;
    next = { ...range, before: page.at(-1)!.id };
    await nextTurn();
  }
}

/** Returns a record if the search finds it. */
function foundIn({ actor, action, kind, text }: AuditQuery, written: WrittenRecord): AuditRecord | undefined {
  // Fast path: most records without the text are not parsed.
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

/** Reports whether a value of a record contains a text. Names of properties do not count. */
function hasText(value: unknown, text: string): boolean {
  // Records are at most five levels deep.
  if (typeof value === "object" && value !== null) return Object.values(value).some((part) => hasText(part, text));
  return String(value).toLowerCase().includes(text);
}
