import { dashboardSlug } from "@narthex/dashboards";
import { type Level, LEVEL_OF } from "../auth/levels.ts";
import type { Folder } from "../folders/folder-store.ts";
import type { PublicAddress } from "../web/public-address.ts";
import type { DashboardRecord } from "./dashboard-record.ts";

/** Returns the title in the form used in URLs. If no character of the title remains, returns the uid. */
export const slugOf = ({ title, uid }: { readonly title: string; readonly uid: string }): string =>
  dashboardSlug(title) || uid;

export const dashboardUrl = ({ path }: PublicAddress, record: DashboardRecord): string =>
  `${path}/d/${record.uid}/${slugOf(record)}`;

export const folderUrl = ({ path }: PublicAddress, folder: Folder): string =>
  `${path}/dashboards/f/${folder.uid}/${slugOf(folder)}`;

interface MetaOptions {
  readonly address: PublicAddress;
  /** The reader's level. */
  readonly level: Level;
  readonly canStar: boolean;
  readonly folder: Folder | undefined;
  /** Whether the user may see the folder. Otherwise the metadata contains the folder's uid, but not its title. */
  readonly showsFolder: boolean;
  /** Whether viewers or editors have fewer rights than by default. */
  readonly hasAcl: boolean;
  readonly isStarred: boolean;
  readonly viewersCanEdit: boolean;
}

/** Returns the metadata that the API sends with a dashboard's JSON. */
export function dashboardMeta(record: DashboardRecord, options: MetaOptions): Record<string, unknown> {
  const { address, level, canStar, folder, showsFolder, hasAcl, isStarred, viewersCanEdit } = options;
  const mayEdit = level >= LEVEL_OF.edit;
  return {
    type: "db",
    canSave: mayEdit,
    canEdit: mayEdit || viewersCanEdit,
    canAdmin: level >= LEVEL_OF.admin,
    canStar,
    canDelete: mayEdit,
    isStarred,
    slug: slugOf(record),
    url: dashboardUrl(address, record),
    expires: "0001-01-01T00:00:00Z",
    created: new Date(record.created).toISOString(),
    updated: new Date(record.updated).toISOString(),
    updatedBy: record.updatedBy,
    createdBy: record.createdBy,
    version: record.version,
    hasAcl,
    isFolder: false,
    folderId: folder?.id ?? 0,
    folderUid: folder?.uid ?? "",
    folderTitle: folder === undefined ? "Dashboards" : showsFolder ? folder.title : folder.uid,
    folderUrl: folder === undefined || !showsFolder ? "" : folderUrl(address, folder),
    provisioned: record.provisioned?.allowUiUpdates === false,
    provisionedExternalId: record.provisioned?.file ?? "",
    publicDashboardEnabled: false,
  };
}
