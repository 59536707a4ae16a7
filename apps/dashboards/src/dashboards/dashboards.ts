import type { Feature } from "@narthex/http";
import { type Places, visibleIn, type VisibleTo } from "../access/visible.ts";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { DeletedPlaces } from "../deleted/deleted-places.ts";
import { deletedRoutes } from "../deleted/deleted-routes.ts";
import { folderRoutes } from "../folders/folder-routes.ts";
import { FolderStore } from "../folders/folder-store.ts";
import { LibraryStore } from "../library-panels/library-store.ts";
import { searchRoutes } from "../search/search-routes.ts";
import { starRoutes } from "../stars/star-routes.ts";
import { StarStore } from "../stars/star-store.ts";
import type { Stores } from "../state/stores.ts";
import { dashboardRoutes } from "./dashboard-routes.ts";
import { DashboardStore } from "./dashboard-store.ts";
import { sourceUseRoutes } from "./source-use-routes.ts";

export interface Dashboards extends Feature {
  readonly store: DashboardStore;
  readonly folders: FolderStore;
  readonly stars: StarStore;
  readonly library: LibraryStore;
  /**
   * Returns the objects that a request's sender may see, with the sender's rights on them. Routes must read objects
   * only in this way.
   */
  readonly visible: VisibleTo;
  readonly places: Places;
}

/** Opens dashboards, folders and library panels, and adds their API. Rejects with StoreError. */
export async function openDashboards(context: Context, { store }: Stores, sources: Sources): Promise<Dashboards> {
  const { clock, settings } = context;
  const folders = await FolderStore.open(store, clock);
  const deleted = await DeletedPlaces.open(store, clock);
  const versionsToKeep = settings["dashboards.versions_to_keep"];
  const dashboards = await DashboardStore.open(store, { folders, deleted, clock, versionsToKeep });
  const stars = await StarStore.open(store);
  const library = await LibraryStore.open(store, folders, clock);
  const places = { folders, dashboards, library };
  const visible = visibleIn(places);
  return {
    name: "dashboards",
    store: dashboards,
    folders,
    stars,
    library,
    visible,
    places,
    routes({ app }) {
      dashboardRoutes(app, { context, dashboards, folders, stars, library, sources: sources.store, visible });
      folderRoutes(app, { context, dashboards, folders, library, deleted, visible });
      deletedRoutes(app, { context, deleted, dashboards, folders, library, visible });
      searchRoutes(app, { context, folders, stars, visible });
      starRoutes(app, stars, visible);
      sourceUseRoutes(app, { context, dashboards, sources: sources.store, visible });
    },
  };
}
