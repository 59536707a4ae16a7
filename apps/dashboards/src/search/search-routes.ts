import type { FastifyInstance } from "fastify";
import { actionOf, type Visible, type VisibleTo } from "../access/visible.ts";
import { accountIdOf } from "../auth/identity.ts";
import { needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import { dashboardUrl, folderUrl, slugOf } from "../dashboards/dashboard-view.ts";
import type { Folder, FolderStore } from "../folders/folder-store.ts";
import type { StarStore } from "../stars/star-store.ts";
import { countParameter, queryOf } from "../web/request-body.ts";

export interface SearchRoutesOptions {
  readonly context: Context;
  readonly visible: VisibleTo;
  readonly folders: FolderStore;
  readonly stars: StarStore;
}

const SORTING = [
  {
    name: "alpha-asc",
    displayName: "Alphabetically (A–Z)",
    description: "Sort results in an alphabetically ascending order",
  },
  {
    name: "alpha-desc",
    displayName: "Alphabetically (Z–A)",
    description: "Sort results in an alphabetically descending order",
  },
].map((order) => ({ ...order, meta: "" }));

interface Candidate {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  /** The title in lower case, which is used for searching and sorting. */
  readonly words: string;
  readonly isFolder: boolean;
  readonly parentUid: string;
  readonly tags: readonly string[];
  readonly show: () => Record<string, unknown>;
}

/** Adds the routes that search dashboards and folders by title, tag and folder. */
export function searchRoutes(app: FastifyInstance, options: SearchRoutesOptions): void {
  const { folders, stars, visible } = options;
  app.get("/api/search", needsPlace("view", "dashboards:read"), (request) => {
    const query = queryOf(request);
    const seen = visible(request);
    const starred = stars.ofUser(accountIdOf(request));
    const action = actionOf(query);
    const isWanted = filterOf(query, starred, folders);
    const candidates = [
      ...seen
        .folders()
        .filter(({ uid }) => seen.mayInFolder(action, uid))
        .map((folder) => folderCandidate(folder, seen, options)),
      ...seen
        .dashboards()
        .filter((record) => seen.mayDashboard(action, record))
        .map((record) => dashboardCandidate(record, seen, options)),
    ].filter(isWanted);
    const limit = countParameter(query, "limit", 1000, 5000);
    const start = (countParameter(query, "page", 1, 1_000_000) - 1) * limit;
    return sorted(candidates, query.get("sort") ?? "")
      .slice(start, start + limit)
      .map((candidate) => ({ ...candidate.show(), isStarred: starred.has(candidate.uid), sortMeta: 0 }));
  });
  app.get("/api/search/sorting", needsPlace("view", "dashboards:read"), () => ({ sortOptions: SORTING }));
}

function filterOf(
  query: URLSearchParams,
  starred: ReadonlySet<string>,
  folders: FolderStore,
): (candidate: Candidate) => boolean {
  const words = (query.get("query") ?? "").slice(0, 1000).toLowerCase().trim();
  const type = query.get("type") ?? "";
  const tags = [...new Set(query.getAll("tag"))];
  const folderUids = [
    ...[...query.getAll("folderUIDs"), ...query.getAll("folderUids")].flatMap((uids) => uids.split(",")),
    ...query
      .getAll("folderIds")
      .flatMap((ids) => ids.split(","))
      .map((id) => (id === "0" ? "general" : (folders.byId(Number(id))?.uid ?? id))),
  ];
  const folderUidSet = new Set(folderUids.filter((uid) => uid !== "").map((uid) => (uid === "general" ? "" : uid)));
  const uids = new Set(
    [...query.getAll("dashboardUIDs"), ...query.getAll("dashboardUID")].flatMap((list) => list.split(",")),
  );
  const isStarredOnly = query.get("starred") === "true";
  const ids = new Set(
    [...query.getAll("dashboardIds"), ...query.getAll("dashboardId")].flatMap((list) => list.split(",")),
  );
  return (candidate) =>
    (words === "" || candidate.words.includes(words)) &&
    (type !== "dash-db" || !candidate.isFolder) &&
    (type !== "dash-folder" || candidate.isFolder) &&
    tags.every((tag) => candidate.tags.includes(tag)) &&
    (folderUidSet.size === 0 || folderUidSet.has(candidate.parentUid)) &&
    (uids.size === 0 || uids.has(candidate.uid)) &&
    (ids.size === 0 || (!candidate.isFolder && ids.has(String(candidate.id)))) &&
    (!isStarredOnly || starred.has(candidate.uid));
}

/** Sorts search results: folders first, then by title. */
function sorted(candidates: readonly Candidate[], order: string): readonly Candidate[] {
  const sign = order === "alpha-desc" ? -1 : 1;
  return candidates.toSorted((a, b) => {
    if (a.isFolder !== b.isFolder) return a.isFolder ? -1 : 1;
    if (a.words === b.words) return a.uid < b.uid ? -1 : 1;
    return a.words < b.words ? -sign : sign;
  });
}

function folderCandidate(folder: Folder, seen: Visible, { context, folders }: SearchRoutesOptions): Candidate {
  const { id, uid, title, parentUid } = folder;
  const show = (): Record<string, unknown> => {
    const slug = slugOf(folder);
    const url = folderUrl(context.address, folder);
    return {
      id,
      uid,
      orgId: 1,
      title,
      uri: `db/${slug}`,
      url,
      slug: "",
      type: "dash-folder",
      tags: [],
      ...placeOf(folders.byUid(parentUid), seen, context),
    };
  };
  return { id, uid, title, words: title.toLowerCase(), isFolder: true, parentUid, tags: [], show };
}

function dashboardCandidate(
  record: DashboardRecord,
  seen: Visible,
  { context, folders }: SearchRoutesOptions,
): Candidate {
  const { id, uid, title, tags, folderUid } = record;
  const show = (): Record<string, unknown> => {
    const uri = `db/${slugOf(record)}`;
    const url = dashboardUrl(context.address, record);
    return {
      id,
      uid,
      orgId: 1,
      title,
      uri,
      url,
      slug: "",
      type: "dash-db",
      tags,
      ...placeOf(folders.byUid(folderUid), seen, context),
    };
  };
  return { id, uid, title, words: title.toLowerCase(), isFolder: false, parentUid: folderUid, tags, show };
}

/**
 * Returns the properties of a search result that describe its folder. Returns none if the user may not see the folder.
 */
const placeOf = (folder: Folder | undefined, seen: Visible, { address }: Context): Record<string, unknown> =>
  folder === undefined || !seen.mayInFolder("view", folder.uid)
    ? {}
    : {
        folderId: folder.id,
        folderUid: folder.uid,
        folderTitle: folder.title,
        folderUrl: folderUrl(address, folder),
      };
