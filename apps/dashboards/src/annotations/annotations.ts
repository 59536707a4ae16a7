import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Visible } from "../access/visible.ts";
import type { Action } from "../auth/levels.ts";
import { accountIdOf } from "../auth/identity.ts";
import { needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import type { Stores } from "../state/stores.ts";
import { type Refusal, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  countParameter,
  numberAt,
  objectAt,
  pathParameter,
  queryOf,
  textAt,
  textsAt,
} from "../web/request-body.ts";

/** An annotation that a user has created. It belongs to a panel, to a dashboard, or to the whole organization. */
interface AnnotationRecord {
  readonly id: number;
  readonly dashboardUID: string;
  /**
   * Id of the dashboard. The uid is not enough, because a new dashboard can have the uid of a deleted one. Absent in
   * old records.
   */
  readonly ofId?: number;
  readonly panelId: number;
  readonly userId: number;
  readonly login: string;
  /** Start and end of the annotation, epoch ms, which are equal for a point in time. */
  readonly time: number;
  readonly timeEnd: number;
  readonly text: string;
  readonly tags: readonly string[];
  readonly data: Body;
  /** Time of creation, epoch ms. */
  readonly created: number;
  readonly updated: number;
}

/**
 * Largest number of tags of an annotation. The limit is needed because a search by tags reads the tags of all
 * annotations.
 */
const MAX_TAGS = 500;

const READ = needsPlace("view", "annotations:read");
const CREATE = needsPlace("edit", "annotations:create");
const WRITE = needsPlace("edit", "annotations:write");
const DELETE = needsPlace("edit", "annotations:delete");

/** Opens the stored annotations and adds their API. Rejects with StoreError. */
export async function openAnnotations(
  { clock }: Context,
  { store }: Stores,
  { store: dashboards, visible }: Dashboards,
): Promise<Feature> {
  const records = await Documents.open<AnnotationRecord>(store, "annotations", { memory: MEMORY_LIMITS.annotations });
  const shown = (request: FastifyRequest): Shown => ({ seen: visible(request), dashboards });
  const add = async (request: FastifyRequest, mark: Mark): Promise<object> => {
    check("edit", mark, shown(request));
    const now = clock.now();
    const board = dashboards.byUid(mark.dashboardUID);
    const ofId = board === undefined ? {} : { ofId: board.id };
    const made = { ...ofId, userId: accountIdOf(request), login: request.principal.name, created: now, updated: now };
    const added = await records.change(() => {
      const id = records.nextId();
      return { put: new Map([[String(id), { ...mark, id, ...made }]]), result: id };
    });
    return { id: added, message: "Annotation added" };
  };
  return {
    name: "annotations",
    routes({ app }) {
      app.get("/api/annotations", READ, (request) => {
        const query = queryOf(request);
        const seen = seenBy(shown(request), records);
        return listed(seen, query, uidIn(query, dashboards)).map((record) => view(record, dashboards));
      });
      app.post("/api/annotations", CREATE, (request) => {
        const body = bodyOfRequest(request);
        return add(request, markOf(body, uidOfBody(body, dashboards), clock.now()));
      });
      app.post("/api/annotations/graphite", CREATE, async (request) => {
        const answer = await add(request, graphiteMark(bodyOfRequest(request), clock.now()));
        return { ...answer, message: "Graphite annotation added" };
      });
      app.get("/api/annotations/tags", READ, (request) => tagCounts(seenBy(shown(request), records), queryOf(request)));
      recordRoutes(app, { records, dashboards, shown, now: () => clock.now() });
      app.post("/api/annotations/mass-delete", DELETE, async (request) => {
        const chosen = chosenIds(bodyOfRequest(request), records, dashboards);
        const own = shown(request);
        for (const id of chosen) check("edit", records.get(id), own);
        for (const id of chosen) await records.remove(id);
        return { message: "Annotations deleted" };
      });
    },
  };
}

/** The dashboards to which annotations belong, and the rights of a request's sender on them. */
interface Shown {
  readonly seen: Visible;
  readonly dashboards: DashboardStore;
}

/**
 * Reports whether the user may view or edit an annotation. Annotations without a dashboard belong to the organization,
 * whose viewers see them and whose editors change them. An annotation whose dashboard no longer exists is visible only
 * for admins, because the dashboard may have been for admins only.
 */
const isAllowed = (
  action: Action,
  { dashboardUID, ofId }: Pick<Mark, "dashboardUID" | "ofId">,
  { seen, dashboards }: Shown,
): boolean => {
  if (dashboardUID === "") return seen.mayInFolder(action, "");
  const dashboard = dashboards.byUid(dashboardUID);
  const isGone = dashboard === undefined || (ofId !== undefined && ofId !== dashboard.id);
  return isGone ? seen.mayInFolder("admin", "") : seen.mayDashboard(action, dashboard);
};

const seenBy = (shown: Shown, records: Documents<AnnotationRecord>): Iterable<AnnotationRecord> =>
  records.values().filter((record) => isAllowed("view", record, shown));

/** Throws a refusal for an annotation that the user may not view or edit. */
function check(action: Action, mark: Pick<Mark, "dashboardUID" | "ofId"> | undefined, shown: Shown): void {
  if (mark !== undefined && !isAllowed(action, mark, shown)) throw shown.seen.denied("dashboards");
}

const notFound = (): Refusal => refusal(404, "Annotation not found");

interface RecordRoutesOptions {
  readonly records: Documents<AnnotationRecord>;
  readonly dashboards: DashboardStore;
  readonly shown: (request: FastifyRequest) => Shown;
  readonly now: () => number;
}

function recordRoutes(app: FastifyInstance, { records, dashboards, shown, now }: RecordRoutesOptions): void {
  const url = "/api/annotations/:id";
  const found = (request: FastifyRequest, action: Action): AnnotationRecord => {
    const record = records.get(pathParameter(request, "id"));
    if (record === undefined) throw notFound();
    check(action, record, shown(request));
    return record;
  };
  app.get(url, READ, (request) => view(found(request, "view"), dashboards));
  const change = (request: FastifyRequest, next: (before: AnnotationRecord) => Partial<AnnotationRecord>) =>
    records.update(pathParameter(request, "id"), (before) => {
      if (before === undefined) throw notFound();
      check("edit", before, shown(request));
      return { ...before, ...next(before), updated: now() };
    });
  app.put(url, WRITE, async (request) => {
    const body = bodyOfRequest(request);
    const tags = tagsIn(body);
    await change(request, (before) => {
      const time = numberAt(body, "time") ?? before.time;
      const timeEnd = Math.max(time, numberAt(body, "timeEnd") ?? time);
      return { text: textAt(body, "text"), tags, time, timeEnd, data: objectAt(body, "data") ?? before.data };
    });
    return { message: "Annotation updated" };
  });
  app.patch(url, WRITE, async (request) => {
    const body = bodyOfRequest(request);
    await change(request, (before) => {
      const time = numberAt(body, "time") ?? before.time;
      return {
        text: textAt(body, "text") || before.text,
        tags: Object.hasOwn(body, "tags") ? tagsIn(body) : before.tags,
        time,
        // End of the annotation. An annotation at a point in time stays at a point in time when it is moved.
        timeEnd: Math.max(time, numberAt(body, "timeEnd") ?? (before.timeEnd === before.time ? time : before.timeEnd)),
        data: objectAt(body, "data") ?? before.data,
      };
    });
    return { message: "Annotation patched" };
  });
  app.delete(url, DELETE, async (request) => {
    await records.remove(String(found(request, "edit").id));
    return { message: "Annotation deleted" };
  });
}

/** Returns an annotation in the form in which the API sends it. */
const view = ({ ofId: _id, ...record }: AnnotationRecord, dashboards: DashboardStore): object => ({
  ...record,
  alertId: 0,
  alertName: "",
  dashboardId: dashboards.byUid(record.dashboardUID)?.id ?? 0,
  newState: "",
  prevState: "",
  email: "",
  avatarUrl: "",
});

/**
 * Returns the uid of the dashboard that a request body names by uid or id; empty if it names none. Throws a refusal if
 * the dashboard does not exist.
 */
function uidOfBody(body: Body, dashboards: DashboardStore): string {
  const uid = textAt(body, "dashboardUID") || textAt(body, "dashboardUid");
  const id = numberAt(body, "dashboardId") ?? 0;
  if (uid !== "" || id === 0) return uid;
  const record = dashboards.byId(id);
  if (record === undefined) throw refusal(404, "Dashboard not found");
  return record.uid;
}

/**
 * Returns the uid of the dashboard that the URL parameters name. Empty for all dashboards; undefined if the dashboard
 * does not exist.
 */
function uidIn(query: URLSearchParams, dashboards: DashboardStore): string | undefined {
  const uid = query.get("dashboardUID") ?? query.get("dashboardUid") ?? "";
  const id = Number(query.get("dashboardId") ?? "0");
  return uid !== "" || !(id > 0) ? uid : dashboards.byId(id)?.uid;
}

/**
 * Returns the ids of the annotations that a request body selects: one annotation, or all of a panel. Throws a refusal
 * if it selects none.
 */
function chosenIds(body: Body, records: Documents<AnnotationRecord>, dashboards: DashboardStore): readonly string[] {
  const id = numberAt(body, "annotationId") ?? 0;
  if (id !== 0) {
    if (records.get(String(id)) === undefined) throw notFound();
    return [String(id)];
  }
  const uid = uidOfBody(body, dashboards);
  const panelId = numberAt(body, "panelId") ?? 0;
  if (uid === "" || panelId === 0) throw refusal(400, "name an annotationId, or a dashboardUID and a panelId");
  return [...records.values()]
    .filter((record) => record.dashboardUID === uid && record.panelId === panelId)
    .map((record) => String(record.id));
}

type Mark = Omit<AnnotationRecord, "id" | "userId" | "login" | "created" | "updated">;

function markOf(body: Body, dashboardUID: string, nowMs: number): Mark {
  const text = textAt(body, "text");
  if (text === "") throw refusal(400, "Failed to save annotation: text field should not be empty");
  const time = numberAt(body, "time") ?? Math.round(nowMs);
  const timeEnd = Math.max(time, numberAt(body, "timeEnd") ?? time);
  return {
    dashboardUID,
    panelId: numberAt(body, "panelId") ?? 0,
    time,
    timeEnd,
    text,
    tags: tagsIn(body),
    data: objectAt(body, "data") ?? {},
  };
}

function graphiteMark(body: Body, nowMs: number): Mark {
  const what = textAt(body, "what");
  if (what === "") throw refusal(400, "Failed to save Graphite annotation: what field should not be empty");
  const data = textAt(body, "data");
  const tags = tagsIn(body);
  const seconds = numberAt(body, "when");
  const time = seconds === undefined || seconds === 0 ? Math.round(nowMs) : seconds * 1000;
  const text = data === "" ? what : `${what}\n${data}`;
  return { dashboardUID: "", panelId: 0, time, timeEnd: time, text, tags, data: {} };
}

/** Returns the annotations that match the URL parameters of a request, the newest first. */
function listed(
  records: Iterable<AnnotationRecord>,
  query: URLSearchParams,
  uid: string | undefined,
): readonly AnnotationRecord[] {
  // The list of alert state changes is always empty, because the Alertmanager stores the states of alerts.
  if (query.get("type") === "alert" || uid === undefined) return [];
  const number = (name: string, fallback: number): number => {
    const text = query.get(name) ?? "";
    return /^-?\d{1,16}$/.test(text) ? Number(text) : fallback;
  };
  const [from, to, panelId] = [number("from", 0), number("to", 0), number("panelId", 0)];
  const userId = number("userId", 0);
  const hasTags = tagFilter(query);
  const isWanted = (record: AnnotationRecord): boolean =>
    (to <= 0 || (record.time <= to && record.timeEnd >= from)) &&
    (uid === "" || record.dashboardUID === uid) &&
    (panelId === 0 || record.panelId === panelId) &&
    (userId === 0 || record.userId === userId) &&
    hasTags(record);
  return [...records]
    .filter(isWanted)
    .toSorted((a, b) => b.timeEnd - a.timeEnd || b.id - a.id)
    .slice(0, countParameter(query, "limit", 100, 10_000));
}

/**
 * Returns a filter by the tags in the URL parameters: an annotation must have all tags, or one of them if `matchAny` is
 * set. The filter checks each tag of an annotation once, whatever the number of requested tags.
 */
function tagFilter(query: URLSearchParams): (record: AnnotationRecord) => boolean {
  const wanted = new Set(query.getAll("tags"));
  if (wanted.size === 0) return () => true;
  if (query.get("matchAny") === "true") return ({ tags }) => tags.some((tag) => wanted.has(tag));
  return ({ tags }) => {
    if (tags.length < wanted.size) return false;
    const own = new Set(tags);
    return wanted.values().every((tag) => own.has(tag));
  };
}

/** Returns the tags in a request body without duplicates. Throws a refusal if there are too many. */
function tagsIn(body: Body): readonly string[] {
  // Graphite before 0.10 sent all tags in one text, separated by spaces.
  const given = typeof body["tags"] === "string" ? body["tags"].split(" ") : textsAt(body, "tags");
  const tags = [...new Set(given.filter((tag) => tag !== ""))];
  if (tags.length > MAX_TAGS) throw refusal(400, `an annotation can have at most ${MAX_TAGS} tags`);
  return tags;
}

function tagCounts(records: Iterable<AnnotationRecord>, query: URLSearchParams): object {
  const wanted = (query.get("tag") ?? "").toLowerCase();
  const counts = new Map<string, number>();
  for (const { tags } of records) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const tags = [...counts]
    .filter(([tag]) => tag.toLowerCase().includes(wanted))
    .map(([tag, count]) => ({ tag, count }))
    .toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
  return { result: { tags: tags.slice(0, countParameter(query, "limit", 100, 1000)) } };
}
