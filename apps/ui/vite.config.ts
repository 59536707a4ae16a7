import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eagerCode } from "./build/eager-code.ts";
import { listedStyles } from "./build/listed-styles.ts";
import { pagePreloads } from "./build/page-preloads.ts";
import { pageShares } from "./build/page-shares.ts";
import { precompressed } from "./build/precompressed.ts";
import { type ModuleGraph, staticNeeds } from "./build/static-needs.ts";

const sources = fileURLToPath(new URL("src", import.meta.url));
const source = (path: string): string => join(sources, path);
/** Returns a function for the set of modules that some entries import statically. The result is cached. */
const needsOf = (...entries: readonly string[]): ((graph: ModuleGraph) => ReadonlySet<string>) => {
  let needs: ReadonlySet<string> | undefined;
  return (graph) => (needs ??= new Set(entries.flatMap((entry) => [...staticNeeds(entry, graph)])));
};

const kindsFirstSeen = ["timeseries", "stat", "gauge", "bargauge"].map((kind) =>
  source(`dashboards/panels/${kind}/index.ts`),
);
/** Path of the toggles, which are loaded after the dashboard is shown. */
const toggles = source("dashboards/page/AnnotationToggles.tsx");
const everyPage = needsOf(fileURLToPath(new URL("index.html", import.meta.url)));
const queryPage = needsOf(source("query/QueryPage.tsx"));
const editor = needsOf(source("query/editor/CodeEditor.tsx"));
/** Start pages of the Alertmanager and the Pushgateway. */
const startPages = needsOf(source("alertmanager/AlertsPage.tsx"), source("pushgateway/PushgatewayPage.tsx"));
const dashboardPage = needsOf(source("dashboards/routes/DashboardPage.tsx"));
const openDashboard = needsOf(source("dashboards/routes/DashboardPage.tsx"), ...kindsFirstSeen);
const dashboardLooks = needsOf(source("dashboards/routes/DashboardPage.tsx"), ...kindsFirstSeen, toggles);
/**
 * Dashboards are not counted as pages that share code. Otherwise other pages would load code that only dashboards and
 * one other page need.
 */
const dashboards = /[\\/](packages|src)[\\/]dashboards[\\/]/;
const sharesOf = pageShares(source("main.tsx"), (id) => dashboards.test(id));
/**
 * Matches library icons and components. Such code is small: shared by dashboards and one other page, it gets no file of
 * its own.
 */
const libraryPart = /[\\/](@mantine|@tabler)[\\/]/;
/** Modules that the bundler adds. */
const bundlerPart = /^\0(rolldown[\\/]runtime|vite[\\/])/;
/** Matches modules that are too small for a file of their own. */
const smallParts =
  /@mantine[\\/]core[\\/].*[\\/]Switch[\\/]|[\\/]query[\\/]editor[\\/]field-texts\.|[\\/]packages[\\/]dashboards[\\/]src[\\/]time[\\/]time-zone\./;
/** Matches code for drawing plots, which query page and dashboards share. */
const plots = /[\\/](uplot|src[\\/]plot)[\\/]/;
/** Modules that more than this number of pages share are put into the group `lists`. */
const FEW_PAGES = 4;

function appGroup(id: string, graph: ModuleGraph): string | null {
  const isOfMostVisits = sharesOf(id, graph) > 0 && openDashboard(graph).has(id) && !plots.test(id);
  return bundlerPart.test(id) || smallParts.test(id) || everyPage(graph).has(id) || isOfMostVisits ? "app" : null;
}

/** Puts code that the query page shares with other pages into one group. Most users open the query page first. */
const sharedGroup = (id: string, graph: ModuleGraph): string | null =>
  queryPage(graph).has(id) && sharesOf(id, graph) > (libraryPart.test(id) ? 0 : 1) ? "shared" : null;

function dashboardGroup(id: string, graph: ModuleGraph): string | null {
  if (dashboardPage(graph).has(id)) return "dashboard";
  return openDashboard(graph).has(id) ? "kinds" : null;
}

/**
 * Puts shared code into one group: code that a start page shares with any other page, and code that many pages share.
 */
function listsGroup(id: string, graph: ModuleGraph): string | null {
  const few = startPages(graph).has(id) ? (libraryPart.test(id) ? 0 : 1) : FEW_PAGES;
  return sharesOf(id, graph) > few ? "lists" : null;
}

/**
 * Groups of shared code, each of which becomes a file. A group contains its modules and their imports, except those of
 * groups with higher priority. Other code is in the file of its page.
 */
const chunks = [
  // Puts the styles of all pages except dashboards into one file. An additional request for each page would cost more
  // than the unused styles.
  { name: "styles", test: /^(?!.*[\\/]src[\\/]dashboards[\\/]).*\.css/, priority: 6 },
  {
    name: (id: string, graph: ModuleGraph) => (dashboardLooks(graph).has(id) ? "dashboard-styles" : "editing-styles"),
    test: /[\\/]src[\\/]dashboards[\\/].*\.css/,
    priority: 6,
  },
  { name: appGroup, priority: 5 },
  { name: "plot", test: plots, priority: 4 },
  { name: (id: string, graph: ModuleGraph) => (editor(graph).has(id) ? "editor" : null), priority: 4 },
  { name: sharedGroup, priority: 3 },
  { name: dashboardGroup, priority: 2 },
  { name: listsGroup, priority: 1 },
];

/**
 * Real path of the package folder, because the bundler resolves symbolic links. In a copy of this folder, the link
 * leads to another place.
 */
const dashboardsPackage = realpathSync(fileURLToPath(new URL("node_modules/@narthex/dashboards", import.meta.url)));
const preloads = {
  // These scripts load in parallel with the dashboard's JSON. Most dashboards need the common panel types and the
  // schema migration.
  dashboard: {
    first: [
      source("dashboards/routes/DashboardPage.tsx"),
      toggles,
      ...kindsFirstSeen,
      join(dashboardsPackage, "src/migrate/migrate-schema.ts"),
    ],
    later: [],
  },
  // Preloads the code editor while the page is drawn. Without the preload, the browser would request the editor last.
  query: { first: [source("query/QueryPage.tsx")], later: [source("query/editor/CodeEditor.tsx")] },
};

/** Builds one page for all servers. The base URL is relative, so the same files work under any path prefix. */
export default defineConfig(({ command }) => {
  // A build is always for production, even if a test runner sets its own NODE_ENV.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    base: "./",
    plugins: [
      react(),
      listedStyles(["src/styles/mantine.css", "src/dashboards/styles/mantine.css"]),
      // The dashboard chunks are not in this list, because an open dashboard calls too few of their functions.
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
