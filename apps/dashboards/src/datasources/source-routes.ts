import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { needs, needsSource } from "../auth/rights.ts";
import { answersWhileAwaited } from "../web/client-gone.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  flagAt,
  isObject,
  numberAt,
  objectAt,
  pathParameter,
  textAt,
} from "../web/request-body.ts";
import type { VisibleSourcesTo } from "../access/visible-sources.ts";
import type { SourceInstances } from "./source-instances.ts";
import { staleSource } from "./source-change.ts";
import { type SourceDraft, sourceListItem, type SourceRecord, sourceView } from "./source-record.ts";
import type { SourceStore } from "./source-store.ts";

const READ = needsSource("view", "datasources:read");
const CREATE = needs("admin", "datasources:create");
const WRITE = needsSource("edit", "datasources:write");
const DELETE = needsSource("admin", "datasources:delete");

/** Returns the data source that a request's path names. Throws a refusal if the sender may not query it. */
type SourceAt = (request: FastifyRequest) => SourceRecord;

interface SourceRoutesOptions {
  readonly store: SourceStore;
  readonly instances: SourceInstances;
  readonly visible: VisibleSourcesTo;
}

export function sourceRoutes(app: FastifyInstance, { store, instances, visible }: SourceRoutesOptions): void {
  const byUid: SourceAt = (request) => visible(request).source(pathParameter(request, "uid"));
  const byName: SourceAt = (request) => visible(request).sourceNamed(pathParameter(request, "name"));
  const byId: SourceAt = (request) => visible(request).sourceById(Number(pathParameter(request, "id")));
  app.get("/api/datasources", READ, (request) => visible(request).sources().map(sourceListItem));
  app.get("/api/datasources/uid/:uid", READ, (request) => sourceView(byUid(request)));
  app.get("/api/datasources/name/:name", READ, (request) => sourceView(byName(request)));
  app.get("/api/datasources/id/:name", READ, (request) => ({ id: byName(request).id }));
  app.get("/api/datasources/:id", READ, (request) => sourceView(byId(request)));
  app.post("/api/datasources", CREATE, async (request) => {
    const added = await store.add(draftOf(bodyOfRequest(request)));
    return { datasource: sourceView(added), id: added.id, message: "Datasource added", name: added.name };
  });
  const update = async (request: FastifyRequest, before: SourceRecord): Promise<object> => {
    visible(request).check("edit", before);
    if (before.readOnly) throw refusal(403, "Cannot update read-only data source");
    const body = bodyOfRequest(request);
    const version = numberAt(body, "version");
    if (version !== undefined && version !== 0 && version !== before.version) {
      throw staleSource();
    }
    const { isProvisioned, readOnly } = before;
    const options = { isProvisioned, readOnly, keepSecrets: true };
    const saved = await store.change((change) => change.update(before, draftOf(body), options));
    return { datasource: sourceView(saved), id: saved.id, message: "Datasource updated", name: saved.name };
  };
  app.put("/api/datasources/uid/:uid", WRITE, (request) => update(request, byUid(request)));
  app.put("/api/datasources/:id", WRITE, (request) => update(request, byId(request)));
  const remove = async (request: FastifyRequest, source: SourceRecord): Promise<object> => {
    visible(request).check("admin", source);
    if (source.readOnly) throw refusal(403, "Cannot delete read-only data source");
    await store.remove(source);
    return { id: source.id, message: "Data source deleted" };
  };
  app.delete("/api/datasources/uid/:uid", DELETE, (request) => remove(request, byUid(request)));
  app.delete("/api/datasources/name/:name", DELETE, (request) => remove(request, byName(request)));
  app.delete("/api/datasources/:id", DELETE, (request) => remove(request, byId(request)));
  const health = async (record: SourceRecord, reply: FastifyReply): Promise<FastifyReply> => {
    const { source } = instances.open(record);
    const { status, message } = await answersWhileAwaited(reply, (signal) => source.health(signal));
    return reply.code(status === "OK" ? 200 : 400).send({ status, message });
  };
  const query = needsSource("view", "datasources:query");
  app.get("/api/datasources/uid/:uid/health", query, (request, reply) => health(byUid(request), reply));
  app.get("/api/datasources/:id/health", query, (request, reply) => health(byId(request), reply));
}

function draftOf(body: Body): SourceDraft {
  const [name, type] = [textAt(body, "name").trim(), textAt(body, "type")];
  if (name === "" || type === "") throw badRequest();
  const url = textAt(body, "url").trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) checkUrl(url);
  const secrets = objectAt(body, "secureJsonData") ?? {};
  if (!isObject(secrets) || Object.values(secrets).some((secret) => typeof secret !== "string")) throw badRequest();
  return {
    uid: textAt(body, "uid"),
    name,
    type,
    access: textAt(body, "access") === "direct" ? "direct" : "proxy",
    url,
    user: textAt(body, "user"),
    database: textAt(body, "database"),
    basicAuth: flagAt(body, "basicAuth"),
    basicAuthUser: textAt(body, "basicAuthUser"),
    withCredentials: flagAt(body, "withCredentials"),
    isDefault: flagAt(body, "isDefault"),
    jsonData: objectAt(body, "jsonData") ?? {},
    secureJsonData: secrets as Readonly<Record<string, string>>,
  };
}

function checkUrl(url: string): void {
  const parsed = URL.parse(url);
  if (parsed === null) throw refusal(400, `Validation error, invalid URL: ${JSON.stringify(url.slice(0, 200))}`);
  if (parsed.username !== "" || parsed.password !== "")
    throw refusal(
      400,
      "Validation error: write user and password as basicAuthUser and basicAuthPassword, not into the URL",
    );
}
