import { compressAnswers } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isRestricted, type VisibleTo } from "../access/visible.ts";
import { accountIdOf } from "../auth/identity.ts";
import type { Action } from "../auth/levels.ts";
import { hasRight, needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import type { LibraryStore } from "../library-panels/library-store.ts";
import type { StarStore } from "../stars/star-store.ts";
import { deletionBy } from "../deleted/deletion.ts";
import { badRequest, Refusal, refusal } from "../web/refusal.ts";
import { bodyOfRequest, flagAt, isObject, objectAt, pathParameter, textAt } from "../web/request-body.ts";
import type { DashboardJson, DashboardRecord } from "./dashboard-record.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { dashboardMeta, dashboardUrl, slugOf } from "./dashboard-view.ts";
import { folderUidIn } from "./folder-uid.ts";
import { checkRefresh } from "./refresh-limit.ts";
import { versionRoutes } from "./version-routes.ts";
import { importElements } from "./import-elements.ts";
import { fillInputs, sourcesOfInputs } from "./fill-inputs.ts";

export interface DashboardRoutesOptions {
  readonly context: Context;
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly stars: StarStore;
  readonly library: LibraryStore;
  readonly sources: SourceStore;
  readonly visible: VisibleTo;
}

const READ = needsPlace("view", "dashboards:read");
const WRITE = needsPlace("edit", "dashboards:write");
const DELETE = needsPlace("edit", "dashboards:delete");

export function dashboardRoutes(app: FastifyInstance, options: DashboardRoutesOptions): void {
  const { dashboards, visible } = options;
  const found = (request: FastifyRequest, action: Action): DashboardRecord =>
    visible(request).dashboard(pathParameter(request, "uid"), action);
  app.post("/api/dashboards/db", WRITE, (request) => save(options, request));
  app.post("/api/dashboards/import", WRITE, (request) => importDashboard(options, request));
  // Responses with a dashboard's JSON are compressed to about a tenth, because they are the largest responses of a
  // first visit.
  void app.register((scope, _options, done) => {
    compressAnswers(scope);
    scope.get("/api/dashboards/uid/:uid", READ, (request, reply) =>
      show(options, found(request, "view"), request, reply),
    );
    done();
  });
  app.delete("/api/dashboards/uid/:uid", DELETE, async (request) => {
    const record = found(request, "edit");
    if (record.provisioned !== undefined) throw refusal(400, "provisioned dashboard cannot be deleted");
    await dashboards.delete(record, deletionBy(request, options.context.clock.now()));
    const { title, uid } = record;
    return { id: record.id, message: `Dashboard ${title} deleted`, title, uid };
  });
  versionRoutes(app, {
    dashboards,
    visible,
    minRefreshMs: options.context.settings["dashboards.min_refresh_interval"],
    savedView: (record) => savedView(options, record),
  });
  app.get("/api/dashboards/tags", READ, (request) => {
    const counts = new Map<string, number>();
    for (const { tags } of visible(request).dashboards())
      for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    return [...counts].map(([term, count]) => ({ term, count })).toSorted((a, b) => (a.term < b.term ? -1 : 1));
  });
}

async function save(options: DashboardRoutesOptions, request: FastifyRequest): Promise<object> {
  const body = bodyOfRequest(request);
  const dashboard = objectAt(body, "dashboard");
  if (dashboard === undefined) throw badRequest();
  checkRefresh(dashboard, options.context.settings["dashboards.min_refresh_interval"]);
  const saved = await options.dashboards.save({
    dashboard,
    folderUid: folderUidIn(body, options.folders),
    message: textAt(body, "message"),
    overwrite: flagAt(body, "overwrite"),
    user: request.principal.name,
    creatorId: accountIdOf(request),
    check: changeCheck(options, request),
  });
  return savedView(options, saved);
}

/**
 * Returns a check for saves. It throws a refusal if the user may not change the dashboard that is replaced, or may not
 * save into the folder.
 */
const changeCheck =
  ({ visible }: DashboardRoutesOptions, request: FastifyRequest) =>
  (before: DashboardRecord | undefined, folderUid: string): void => {
    const seen = visible(request);
    // A dashboard that stays in its folder can be changed without rights in the folder.
    if (before?.folderUid !== folderUid) seen.checkFolder("edit", folderUid);
    if (before === undefined) return;
    seen.checkDashboard("edit", before);
    if (before.folderUid !== folderUid) seen.checkMove(before, seen.dashboardLevel(before), folderUid);
  };

const savedView = ({ context }: DashboardRoutesOptions, record: DashboardRecord): object => ({
  folderUid: record.folderUid,
  id: record.id,
  slug: slugOf(record),
  status: "success",
  uid: record.uid,
  url: dashboardUrl(context.address, record),
  version: record.version,
});

async function importDashboard(options: DashboardRoutesOptions, request: FastifyRequest): Promise<object> {
  const body = bodyOfRequest(request);
  const dashboard = objectAt(body, "dashboard");
  if (dashboard === undefined) throw new Refusal(422, { message: "Dashboard must be set" });
  const inputs = Object.hasOwn(body, "inputs") && Array.isArray(body["inputs"]) ? (body["inputs"] as unknown[]) : [];
  const given = inputs.flatMap((input): [string, string][] =>
    isObject(input) && typeof input["name"] === "string" && typeof input["value"] === "string"
      ? [[input["name"], input["value"]]]
      : [],
  );
  const { context, dashboards, sources, library } = options;
  const folderUid = folderUidIn(body, options.folders);
  const creator = { user: request.principal.name, creatorId: accountIdOf(request) };
  const check = changeCheck(options, request);
  check(undefined, folderUid);
  const rest = sourcesOfInputs(dashboard, sources);
  const filled = fillInputs(dashboard, new Map([...rest, ...given]));
  checkRefresh(filled, context.settings["dashboards.min_refresh_interval"]);
  const { __elements: _elements, ...json } = filled;
  const overwrite = flagAt(body, "overwrite");
  const command = { dashboard: { ...json, id: null }, folderUid, message: "", overwrite, ...creator, check };
  // Checks the save before the library panels are imported, so that a refused import adds no panels.
  dashboards.checkSave(command);
  await importElements(filled, { library, folderUid, user: creator.user });
  const saved = await dashboards.save(command);
  const url = dashboardUrl(context.address, saved);
  const { uid, title, id: dashboardId, version } = saved;
  const slug = slugOf(saved);
  const view = { uid, pluginId: "", title, imported: true, importedUri: `db/${slug}`, importedUrl: url, slug };
  return {
    ...view,
    dashboardId,
    folderUid,
    importedRevision: 1,
    revision: 1,
    description: "",
    path: "",
    removed: false,
    version,
  };
}

async function show(
  options: DashboardRoutesOptions,
  record: DashboardRecord,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { context, dashboards, folders, stars, sources, visible } = options;
  const text = await dashboards.textOf(record, record.version);
  if (text === undefined) throw refusal(404, "Dashboard not found");
  const seen = visible(request);
  const meta = dashboardMeta(record, {
    address: context.address,
    level: seen.dashboardLevel(record),
    canStar: hasRight(request.principal.identity, "signed-in"),
    folder: folders.byUid(record.folderUid),
    showsFolder: seen.mayInFolder("view", record.folderUid),
    hasAcl: isRestricted(options, (as) => as.dashboardLevel(record)),
    isStarred: stars.ofUser(accountIdOf(request)).has(record.uid),
    viewersCanEdit: context.settings["users.viewers_can_edit"],
  });
  // Whether the stored text can be sent unchanged, because it contains no inputs to replace. This is true for most
  // dashboards.
  const isReady = record.provisioned === undefined || !text.includes("${DS_");
  const shown = isReady ? text : filled(text, sources);
  return reply.type("application/json; charset=utf-8").send(`{"meta":${JSON.stringify(meta)},"dashboard":${shown}}`);
}

function filled(text: string, sources: SourceStore): string {
  const json = JSON.parse(text) as DashboardJson;
  return JSON.stringify(fillInputs(json, sourcesOfInputs(json, sources)));
}
