import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eagerCode } from "./build/eager-code.ts";
import { listedStyles } from "./build/listed-styles.ts";
import { type PageModules, pagePreloads } from "./build/page-preloads.ts";
import { pageShares } from "./build/page-shares.ts";
import { precompressed } from "./build/precompressed.ts";
import { type ModuleGraph, staticNeeds } from "./build/static-needs.ts";

const sources = fileURLToPath(new URL("src", import.meta.url));
const source = (path: string): string => join(sources, path);
/**
 * Real path of the dashboards package. The bundler resolves symbolic links, and in a copy of this folder the link may
 * lead to another place.
 */
const dashboardsPackage = realpathSync(fileURLToPath(new URL("node_modules/@narthex/dashboards", import.meta.url)));
const migration = join(dashboardsPackage, "src/migrate/migrate-schema.ts");
/** Returns a function that returns the modules which the entries import statically. The result is cached. */
const needsOf = (...entries: readonly string[]): ((graph: ModuleGraph) => ReadonlySet<string>) => {
  let needs: ReadonlySet<string> | undefined;
  return (graph) => (needs ??= new Set(entries.flatMap((entry) => [...staticNeeds(entry, graph)])));
};

const kindsFirstSeen = ["timeseries", "stat", "gauge", "bargauge"].map((kind) =>
  source(`dashboards/panels/${kind}/index.ts`),
);
const everyPage = needsOf(fileURLToPath(new URL("index.html", import.meta.url)));
const queryPage = needsOf(source("query/QueryPage.tsx"));
const editor = needsOf(source("query/editor/CodeEditor.tsx"));
/** Modules of the start pages of the Alertmanager and the Pushgateway. */
const startPages = needsOf(source("alertmanager/AlertsPage.tsx"), source("pushgateway/PushgatewayPage.tsx"));
const account = needsOf(source("dashboards/account/AccountButton.tsx"));
const dashboardPage = needsOf(source("dashboards/routes/DashboardPage.tsx"));
/** Modules of the graphs of the query page, of the list of dashboards and of the migration. */
const besideDashboards = needsOf(
  source("query/GraphTab.tsx"),
  source("dashboards/list/DashboardListPage.tsx"),
  migration,
);
const openDashboard = needsOf(source("dashboards/routes/DashboardPage.tsx"), ...kindsFirstSeen);
/**
 * Matches dashboard modules. Dashboards do not count as pages that share code, because other pages would then load code
 * that only dashboards and one other page need.
 */
const dashboards = /[\\/](packages|src)[\\/]dashboards[\\/]/;
const sharesOf = pageShares(source("main.tsx"), (id) => dashboards.test(id));
/**
 * Matches icons and components of libraries. This code is small, so if only dashboards and one other page share it, it
 * gets no file of its own.
 */
const libraryPart = /[\\/](@mantine|@tabler)[\\/]/;
/** Matches helper modules that the bundler adds. */
const bundlerPart = /^\0(rolldown[\\/]runtime|vite[\\/])/;
/** Matches modules that are too small for a file of their own. */
const smallParts =
  /@mantine[\\/]core[\\/].*[\\/]Switch[\\/]|[\\/]query[\\/]editor[\\/]field-texts\.|[\\/]packages[\\/]dashboards[\\/]src[\\/]time[\\/]time-zone\./;
/**
 * Matches code for drawing plots, which the query page and dashboards share. The note after a zoom is loaded when it is
 * shown.
 */
const plots = /[\\/](uplot|src[\\/]plot)[\\/](?!ZoomNote\.)/;
/** Matches lists that only dashboards show at once. On other pages, they are part of an opened picker. */
const openedLists = /[\\/]time-controls[\\/](OptionPicker|option-window)\./;
/** Modules that more than this number of pages share are put into the group `lists`. */
const FEW_PAGES = 4;

function appGroup(id: string, graph: ModuleGraph): string | null {
  const isLater = plots.test(id) || openedLists.test(id);
  const isOfMostVisits = sharesOf(id, graph) > 0 && openDashboard(graph).has(id) && !isLater;
  return bundlerPart.test(id) || smallParts.test(id) || everyPage(graph).has(id) || isOfMostVisits ? "app" : null;
}

/** Matches the parts of the header that all pages of the server show, but no dashboard. */
const serverHeader = /[\\/]shell[\\/](ServerTools|NotificationBell|SettingsMenu)\./;

/** Puts code that the query page shares with other pages into one group. Most users open the query page first. */
const sharedGroup = (id: string, graph: ModuleGraph): string | null =>
  serverHeader.test(id) || (queryPage(graph).has(id) && sharesOf(id, graph) > (libraryPart.test(id) ? 0 : 1))
    ? "shared"
    : null;

/** Puts the account menu into a file of its own, because pages without the code of dashboards also show it. */
const accountGroup = (id: string, graph: ModuleGraph): string | null =>
  dashboards.test(id) && account(graph).has(id) ? "account" : null;

/** Matches modules of migrations that the editor of dashboards needs, too. */
const sharedMigration =
  /[\\/]dashboards[\\/]src[\\/](migrate[\\/](value-mappings|migration)|links[\\/]dashboard-address)\./;

/**
 * Puts the few modules of dashboards that other pages need into a file of their own. Otherwise these pages would load
 * the code that draws dashboards.
 */
const dashboardBase = (id: string, graph: ModuleGraph): string | null =>
  sharedMigration.test(id) || (dashboardPage(graph).has(id) && besideDashboards(graph).has(id))
    ? "dashboard-base"
    : null;

/** Puts the page of a dashboard and the common panel types into one file, because each visit needs both. */
const dashboardGroup = (id: string, graph: ModuleGraph): string | null =>
  openDashboard(graph).has(id) ? "dashboard" : null;

/**
 * Puts shared code into one group: code that a start page shares with any other page, and code that more than
 * `FEW_PAGES` pages share.
 */
function listsGroup(id: string, graph: ModuleGraph): string | null {
  const few = startPages(graph).has(id) ? (libraryPart.test(id) ? 0 : 1) : FEW_PAGES;
  return sharesOf(id, graph) > few ? "lists" : null;
}

/** Matches the styles of dashboards and calendars, which few pages need. */
const stylesOfFew = /[\\/](?:src[\\/]dashboards|@mantine[\\/]dates)[\\/]/;

/**
 * Groups of shared code. Each group becomes a file with its modules and their imports, except those of groups with a
 * higher priority. Other code is in the file of its page.
 */
const chunks = [
  // Puts the styles of all pages except those of dashboards and calendars into one file. An additional request for each
  // page would cost more than the unused styles.
  { name: (id: string) => (stylesOfFew.test(id) ? null : "styles"), test: /\.css/, priority: 6 },
  {
    name: (id: string, graph: ModuleGraph) => (openDashboard(graph).has(id) ? "dashboard-styles" : "editing-styles"),
    test: /[\\/]src[\\/]dashboards[\\/].*\.css/,
    priority: 6,
  },
  { name: appGroup, priority: 5 },
  { name: "plot", test: plots, priority: 4 },
  { name: (id: string, graph: ModuleGraph) => (editor(graph).has(id) ? "editor" : null), priority: 4 },
  { name: sharedGroup, priority: 3 },
  { name: accountGroup, priority: 3 },
  { name: dashboardBase, priority: 3 },
  { name: dashboardGroup, priority: 2 },
  { name: listsGroup, priority: 1 },
];

const openDashboards = {
  role: "dashboards",
  paths: ["/d/:uid", "/d/:uid/:slug", "/d-solo/:uid", "/d-solo/:uid/:slug"],
  // Scripts that load in parallel with the dashboard's JSON. Most dashboards need the common panel types and the schema
  // migration.
  first: [source("dashboards/routes/DashboardPage.tsx"), ...kindsFirstSeen, migration],
  later: [],
};
// The code editor is preloaded while the page is drawn. Otherwise the browser would request the editor last.
const codeEditor = source("query/editor/CodeEditor.tsx");
const queries = { role: "server", paths: ["/query"], first: [source("query/QueryPage.tsx")], later: [codeEditor] };
/** Modules that the browser loads in parallel with the first file of a page. */
const preloads: readonly PageModules[] = [
  openDashboards,
  {
    ...openDashboards,
    parameter: { name: "editPanel" },
    first: [
      ...openDashboards.first,
      source("dashboards/edit/EditToolbar.tsx"),
      source("dashboards/edit/EditSurface.tsx"),
      source("dashboards/edit/panel/OpenPanelEditor.tsx"),
      source("dashboards/edit/panel/queries/prometheus/PrometheusForm.tsx"),
    ],
    later: [codeEditor],
  },
  {
    role: "dashboards",
    paths: ["/dashboards"],
    first: [source("dashboards/account/AccountButton.tsx"), source("dashboards/list/DashboardListPage.tsx")],
    later: [],
  },
  queries,
  {
    ...queries,
    parameter: { name: "g0.tab", value: "graph" },
    first: [...queries.first, source("query/GraphTab.tsx")],
  },
  { role: "server", paths: ["/alerts"], first: [source("alerts/AlertsPage.tsx")], later: [] },
  { role: "server", paths: ["/targets"], first: [source("targets/TargetsPage.tsx")], later: [] },
  { role: "alertmanager", paths: ["/", "/alerts"], first: [source("alertmanager/AlertsPage.tsx")], later: [] },
];

/** Builds one page for all servers. The base URL is relative, so the same files work under any path prefix. */
export default defineConfig(({ command }) => {
  // Sets the mode to production for each build, even if a test runner has set another NODE_ENV.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    base: "./",
    plugins: [
      react(),
      listedStyles(["src/styles/mantine.css", "src/dashboards/styles/mantine.css"]),
      // Chunks that browsers compile completely when they load. Dashboard chunks are not in this list, because an open
      // dashboard calls too few of their functions.
      eagerCode(["QueryPage", "shared", "editor"]),
      precompressed(),
      pagePreloads(preloads),
    ],
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2022",
      rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
      chunkSizeWarningLimit: 1000,
    },
  };
});
