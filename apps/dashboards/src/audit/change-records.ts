import type { ConditionalWrite } from "@narthex/store";
import { isObject } from "../web/request-body.ts";
import type { AuditedEvent, ShownProperties, ShownValue } from "./audit-record.ts";
import { AUDITED, type AuditedCollection } from "./audited-collections.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Maximum number of audit records for one step of changes. An additional record contains the number of the other
 * changes.
 */
const MAX_RECORDS = 200;
/** Maximum length of a stored text that is compared, in characters. Comparing longer texts would take too long. */
const MAX_COMPARED = 512 * 1024;
/** Reports whether the key of a stored entry is that of a counter. */
const isCounter = (key: string): boolean => key.startsWith("#");

/** Returns the audit events for writes that the store makes in one step. */
export function changeEvents(writes: readonly ConditionalWrite[]): readonly AuditedEvent[] {
  const events: AuditedEvent[] = [];
  let omitted = 0;
  const taken = writes.find(isTakenFromTrash);
  const isRestored = taken !== undefined && writes.some(({ collection }) => collection === "dashboards");
  for (const write of writes) {
    const event = write === taken ? (isRestored ? undefined : purgeEvent(write)) : eventOf(write, isRestored);
    if (event === undefined) continue;
    if (events.length < MAX_RECORDS) events.push(event);
    else omitted++;
  }
  const last = events.at(-1);
  return omitted === 0 || last === undefined ? events : [...events.slice(0, -1), { ...last, omitted }];
}

const isTakenFromTrash = ({ collection, entry }: ConditionalWrite): boolean =>
  entry === undefined && AUDITED[collection] === "trash";

const purgeEvent = ({ key }: ConditionalWrite): AuditedEvent => ({
  action: "deleted",
  kind: "deleted-dashboard",
  uid: key,
});

function eventOf(write: ConditionalWrite, isRestored: boolean): AuditedEvent | undefined {
  const { collection, key, before, entry } = write;
  const treatment = Object.hasOwn(AUDITED, collection) ? AUDITED[collection] : undefined;
  if (treatment === "silent" || treatment === "trash" || isCounter(key) || before === entry?.value) return undefined;
  if (treatment === "sessions") return sessionEvent(write);
  const action = isRestored && before === null ? "restored" : actionOf(write);
  if (treatment === undefined) return { action, kind: collection, changed: ["*"] };
  const [old, next] = [parsed(before), parsed(entry?.value)];
  if (old === undefined || next === undefined) return { action, kind: treatment.kind, changed: ["*"] };
  const difference = differenceOf(treatment, old, next);
  const isSame = action === "changed" && Object.values(difference).every((part) => part === undefined);
  return isSame ? undefined : { action, kind: treatment.kind, ...nameOf(treatment, old, next), ...difference };
}

const actionOf = ({ before, entry }: ConditionalWrite): "created" | "changed" | "deleted" => {
  if (entry === undefined) return "deleted";
  return before === null ? "created" : "changed";
};

/**
 * Returns the audit event for a change of a session. A new session is recorded as a sign-in. A renewed token of a
 * session is not recorded.
 */
function sessionEvent({ before, entry }: ConditionalWrite): AuditedEvent | undefined {
  const session = parsed(entry?.value ?? before);
  const isKnown = before === null || entry === undefined;
  if (!isKnown || session === undefined || Object.keys(session).length === 0) return undefined;
  return {
    action: entry === undefined ? "session-ended" : "signed-in",
    kind: "session",
    ...textOf("uid", session["id"]),
    ...(typeof session["userId"] === "number" ? { after: { userId: session["userId"] } } : {}),
  };
}

/**
 * Parses the JSON text of a stored entry. Returns an empty object for a missing text, and undefined for a text that
 * cannot be compared.
 */
function parsed(text: string | null | undefined): Json | undefined {
  if (text === null || text === undefined) return {};
  if (text.length > MAX_COMPARED) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (key: string, value: unknown): Json =>
  typeof value === "string" || typeof value === "number" ? { [key]: String(value).slice(0, 200) } : {};

const nameOf = ({ uid, name }: AuditedCollection, old: Json, next: Json): Json => {
  const known = { ...old, ...next };
  return { ...textOf("uid", known[uid]), ...textOf("name", known[name]) };
};

type Difference = { readonly [K in "before" | "after" | "changed"]?: AuditedEvent[K] };

/**
 * Returns the properties that differ between two versions of a record. Includes the values that the table of
 * collections permits.
 */
function differenceOf({ shown, ignored }: AuditedCollection, old: Json, next: Json): Difference {
  const [before, after]: [[string, ShownValue][], [string, ShownValue][]] = [[], []];
  const changed: string[] = [];
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const [was, is] = [old[name], next[name]];
    if (ignored.includes(name) || JSON.stringify(was) === JSON.stringify(is)) continue;
    const view = Object.hasOwn(shown, name) ? shown[name] : undefined;
    const [from, to] = [was, is].map((value) => (value === undefined ? undefined : view?.(value)));
    const isHidden = (was !== undefined && from === undefined) || (is !== undefined && to === undefined);
    const isShownSame = from !== undefined && JSON.stringify(from) === JSON.stringify(to);
    if (from !== undefined && !isShownSame) before.push([name, from]);
    if (to !== undefined && !isShownSame) after.push([name, to]);
    if (isHidden || isShownSame) changed.push(isPropertyName(name) ? name : "…");
  }
  return {
    ...(before.length === 0 ? {} : { before: Object.fromEntries(before) as ShownProperties }),
    ...(after.length === 0 ? {} : { after: Object.fromEntries(after) as ShownProperties }),
    ...(changed.length === 0 ? {} : { changed }),
  };
}

/**
 * Reports whether a name looks like a property name of our code. Other names could be texts of users, which must not be
 * shown.
 */
const isPropertyName = (name: string): boolean => /^[A-Za-z]{1,40}$/.test(name);

/**
 * Known top-level properties of dashboards, in both forms of their JSON. Other names come from users, and are not
 * shown.
 */
const DASHBOARD_PROPERTIES: ReadonlySet<string> = new Set(
  (
    "annotations description editable fiscalYearStartMonth gnetId graphTooltip id links liveNow panels preload refresh " +
    "rows schemaVersion style tags templating time timepicker timezone title uid weekStart cursorSync elements layout " +
    "timeSettings variables __inputs __requires __elements"
  ).split(" "),
);

/**
 * Returns the names of the top-level properties that differ between two versions of a dashboard. The values are not
 * returned.
 */
export function changedPaths(old: string, next: string): readonly string[] | undefined {
  const [was, is] = [parsed(old), parsed(next)];
  if (was === undefined || is === undefined) return undefined;
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  const paths = [...names].filter(
    (name) => name !== "version" && JSON.stringify(was[name]) !== JSON.stringify(is[name]),
  );
  return [...new Set(paths.map((name) => (DASHBOARD_PROPERTIES.has(name) ? name : "…")))];
}
