import { randomBytes } from "node:crypto";
import type { Feature } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { Collection, ConditionalStore } from "@narthex/store";
import type { FastifyRequest } from "fastify";
import { accountIdOf } from "../auth/identity.ts";
import { hasRight, needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import type { Stores } from "../state/stores.ts";
import type { Counted } from "../web/server-info.ts";
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

/** A snapshot: a dashboard together with its data at one time. Its JSON is stored separately. */
interface Snapshot {
  readonly id: number;
  readonly key: string;
  readonly deleteKey: string;
  readonly name: string;
  readonly userId: number;
  /** Time of creation, epoch ms. */
  readonly created: number;
  readonly expires: number;
}

/**
 * Lifetime in ms of a snapshot that never expires, which is also the maximum lifetime. Later dates could exceed the
 * range of Date.
 */
const FIFTY_YEARS_MS = 50 * 365 * 86_400_000;

/** Collection that contains the dashboards' JSON, by the snapshot's key. */
const BODIES = "snapshot_bodies";

function newKey(): string {
  return randomBytes(24).toString("base64url");
}

export async function openSnapshots(
  { clock, address, settings }: Context,
  { store }: Stores,
): Promise<Feature & Counted> {
  const snapshots = await Snapshots.open(store, clock);
  const isEnabled = settings["snapshots.enabled"];
  /**
   * Hook that refuses requests if snapshots are disabled. It applies to all routes except that of the sharing options.
   */
  const refuseIfDisabled = async (): Promise<void> => {
    if (!isEnabled) throw refusal(403, "Dashboard Snapshots are disabled");
  };
  const routed = <R extends object>(right: R): R & { readonly preHandler: () => Promise<void> } => ({
    ...right,
    preHandler: refuseIfDisabled,
  });
  return {
    name: "snapshots",
    count: () => [...snapshots.values()].length,
    routes({ app }) {
      app.post("/api/snapshots", routed(needs("editor", "snapshots:create")), async (request) => {
        const { id, key, deleteKey } = await snapshots.add(bodyOfRequest(request), request);
        const url = `${address.url}/dashboard/snapshot/${key}`;
        const deleteUrl = `${address.url}/api/snapshots-delete/${deleteKey}`;
        return { deleteKey, deleteUrl, id, key, url };
      });
      app.get("/api/snapshots/:key", routed(needs("none")), async (request, reply) => {
        const snapshot = snapshots.byKey(pathParameter(request, "key"));
        const text = await snapshots.textOf(snapshot);
        return reply
          .type("application/json; charset=utf-8")
          .send(`{"meta":${JSON.stringify(metaOf(snapshot))},"dashboard":${text}}`);
      });
      app.delete("/api/snapshots/:key", routed(needs("editor", "snapshots:delete")), async (request) => {
        const snapshot = snapshots.byKey(pathParameter(request, "key"));
        await snapshots.remove(snapshot);
        return deleted(snapshot);
      });
      app.get("/api/snapshots-delete/:deleteKey", routed(needs("none")), async (request) => {
        const snapshot = snapshots.byDeleteKey(pathParameter(request, "deleteKey"));
        await snapshots.remove(snapshot);
        return deleted(snapshot);
      });
      app.get("/api/snapshot/shared-options", needs("viewer", "snapshots:read"), () => ({
        snapshotEnabled: isEnabled,
        externalEnabled: false,
        externalSnapshotName: "",
        externalSnapshotURL: "",
      }));
      app.get("/api/dashboard/snapshots", routed(needs("viewer", "snapshots:read")), (request) => {
        const { identity } = request.principal;
        const query = queryOf(request);
        const words = (query.get("query") ?? "").slice(0, 1000).toLowerCase();
        return [...snapshots.values()]
          .filter(({ userId }) => userId === identity?.id || hasRight(identity, "admin"))
          .filter(({ name }) => name.toLowerCase().includes(words))
          .slice(0, countParameter(query, "limit", 1000, 5000))
          .map(itemOf);
      });
    },
  };
}

/** The snapshots, by key. Expired snapshots are ignored. */
class Snapshots {
  readonly #documents: Documents<Snapshot>;
  readonly #bodies: Collection;
  readonly #clock: Clock;

  private constructor(documents: Documents<Snapshot>, bodies: Collection, clock: Clock) {
    this.#documents = documents;
    this.#bodies = bodies;
    this.#clock = clock;
  }

  /** Opens the stored snapshots, and removes expired ones. Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock): Promise<Snapshots> {
    const [collection, bodies] = [store.collection("snapshots"), store.collection(BODIES)];
    await Promise.all([collection.dropExpired(clock.now()), bodies.dropExpired(clock.now())]);
    return new Snapshots(
      await Documents.open<Snapshot>(store, "snapshots", { memory: MEMORY_LIMITS.snapshots }),
      bodies,
      clock,
    );
  }

  values(): IteratorObject<Snapshot> {
    const now = this.#clock.now();
    return this.#documents.values().filter(({ expires }) => expires > now);
  }

  byKey(key: string): Snapshot {
    return present(this.values().find((snapshot) => snapshot.key === key));
  }

  /** Returns the snapshot with this deletion key. Throws Refusal for an unknown key. */
  byDeleteKey(deleteKey: string): Snapshot {
    return present(this.values().find((snapshot) => snapshot.deleteKey === deleteKey));
  }

  /** Returns the JSON of a snapshot as text. Rejects with Refusal if the snapshot was removed. */
  async textOf({ key }: Snapshot): Promise<string> {
    return present((await this.#bodies.get(key))?.value);
  }

  /** Stores the snapshot in a request's body. Rejects with Refusal or StoreError. */
  async add(body: Body, request: FastifyRequest): Promise<Snapshot> {
    if (flagAt(body, "external")) throw refusal(403, "External snapshots are not supported: leave external out");
    const dashboard = objectAt(body, "dashboard");
    if (dashboard === undefined) throw badRequest();
    await this.#dropExpired();
    const draft = newSnapshot(body, request, this.#clock.now());
    const { key, expires } = draft;
    const entry = { value: JSON.stringify(dashboard), expiresAt: expires };
    return this.#documents.change(() => {
      if (this.#documents.get(key) !== undefined) throw refusal(409, "A snapshot with the same key already exists");
      const result = { id: this.#documents.nextId(), ...draft };
      return { put: new Map([[key, result]]), expiresAt: expires, also: [{ collection: BODIES, key, entry }], result };
    });
  }

  async remove({ key }: Snapshot): Promise<void> {
    await this.#documents.change(() => ({
      removed: [key],
      also: [{ collection: BODIES, key, entry: undefined }],
      result: undefined,
    }));
  }

  async #dropExpired(): Promise<void> {
    const now = this.#clock.now();
    for (const snapshot of this.#documents.values()) if (snapshot.expires <= now) await this.remove(snapshot);
  }
}

function present<T>(found: T | undefined): T {
  if (found === undefined) throw refusal(404, "Dashboard snapshot not found");
  return found;
}

const deleted = ({ id }: Snapshot): object => ({
  id,
  message: "Snapshot deleted. It might take an hour before it's cleared from any CDN caches.",
});

const metaOf = ({ created, expires }: Snapshot): object => ({
  isSnapshot: true,
  type: "snapshot",
  canSave: false,
  canEdit: false,
  canStar: false,
  slug: "",
  created: new Date(created).toISOString(),
  expires: new Date(expires).toISOString(),
});

/** Returns a snapshot in the format of the API's list, without its deletion key. */
function itemOf({ deleteKey: _secret, created, expires, ...snapshot }: Snapshot): object {
  const times = [expires, created].map((time) => new Date(time).toISOString());
  const [end, start] = times;
  return { ...snapshot, orgId: 1, external: false, externalUrl: "", expires: end, created: start, updated: start };
}

/** Returns the key that a request body contains, or a new random key. Throws Refusal if the key is invalid. */
function keyIn(body: Body, name: string): string {
  const given = textAt(body, name);
  if (given === "") return newKey();
  if (!/^[\w-]{8,190}$/.test(given)) throw refusal(400, `${name}: must have 8 to 190 letters, digits, - and _`);
  return given;
}

function newSnapshot(body: Body, request: FastifyRequest, now: number): Omit<Snapshot, "id"> {
  const seconds = numberAt(body, "expires") ?? 0;
  return {
    key: keyIn(body, "key"),
    deleteKey: keyIn(body, "deleteKey"),
    name: textAt(body, "name") || "Unnamed snapshot",
    userId: accountIdOf(request),
    created: now,
    expires: now + (seconds > 0 ? Math.min(Math.ceil(seconds * 1000), FIFTY_YEARS_MS) : FIFTY_YEARS_MS),
  };
}
