import type { ConditionalStore, ConditionalWrite } from "@narthex/store";
import type { AuditedEvent } from "./audit-record.ts";
import type { AuditLog } from "./audit-log.ts";
import { currentOrigin, type Origin } from "./request-origin.ts";
import { changedPaths, changeEvents } from "./change-records.ts";

/** Returns the login of a user; undefined if the user is unknown. */
export type LoginOf = (userId: number) => string | undefined;

/**
 * Returns a store that records each change in the audit log. The change and its record are stored in one step, so that
 * there is never one without the other.
 */
export function auditedStore(store: ConditionalStore, log: AuditLog, loginOf: LoginOf): ConditionalStore {
  return {
    ...store,
    async exchange(writes) {
      const events = changeEvents(writes);
      if (events.length === 0) return store.exchange(writes);
      const bodies = writes.filter(isDashboardBody);
      const complete = bodies.length === 0 ? events : await withPaths(store, events, bodies);
      const origin = currentOrigin();
      const records = complete.flatMap((event) => {
        const recorded =
          event.kind === "session" ? sessionRecord(event, origin, loginOf) : { event: named(event, loginOf), origin };
        return recorded === undefined ? [] : [log.recordOf(recorded.event, recorded.origin)];
      });
      const isDone = await store.exchange([...writes, ...records.map((record) => log.writeOf(record))]);
      if (isDone) log.noteWritten(records);
      return isDone;
    },
  };
}

/** Kinds of objects that the audit log names after the user to whom they belong. */
const NAMED_BY_USER: ReadonlySet<string> = new Set(["credential", "two-step-codes"]);

/** Returns the event with the login of the credential's user as the name. */
function named(event: AuditedEvent, loginOf: LoginOf): AuditedEvent {
  const login = NAMED_BY_USER.has(event.kind) ? loginOf(Number(event.uid)) : undefined;
  return login === undefined ? event : { ...event, name: login };
}

/**
 * Returns the record that a session has begun or ended. The actor of a new session is its user. Returns undefined for
 * sessions that the server itself ends, because they have expired or because the user has too many.
 */
function sessionRecord(
  event: AuditedEvent,
  origin: Origin,
  loginOf: LoginOf,
): { readonly event: AuditedEvent; readonly origin: Origin } | undefined {
  const { uid, after } = event;
  const id = typeof after?.["userId"] === "number" ? after["userId"] : 0;
  const login = loginOf(id);
  if (event.action === "signed-in")
    return { event, origin: { ...origin, actor: { kind: "user", id, ...(login === undefined ? {} : { login }) } } };
  if ((origin.actor.id ?? 0) === 0) return undefined;
  const isOwn = String(origin.sessionId) === uid;
  return {
    event: {
      ...event,
      action: isOwn ? "signed-out" : "session-ended",
      ...(login === undefined ? {} : { name: login }),
    },
    origin,
  };
}

const BODIES = "dashboard_bodies";

const isDashboardBody = ({ collection, entry }: ConditionalWrite): boolean =>
  collection === BODIES && entry !== undefined;

/** Adds the names of the changed top-level properties to the records of saved dashboards. */
function withPaths(
  store: ConditionalStore,
  events: readonly AuditedEvent[],
  bodies: readonly ConditionalWrite[],
): Promise<readonly AuditedEvent[]> {
  return Promise.all(
    events.map(async (event) => {
      const { kind, action, uid, before, after } = event;
      if (kind !== "dashboard" || action !== "changed") return event;
      const [was, is] = [before, after].map((shown) => JSON.stringify(shown?.["version"]));
      const body = bodies.find(({ key }) => key === `${uid}@${is}`);
      const old = await store
        .collection(BODIES)
        .get(`${uid}@${was}`)
        .catch(() => undefined);
      const paths = old === undefined ? undefined : changedPaths(old.value, body?.entry?.value ?? "");
      return paths === undefined ? event : { ...event, paths };
    }),
  );
}
