import type { FastifyRequest } from "fastify";
import {
  ACCOUNT_LEVELS,
  type Level,
  LEVEL_NAMES,
  type LevelNames,
  LEVELS,
  SOURCE_LEVEL_NAMES,
} from "../auth/levels.ts";
import { needsPlace, needsServiceAccount, needsSource } from "../auth/rights.ts";
import type { ServiceAccounts } from "../auth/service-accounts.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import { pathParameter } from "../web/request-body.ts";
import type { PublicAddress } from "../web/public-address.ts";
import { type ActionsOf, actionsOfAccount, actionsOfPlace, actionsOfSource } from "./level-actions.ts";
import type { Permission } from "./own-permissions.ts";
import {
  dashboardPlaces,
  folderPlaces,
  type InheritedPermission,
  type PermissionPlace,
  type PlaceAt,
} from "./permission-places.ts";
import type { VisibleAccountsTo } from "./visible-accounts.ts";
import { permissionsOfSource, type VisibleSourcesTo } from "./visible-sources.ts";
import type { Places, VisibleTo } from "./visible.ts";

/** A kind of objects that have permissions, such as folders. */
export interface ManagedKind {
  /** Name of the kind in the paths of the API. */
  readonly kind: "folders" | "dashboards" | "datasources" | "serviceaccounts";
  readonly read: RouteRight;
  readonly write: RouteRight;
  readonly names: LevelNames;
  /** Returns the actions that a level allows, such as `folders:write`. */
  readonly actions: ActionsOf;
  /** The levels that a permission can give. */
  readonly levels: readonly Level[];
  /** Whether a role can have a permission, besides users and teams. */
  readonly isForRoles: boolean;
  /** Whether permissions of folders also apply to the objects in them. */
  readonly isInFolders: boolean;
  /**
   * Returns the object that the request's path names. Throws a refusal if the sender may not change its permissions.
   */
  readonly at: (request: FastifyRequest) => ManagedObject;
}

/** An object and the permissions that apply to it. */
export interface ManagedObject {
  readonly uid: string;
  readonly title: string;
  readonly own: readonly Permission[];
  readonly inherited: readonly InheritedPermission[];
  /**
   * Whether permissions of folders above are inherited. Absent if there is no folder from which they could be
   * inherited.
   */
  readonly inherit?: boolean;
  readonly set: PermissionPlace["set"];
}

type RouteRight = ReturnType<typeof needsPlace>;

export interface ManagedKindsOptions {
  readonly places: Places;
  readonly visible: VisibleTo;
  readonly sources: SourceStore;
  readonly visibleSources: VisibleSourcesTo;
  readonly serviceAccounts: ServiceAccounts;
  readonly visibleAccounts: VisibleAccountsTo;
  readonly address: PublicAddress;
}

/** Returns the kinds of objects that have permissions. */
export const managedKinds = (options: ManagedKindsOptions): readonly ManagedKind[] => [
  placeKind("folders", folderPlaces(options.places, options.visible, options.address)),
  placeKind("dashboards", dashboardPlaces(options.places, options.visible, options.address)),
  sourceKind(options),
  accountKind(options),
];

const placeKind = (kind: "folders" | "dashboards", at: PlaceAt): ManagedKind => ({
  kind,
  read: needsPlace("admin", `${kind}.permissions:read`),
  write: needsPlace("admin", `${kind}.permissions:write`),
  names: LEVEL_NAMES,
  actions: actionsOfPlace,
  levels: LEVELS,
  isForRoles: true,
  isInFolders: true,
  at(request) {
    const { uid, title, own, inherited, isAtRoot, isForAdmins, set } = at(request);
    return { uid, title, own, inherited, ...(isAtRoot ? {} : { inherit: !isForAdmins }), set };
  },
});

const sourceKind = ({ sources, visibleSources }: ManagedKindsOptions): ManagedKind => ({
  kind: "datasources",
  read: needsSource("admin", "datasources.permissions:read"),
  write: needsSource("admin", "datasources.permissions:write"),
  names: SOURCE_LEVEL_NAMES,
  actions: actionsOfSource,
  levels: LEVELS,
  isForRoles: true,
  isInFolders: false,
  at(request) {
    const record = visibleSources(request).source(pathParameter(request, "uid"), "admin");
    return {
      uid: record.uid,
      title: record.name,
      own: permissionsOfSource(record),
      inherited: [],
      set: (next) =>
        sources.change((change) => change.setPermissions(record, (known) => next(permissionsOfSource(known)))),
    };
  },
});

const accountKind = ({ serviceAccounts, visibleAccounts }: ManagedKindsOptions): ManagedKind => ({
  kind: "serviceaccounts",
  read: needsServiceAccount("admin", "serviceaccounts.permissions:read"),
  write: needsServiceAccount("admin", "serviceaccounts.permissions:write"),
  names: LEVEL_NAMES,
  actions: actionsOfAccount,
  levels: ACCOUNT_LEVELS,
  isForRoles: false,
  isInFolders: false,
  at(request) {
    const account = visibleAccounts(request).account(Number(pathParameter(request, "uid")), "admin");
    return {
      uid: String(account.id),
      title: account.name,
      own: account.permissions ?? [],
      inherited: [],
      set: (next) => serviceAccounts.setPermissions(account, next),
    };
  },
});
