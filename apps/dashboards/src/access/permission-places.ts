import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import { dashboardUrl, folderUrl } from "../dashboards/dashboard-view.ts";
import type { Folder } from "../folders/folder-store.ts";
import type { FastifyRequest } from "fastify";
import type { PublicAddress } from "../web/public-address.ts";
import { pathParameter } from "../web/request-body.ts";
import { type OwnPermissions, ownPermissions, type Permission } from "./own-permissions.ts";
import type { Places, Visible, VisibleTo } from "./visible.ts";

/** A folder or dashboard, and the permissions that apply to it. */
export interface PermissionPlace {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  readonly isFolder: boolean;
  /** Path of the object's page, including the path of the server's public address. */
  readonly url: string;
  /** Times of the creation and of the last change, Unix ms. */
  readonly created: number;
  readonly updated: number;
  /** Permissions that are set on the folder or dashboard itself, which a request can change. */
  readonly own: readonly Permission[];
  /** Permissions of the folders above that also apply to this object. */
  readonly inherited: readonly InheritedPermission[];
  /** Whether the folder or dashboard is in no folder, so that there is nothing to inherit. */
  readonly isAtRoot: boolean;
  readonly isForAdmins: boolean;
  /**
   * Changes the permissions of the object. `next` gets the permissions at the time of the change. Rejects with a
   * refusal or StoreError.
   * @param isForAdmins if absent, the value stays
   */
  readonly set: (next: NextPermissions, isForAdmins?: boolean) => Promise<unknown>;
}

/** A permission of a folder that also applies to the folders and dashboards in it. */
export type InheritedPermission = Permission & { readonly from: FolderName };

/** The name of a folder; both texts are empty if the sender may not view the folder. */
export interface FolderName {
  readonly uid: string;
  readonly title: string;
}

/** Returns the permissions that replace an object's own permissions. Throws a refusal if they are not allowed. */
type NextPermissions = (own: readonly Permission[]) => readonly Permission[];

/**
 * Returns the folder or dashboard that a request's path names. Throws a refusal if the sender may not change its
 * permissions.
 */
export type PlaceAt = (request: FastifyRequest) => PermissionPlace;

export const folderPlaces =
  (places: Places, visible: VisibleTo, address: PublicAddress): PlaceAt =>
  (request) => {
    const { folders } = places;
    const seen = visible(request);
    const folder = seen.folder(pathParameter(request, "uid"), "admin");
    return {
      ...placeOf(folder, folder.parentUid, { places, seen }),
      isFolder: true,
      url: folderUrl(address, folder),
      set: (next, isForAdmins) =>
        folders.setPermissions(
          folder,
          (known) => changedPermissions(known, known.parentUid, next, isForAdmins),
          request.principal.name,
        ),
    };
  };

export const dashboardPlaces =
  (places: Places, visible: VisibleTo, address: PublicAddress): PlaceAt =>
  (request) => {
    const { dashboards } = places;
    const seen = visible(request);
    const record = seen.dashboard(pathParameter(request, "uid"), "admin");
    return {
      ...placeOf(record, record.folderUid, { places, seen }),
      isFolder: false,
      url: dashboardUrl(address, record),
      set: (next, isForAdmins) =>
        dashboards.amend(record.uid, (known) => ({
          ...known,
          ...changedPermissions(known, known.folderUid, next, isForAdmins),
        })),
    };
  };

const changedPermissions = (
  known: OwnPermissions,
  parentUid: string,
  next: NextPermissions,
  isForAdmins: boolean | undefined,
): OwnPermissions => ({
  permissions: next(ownPermissions(known, parentUid === "")),
  isForAdmins: isForAdmins ?? known.isForAdmins === true,
});

function placeOf(
  place: (Folder | DashboardRecord) & OwnPermissions,
  parentUid: string,
  { places: { folders }, seen }: { readonly places: Places; readonly seen: Visible },
): Omit<PermissionPlace, "isFolder" | "set" | "url"> {
  const { id, uid, title, created, updated, isForAdmins = false } = place;
  const own = ownPermissions(place, parentUid === "");
  const inherited: InheritedPermission[] = [];
  if (!isForAdmins) {
    const parent = folders.byUid(parentUid);
    for (const folder of parent === undefined ? [] : [parent, ...folders.parentsOf(parent).toReversed()]) {
      const from = seen.mayInFolder("view", folder.uid)
        ? { uid: folder.uid, title: folder.title }
        : { uid: "", title: "" };
      for (const permission of ownPermissions(folder, folder.parentUid === "")) inherited.push({ ...permission, from });
      if (folder.isForAdmins === true) break;
    }
  }
  return { id, uid, title, created, updated, own, inherited, isForAdmins, isAtRoot: parentUid === "" };
}
