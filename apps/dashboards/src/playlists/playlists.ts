import type { Feature } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import { needs } from "../auth/rights.ts";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import type { Stores } from "../state/stores.ts";
import { newUid } from "../state/uids.ts";
import type { Counted } from "../web/server-info.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  countParameter,
  isObject,
  pathParameter,
  queryOf,
  textAt,
} from "../web/request-body.ts";

/** A list of dashboards that are shown one after the other. */
interface Playlist {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  /** Duration for which each dashboard is shown, such as `5m`. */
  readonly interval: string;
  readonly items: readonly PlaylistItem[];
}

interface PlaylistItem {
  readonly type: "dashboard_by_uid" | "dashboard_by_tag" | "dashboard_by_id";
  /** Uid or id of a dashboard, or a tag. */
  readonly value: string;
  readonly title: string;
}

const ITEM_TYPES: ReadonlySet<string> = new Set(["dashboard_by_uid", "dashboard_by_tag", "dashboard_by_id"]);
const MAX_ITEMS = 1000;

export async function openPlaylists({ store }: Stores): Promise<Feature & Counted> {
  const playlists = await Documents.open<Playlist>(store, "playlists", { memory: MEMORY_LIMITS.playlists });
  const found = (request: FastifyRequest): Playlist => {
    const playlist = playlists.get(pathParameter(request, "uid"));
    if (playlist === undefined) throw refusal(404, "Playlist not found");
    return playlist;
  };
  return {
    name: "playlists",
    count: () => playlists.size,
    routes({ app }) {
      const url = "/api/playlists/:uid";
      app.get("/api/playlists", needs("viewer"), (request) => {
        const query = queryOf(request);
        const words = (query.get("query") ?? "").slice(0, 1000).toLowerCase();
        return [...playlists.values()]
          .filter(({ name }) => name.toLowerCase().includes(words))
          .slice(0, countParameter(query, "limit", 1000, 5000))
          .map(({ items: _items, ...playlist }) => playlist);
      });
      app.get(url, needs("viewer"), (request) => found(request));
      app.get(`${url}/items`, needs("viewer"), (request) => found(request).items);
      app.post("/api/playlists", needs("editor", "playlists:write"), async (request) => {
        const draft = draftOf(bodyOfRequest(request));
        const uid = newUid();
        return playlists.change(() => {
          const result: Playlist = { id: playlists.nextId(), uid, ...draft };
          return { put: new Map([[uid, result]]), result };
        });
      });
      app.put(url, needs("editor", "playlists:write"), async (request) => {
        const draft = draftOf(bodyOfRequest(request));
        return playlists.update(pathParameter(request, "uid"), (before) => {
          if (before === undefined) throw refusal(404, "Playlist not found");
          return { id: before.id, uid: before.uid, ...draft };
        });
      });
      app.delete(url, needs("editor", "playlists:write"), async (request) => {
        await playlists.remove(found(request).uid);
        return {};
      });
    },
  };
}

function draftOf(body: Body): Omit<Playlist, "id" | "uid"> {
  const name = textAt(body, "name").trim();
  const { items = [] } = body;
  if (name === "" || !Array.isArray(items) || items.length > MAX_ITEMS) throw badRequest();
  return { name, interval: textAt(body, "interval") || "5m", items: items.map(itemOf) };
}

function itemOf(item: unknown): PlaylistItem {
  if (!isObject(item)) throw badRequest();
  const type = textAt(item, "type");
  if (!ITEM_TYPES.has(type)) throw badRequest();
  return { type: type as PlaylistItem["type"], value: textAt(item, "value"), title: textAt(item, "title") };
}
