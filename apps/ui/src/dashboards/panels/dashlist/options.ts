import { grouped, list, number, type OptionsOf, raw, text, toggle } from "../../contracts/option-table.ts";

const isSearched = ({ showSearch }: Readonly<Record<string, unknown>>): boolean => showSearch === true;

export const dashboardListOptions = {
  keepTime: toggle("keepTime", "Include current time range", false),
  includeVars: toggle("includeVars", "Include current template variable values", false),
  showStarred: toggle("showStarred", "Starred", true),
  showRecent: toggle("showRecentlyViewed", "Recently viewed", false),
  showSearch: toggle("showSearch", "Search", false),
  showHeadings: toggle("showHeadings", "Show headings", true),
  showFolders: toggle("showFolderNames", "Show folder names", true),
  maxItems: number("maxItems", "Max items", 10, { min: 1, integer: true, description: "Of each section" }),
  ...grouped("Search", {
    query: text("query", "Query", "", { isShown: isSearched }),
    folder: text("folderUID", "Folder", "", {
      isShown: isSearched,
      description: "Uid of a folder, or “general” for dashboards without a folder. Empty: all folders",
    }),
    tags: list("tags", "Tags", "text", [], { isShown: isSearched }),
  }),
  /** Folder id in older dashboards, which do not contain the folder's uid. */
  folderId: raw("folderId", (value) => (typeof value === "number" ? value : undefined), undefined),
};
export type DashboardListOptions = OptionsOf<typeof dashboardListOptions>;
