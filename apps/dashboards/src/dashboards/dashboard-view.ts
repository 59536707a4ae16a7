import { dashboardSlug } from "@narthex/dashboards";
import type { FastifyRequest } from "fastify";
import { hasRight } from "../auth/rights.ts";
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
  readonly request: FastifyRequest;
  readonly folder: Folder | undefined;
  readonly isForAdmins: boolean;
  readonly isStarred: boolean;
  readonly viewersCanEdit: boolean;
}

/** Returns the metadata that the API sends with a dashboard's JSON. */
export function dashboardMeta(record: DashboardRecord, options: MetaOptions): Record<string, unknown> {
  const { address, request, folder, isForAdmins, isStarred, viewersCanEdit } = options;
  const { identity } = request.principal;
  const isEditor = hasRight(identity, "editor");
  return {
    type: "db",
    canSave: isEditor,
    canEdit: isEditor || viewersCanEdit,
    canAdmin: hasRight(identity, "admin"),
    canStar: hasRight(identity, "signed-in"),
    canDelete: isEditor,
    isStarred,
    slug: slugOf(record),
    url: dashboardUrl(address, record),
    expires: "0001-01-01T00:00:00Z",
    created: new Date(record.created).toISOString(),
    updated: new Date(record.updated).toISOString(),
    updatedBy: record.updatedBy,
    createdBy: record.createdBy,
    version: record.version,
    hasAcl: isForAdmins,
    isFolder: false,
    folderId: folder?.id ?? 0,
    folderUid: folder?.uid ?? "",
    folderTitle: folder?.title ?? "Dashboards",
    folderUrl: folder === undefined ? "" : folderUrl(address, folder),
    provisioned: record.provisioned?.allowUiUpdates === false,
    provisionedExternalId: record.provisioned?.file ?? "",
    publicDashboardEnabled: false,
  };
}
