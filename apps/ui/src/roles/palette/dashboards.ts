import { IconLayoutDashboard } from "@tabler/icons-react";
import { fetchJson } from "../../api/request.ts";
import { dashboardsPath } from "../../api/root-path.ts";
import { MAX_PLACES, type PaletteProvider } from "../../shell/palette/palette-provider.ts";

interface Hit {
  readonly title: string;
  /** Address from the root of the host. */
  readonly url: string;
  readonly folderTitle?: string;
}

/** Finds dashboards by their titles. */
export const dashboardProvider: PaletteProvider = {
  name: "Dashboards",
  icon: IconLayoutDashboard,
  find: async (query, signal) => {
    const params = { type: "dash-db", query, limit: MAX_PLACES };
    const hits = await fetchJson<readonly Hit[]>(`${dashboardsPath}/api/search`, { params, signal });
    return hits.map(({ title, url, folderTitle }) => ({
      title,
      href: url,
      ...(folderTitle !== undefined && { hint: folderTitle }),
    }));
  },
};
