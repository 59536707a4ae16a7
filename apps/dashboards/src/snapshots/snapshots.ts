import { randomBytes } from "node:crypto";
import type { Feature } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import { hasRight, needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import { Documents } from "../state/documents.ts";
import type { Stores } from "../state/stores.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  countParameter,
  flagAt,
  numberAt,
  objectAt,
  pathParameter,
  queryOf,
  textAt,
} from "../web/request-body.ts";

/** A dashboard with its data, as it was; its JSON is kept apart. */
interface Snapshot {
  readonly id: number;
  readonly key: string;
  readonly deleteKey: string;
  readonly name: string;
  readonly userId: number;
  /** Epoch ms. */
  readonly created: number;
  readonly expires: number;
}

/** One that is kept for ever is kept so long. */
const FIFTY_YEARS_MS = 50 * 365 * 86_400_000;

function newKey(): string {
  return randomBytes(24).toString("base64url");
}

/** Rejects with StoreError. */
export async function openSnapshots({ clock, address }: Context, { store }: Stores): Promise<Feature> {
  const collection = store.collection("snapshots");
  const bodies = store.collection("snapshot_bodies");
  await Promise.all([collection.dropExpired(clock.now()), bodies.dropExpired(clock.now())]);
  const snapshots = await Documents.open<Snapshot>(collection);
  const found = (key: string): Snapshot => {
    const snapshot = snapshots.get(key);
    if (snapshot === undefined || snapshot.expires <= clock.now()) throw refusal(404, "Dashboard snapshot not found");
    return snapshot;
  };
  const dropExpired = async (): Promise<void> => {
    for (const [key, { expires }] of snapshots.entries()) {
      if (expires > clock.now()) continue;
      await snapshots.remove(key);
      await bodies.remove(key);
    }
  };
  const add = async (request: FastifyRequest): Promise<object> => {
    const body = bodyOfRequest(request);
    if (flagAt(body, "external")) throw refusal(403, "External snapshots are not supported: leave external out");
    await dropExpired();
    const dashboard = objectAt(body, "dashboard");
    if (dashboard === undefined) throw badRequest();
    const snapshot = newSnapshot(body, request, { id: snapshots.nextId(), now: clock.now() });
    const { id, key, deleteKey, expires } = snapshot;
    if (snapshots.get(key) !== undefined) throw refusal(409, "A snapshot with the same key already exists");
    await bodies.put({ key, value: JSON.stringify(dashboard), expiresAt: expires });
    await snapshots.put(key, snapshot, expires);
    const [url, deleteUrl] = [
      `${address.url}/dashboard/snapshot/${key}`,
      `${address.url}/api/snapshots-delete/${deleteKey}`,
    ];
    return { deleteKey, deleteUrl, id, key, url };
  };
  const remove = async ({ key, id }: Snapshot): Promise<object> => {
    await snapshots.remove(key);
    await bodies.remove(key);
    return { id, message: "Snapshot deleted. It might take an hour before it's cleared from any CDN caches." };
  };
  return {
    name: "snapshots",
    routes({ app }) {
      app.post("/api/snapshots", needs("editor", "snapshots:create"), (request) => add(request));
      app.get("/api/snapshots/:key", needs("none"), async (request, reply) => {
        const { key, created, expires, name } = found(pathParameter(request, "key"));
        const text = (await bodies.get(key))?.value;
        if (text === undefined) throw refusal(404, "Dashboard snapshot not found");
        const times = { created: new Date(created).toISOString(), expires: new Date(expires).toISOString() };
        const meta = {
          isSnapshot: true,
          type: "snapshot",
          canSave: false,
          canEdit: false,
          canStar: false,
          slug: name,
          ...times,
        };
        return reply
          .type("application/json; charset=utf-8")
          .send(`{"meta":${JSON.stringify(meta)},"dashboard":${text}}`);
      });
      app.delete("/api/snapshots/:key", needs("editor", "snapshots:delete"), (request) =>
        remove(found(pathParameter(request, "key"))),
      );
      app.get("/api/snapshots-delete/:deleteKey", needs("none"), (request) => {
        const wanted = pathParameter(request, "deleteKey");
        const snapshot = snapshots.values().find(({ deleteKey }) => deleteKey === wanted);
        if (snapshot === undefined) throw refusal(404, "Dashboard snapshot not found");
        return remove(snapshot);
      });
      app.get("/api/snapshot/shared-options", needs("viewer", "snapshots:read"), () => ({
        snapshotEnabled: true,
        externalEnabled: false,
        externalSnapshotName: "",
        externalSnapshotURL: "",
      }));
      app.get("/api/dashboard/snapshots", needs("viewer", "snapshots:read"), (request) => {
        const { grants } = request.principal;
        const query = queryOf(request);
        const words = (query.get("query") ?? "").slice(0, 1000).toLowerCase();
        const now = clock.now();
        return [...snapshots.values()]
          .filter(({ userId }) => userId === grants?.userId || hasRight(grants, "admin"))
          .filter(({ name, expires }) => expires > now && name.toLowerCase().includes(words))
          .slice(0, countParameter(query, "limit", 1000, 5000))
          .map(itemOf);
      });
    },
  };
}

/** A snapshot in a list. */
function itemOf({ deleteKey: _secret, created, expires, ...snapshot }: Snapshot): object {
  const times = [expires, created].map((time) => new Date(time).toISOString());
  const [end, start] = times;
  return { ...snapshot, orgId: 1, external: false, externalUrl: "", expires: end, created: start, updated: start };
}

/** A key that a request gives, or a new one. Throws a refusal. */
function keyIn(body: Body, name: string): string {
  const given = textAt(body, name);
  if (given === "") return newKey();
  if (!/^[\w-]{8,190}$/.test(given)) throw refusal(400, `${name}: 8 to 190 letters, digits, - and _ are taken`);
  return given;
}

function newSnapshot(
  body: Body,
  { principal }: FastifyRequest,
  { id, now }: { readonly id: number; readonly now: number },
): Snapshot {
  const seconds = numberAt(body, "expires") ?? 0;
  return {
    id,
    key: keyIn(body, "key"),
    deleteKey: keyIn(body, "deleteKey"),
    name: textAt(body, "name") || "Unnamed snapshot",
    userId: principal.grants?.userId ?? 0,
    created: now,
    expires: now + (seconds > 0 ? seconds * 1000 : FIFTY_YEARS_MS),
  };
}
