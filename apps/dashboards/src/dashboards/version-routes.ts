import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { VisibleTo } from "../access/visible.ts";
import { needsPlace } from "../auth/rights.ts";
import { escapeHtml } from "../web/escape-html.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  countParameter,
  numberAt,
  objectAt,
  pathParameter,
  queryOf,
  textAt,
} from "../web/request-body.ts";
import type { DashboardJson, DashboardRecord, DashboardVersion } from "./dashboard-record.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { type JsonChange, jsonChanges, jsonDelta } from "./json-delta.ts";
import { checkRefresh } from "./refresh-limit.ts";

export interface VersionRoutesOptions {
  /** Minimum refresh interval (setting `dashboards.min_refresh_interval`), ms. */
  readonly minRefreshMs: number;
  readonly dashboards: DashboardStore;
  readonly visible: VisibleTo;
  readonly savedView: (record: DashboardRecord) => object;
}

const WRITE = needsPlace("edit", "dashboards:write");

/** Adds the routes that list, show, compare and restore versions of dashboards. */
export function versionRoutes(app: FastifyInstance, options: VersionRoutesOptions): void {
  const { dashboards, visible, minRefreshMs, savedView } = options;
  const found = present(visible);
  app.get("/api/dashboards/uid/:uid/versions", WRITE, (request) => listed(found.byUid(request), request));
  app.get("/api/dashboards/id/:id/versions", WRITE, (request) => listed(found.byId(request), request).versions);
  const show = async (record: DashboardRecord, request: FastifyRequest): Promise<object> => {
    const { version, json } = await versionOf(dashboards, record, Number(pathParameter(request, "version")));
    return { ...versionView(record, version), data: json };
  };
  app.get("/api/dashboards/uid/:uid/versions/:version", WRITE, (request) => show(found.byUid(request), request));
  app.get("/api/dashboards/id/:id/versions/:version", WRITE, (request) => show(found.byId(request), request));
  const restore = async (record: DashboardRecord, request: FastifyRequest): Promise<object> => {
    const { version, json } = await versionOf(dashboards, record, numberAt(bodyOfRequest(request), "version") ?? 0);
    checkRefresh(json, minRefreshMs);
    const saved = await dashboards.save({
      dashboard: { ...json, id: record.id, uid: record.uid, version: record.version },
      check: (before) => {
        if (before !== undefined) visible(request).checkDashboard("edit", before);
      },
      message: `Restored from version ${version.version}`,
      overwrite: false,
      user: request.principal.name,
      restoredFrom: version.version,
    });
    return savedView(saved);
  };
  app.post("/api/dashboards/uid/:uid/restore", WRITE, (request) => restore(found.byUid(request), request));
  app.post("/api/dashboards/id/:id/restore", WRITE, (request) => restore(found.byId(request), request));
  app.post("/api/dashboards/calculate-diff", WRITE, (request, reply) => compare(options, request, reply));
}

function present(visible: VisibleTo): {
  readonly byUid: (request: FastifyRequest) => DashboardRecord;
  readonly byId: (request: FastifyRequest) => DashboardRecord;
} {
  return {
    byUid: (request) => visible(request).dashboard(pathParameter(request, "uid"), "edit"),
    byId: (request) => visible(request).dashboardById(Number(pathParameter(request, "id")), "edit"),
  };
}

function listed(record: DashboardRecord, request: FastifyRequest): { continueToken: string; versions: object[] } {
  const query = queryOf(request);
  const start = countParameter(query, "start", 0, 1_000_000);
  const shown = record.versions.slice(start, start + countParameter(query, "limit", 1000, 1000));
  return { continueToken: "", versions: shown.map((version) => versionView(record, version)) };
}

const versionView = ({ id, uid }: DashboardRecord, version: DashboardVersion): Record<string, unknown> => ({
  id: version.version,
  dashboardId: id,
  uid,
  ...version,
  created: new Date(version.created).toISOString(),
});

async function versionOf(
  dashboards: DashboardStore,
  record: DashboardRecord,
  wanted: number,
): Promise<{ readonly version: DashboardVersion; readonly json: DashboardJson }> {
  const version = record.versions.find((one) => one.version === wanted);
  const text = version === undefined ? undefined : await dashboards.textOf(record, wanted);
  if (version === undefined || text === undefined) throw refusal(404, "Dashboard version not found");
  return { version, json: JSON.parse(text) as DashboardJson };
}

async function compare(
  options: VersionRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = bodyOfRequest(request);
  const side = (key: string): Promise<DashboardJson> => sideOf(options, objectAt(body, key), request);
  const [before, after] = [await side("base"), await side("new")];
  if (textAt(body, "diffType") === "delta") return reply.send(jsonDelta(before, after) ?? {});
  const lines = jsonChanges(before, after).map(changeLine).join("\n");
  return reply.type("text/html; charset=utf-8").send(`<ul class="diff-list">\n${lines}\n</ul>\n`);
}

/**
 * Reads one of the two dashboards to compare: `{dashboardUid | dashboardId, version}`, or the JSON in
 * `unsavedDashboard`.
 */
async function sideOf(
  { dashboards, visible }: VersionRoutesOptions,
  options: Body | undefined,
  request: FastifyRequest,
): Promise<DashboardJson> {
  if (options === undefined) throw badRequest();
  const unsaved = objectAt(options, "unsavedDashboard");
  if (unsaved !== undefined) return unsaved;
  const uid = textAt(options, "dashboardUid") || textAt(options, "dashboardUID");
  const seen = visible(request);
  const id = numberAt(options, "dashboardId") ?? 0;
  const record = uid === "" ? seen.dashboardById(id, "edit") : seen.dashboard(uid, "edit");
  return (await versionOf(dashboards, record, numberAt(options, "version") ?? record.version)).json;
}

const asHtml = (value: unknown): string => escapeHtml(JSON.stringify(value) ?? "");

function changeLine({ path, before, after }: JsonChange): string {
  const where = escapeHtml(path.join("."));
  const kind = before === undefined ? "added" : after === undefined ? "deleted" : "changed";
  const parts = [
    before === undefined ? "" : ` <del>${asHtml(before)}</del>`,
    after === undefined ? "" : ` <ins>${asHtml(after)}</ins>`,
  ];
  return `<li class="diff-item diff-item-${kind}"><code>${where}</code>${parts.join("")}</li>`;
}
