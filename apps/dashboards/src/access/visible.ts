import type { Identity, OrgRole } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { type Folder, folderNotFound, type FolderStore, MAX_DEPTH } from "../folders/folder-store.ts";
import type { LibraryElement, LibraryStore } from "../library-panels/library-store.ts";
import { accessDenied, type Refusal, refusal } from "../web/refusal.ts";
import { visitor } from "../auth/identity.ts";
import { type Action, type Level, LEVEL_OF, roleLevel } from "../auth/levels.ts";
import { levelWith, type OwnPermissions } from "./own-permissions.ts";

export interface Places {
  readonly folders: FolderStore;
  readonly dashboards: DashboardStore;
  readonly library: LibraryStore;
}

/**
 * Returns the action for which a search requests permission with `permission=Edit`. By default, this is the action to
 * view.
 */
export const actionOf = (query: URLSearchParams): Action => {
  const name = (query.get("permission") ?? "").toLowerCase();
  return name === "edit" || name === "admin" ? name : "view";
};

/** Reports whether an account's rights on a dashboard can differ from its rights in the dashboard's folder. */
const hasOwnRights = ({ folderUid, permissions }: DashboardRecord): boolean =>
  folderUid === "" || permissions !== undefined;

/** Returns the folders, dashboards and library panels that the sender of a request may see. */
export type VisibleTo = (request: FastifyRequest) => Visible;

/** Returns the function through which all routes read folders, dashboards and library panels. */
export const visibleIn =
  (places: Places): VisibleTo =>
  ({ principal, routeOptions }) =>
    new Visible(places, principal.identity, routeOptions.config.action ?? "");

/**
 * Reports whether viewers or editors have fewer rights in a folder or on a dashboard than in places without
 * restrictions.
 */
export function isRestricted(places: Places, levelOf: (seen: Visible) => Level): boolean {
  const levelAs = (role: OrgRole): Level => levelOf(new Visible(places, visitor(role), ""));
  return levelAs("Viewer") < LEVEL_OF.view || levelAs("Editor") < LEVEL_OF.edit;
}

/**
 * The folders, dashboards and library panels that an account may see, and the account's rights on them. An object
 * serves one request, because it caches the account's levels in folders.
 */
export class Visible {
  readonly #places: Places;
  readonly #identity: Identity | undefined;
  /** Name of the required right, for the message of refusals: `dashboards:write`. */
  readonly #right: string;
  readonly #isAdmin: boolean;
  readonly #folderLevels = new Map<string, Level>();
  readonly #dashboardLevels = new Map<DashboardRecord, Level>();

  constructor(places: Places, identity: Identity | undefined, right: string) {
    this.#places = places;
    this.#identity = identity;
    this.#right = right;
    this.#isAdmin = identity?.role === "Admin";
  }

  /** Returns the account's level in a folder. An empty uid means the root. */
  folderLevel(uid: string): Level {
    return this.#folderLevel(uid, 0);
  }

  #folderLevel(uid: string, depth: number): Level {
    if (uid === "" || this.#identity === undefined || this.#isAdmin) return roleLevel(this.#identity);
    const known = this.#folderLevels.get(uid);
    if (known !== undefined) return known;
    const level = this.#computedLevel(this.#identity, uid, depth);
    this.#folderLevels.set(uid, level);
    return level;
  }

  /**
   * Computes the account's level in a folder. Only admins have rights in an unknown folder: with a shared database,
   * this instance may receive a folder's contents before the folder. The same holds for folders that form a cycle.
   */
  #computedLevel(identity: Identity, uid: string, depth: number): Level {
    const folder = this.#places.folders.byUid(uid);
    if (folder === undefined || depth > MAX_DEPTH) return 0;
    return levelWith(folder, identity, this.#inheritedFrom(folder.parentUid, depth + 1));
  }

  /** Returns the level that a folder passes to its contents. Undefined for the root, whose level is not passed on. */
  #inheritedFrom(uid: string, depth: number): Level | undefined {
    return uid === "" ? undefined : this.#folderLevel(uid, depth);
  }

  dashboardLevel(record: DashboardRecord): Level {
    if (this.#identity === undefined || this.#isAdmin) return roleLevel(this.#identity);
    let level = this.#dashboardLevels.get(record);
    if (level === undefined) {
      level = levelWith(record, this.#identity, this.#inheritedFrom(record.folderUid, 0));
      this.#dashboardLevels.set(record, level);
    }
    return level;
  }

  /** Reports whether the account may perform an action in at least one folder or on one dashboard. */
  mayAnywhere(action: Action): boolean {
    return (
      this.mayInFolder(action, "") ||
      this.#places.folders.values().some(({ uid }) => this.mayInFolder(action, uid)) ||
      this.#places.dashboards.values().some((record) => hasOwnRights(record) && this.mayDashboard(action, record))
    );
  }

  mayInFolder(action: Action, uid: string): boolean {
    return this.folderLevel(uid) >= LEVEL_OF[action];
  }

  mayDashboard(action: Action, record: DashboardRecord): boolean {
    return this.dashboardLevel(record) >= LEVEL_OF[action];
  }

  /** Throws a refusal if the account may not perform an action in a folder. An empty uid means the root. */
  checkFolder(action: Action, uid: string): void {
    if (!this.mayInFolder(action, uid)) throw this.denied("folders");
  }

  checkDashboard(action: Action, record: DashboardRecord): void {
    if (!this.mayDashboard(action, record)) throw this.denied("dashboards");
  }

  /**
   * Throws a refusal if a move would raise the account's level on a folder or dashboard. Otherwise an editor could
   * become an admin of a place by moving it into a folder of their own.
   *
   * @param own the permissions of the folder or dashboard itself
   * @param before the account's level on it
   * @param folderUid the folder into which it is moved; empty for the root
   */
  checkMove(own: OwnPermissions, before: Level, folderUid: string): void {
    if (this.#identity === undefined) throw this.denied("folders");
    const after = levelWith(own, this.#identity, this.#inheritedFrom(folderUid, 0));
    if (!this.#isAdmin && after > before) throw this.denied("folders");
  }

  /** Returns the error for a request that needs a higher level. */
  denied(kind: "folders" | "dashboards"): Refusal {
    return accessDenied(this.#right || `${kind}:read`);
  }

  folders(): readonly Folder[] {
    return this.#seenFolders(this.#places.folders.values());
  }

  /** Returns the folders that are directly in a folder, sorted by title. An empty uid means the root. */
  childrenOf(parentUid: string): readonly Folder[] {
    return this.#seenFolders(this.#places.folders.childrenOf(parentUid));
  }

  #seenFolders(folders: Iterable<Folder>): readonly Folder[] {
    return [...folders].filter(({ uid }) => this.mayInFolder("view", uid));
  }

  /** Returns a folder. Throws a refusal if it does not exist, or if the account may not perform the action. */
  folder(uid: string, action: Action = "view"): Folder {
    return this.#presentFolder(this.#places.folders.byUid(uid), action);
  }

  folderById(id: number): Folder {
    return this.#presentFolder(this.#places.folders.byId(id), "view");
  }

  #presentFolder(folder: Folder | undefined, action: Action): Folder {
    if (folder === undefined) throw folderNotFound();
    this.checkFolder(action, folder.uid);
    return folder;
  }

  dashboards(): readonly DashboardRecord[] {
    return [...this.#places.dashboards.values()].filter((record) => this.mayDashboard("view", record));
  }

  /** Returns a dashboard. Throws a refusal if it does not exist, or if the account may not perform the action. */
  dashboard(uid: string, action: Action = "view"): DashboardRecord {
    return this.#presentDashboard(this.#places.dashboards.byUid(uid), action);
  }

  dashboardById(id: number, action: Action): DashboardRecord {
    return this.#presentDashboard(this.#places.dashboards.byId(id), action);
  }

  #presentDashboard(record: DashboardRecord | undefined, action: Action): DashboardRecord {
    if (record === undefined) throw refusal(404, "Dashboard not found");
    this.checkDashboard(action, record);
    return record;
  }

  libraryElements(): readonly LibraryElement[] {
    return [...this.#places.library.values()].filter(({ folderUid }) => this.mayInFolder("view", folderUid));
  }

  /**
   * Returns a library panel. Throws a refusal if it does not exist, or if the account may not perform the action in its
   * folder.
   */
  libraryElement(uid: string, action: Action = "view"): LibraryElement {
    const element = this.#places.library.byUid(uid);
    if (element === undefined) throw refusal(404, "library element could not be found");
    this.checkFolder(action, element.folderUid);
    return element;
  }
}
