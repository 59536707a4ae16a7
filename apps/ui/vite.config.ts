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

/**
 * Modules that are kept out of the shared chunks. Each page should load few files. There is one chunk with the code of
 * every page, one with the editor, and one with the assistance that is loaded with the first key press. Two more
 * contain code that several pages share. The calendar stays with its form, and inputs that start pages do not need stay
 * separate.
 */
const rare =
  /^(?!.*ComboboxChevron).*[\\/](@mantine[\\/]dates|dayjs|SilenceForm|DateTimeInput|fuzzy\.ts|NumberInput|react-number-format|Autocomplete|Combobox|Fieldset|FloatingIndicator|SegmentedControl|Select|PoolSelect|TagsInput|Pill|Chip|Pagination|print-node|ExpressionTree|PartTree)/;
/** Code that several pages share, but not the query page, where most visits start. */
const listPages = new RegExp(
  [
    String.raw`[\\/]src[\\/](alertmanager|alerts|rules)[\\/]`,
    String.raw`[\\/]src[\\/]shell[\\/](Annotations|Card|Collapsible|ConfirmModal|ExpressionLink|KeyValueTable|Labels|LinkedText)`,
    String.raw`[\\/]src[\\/]shell[\\/](PoolConfig|SearchInput|StackTable|StateBadge|StateFilter|Yaml|state-counts)`,
    String.raw`@mantine[\\/]core[\\/].*[\\/](Checkbox|Chip|InlineInput|ModalBase|Modal|ScrollArea|SimpleGrid|Switch|Textarea)[\\/]`,
    String.raw`[\\/](use-pagination)|[\\/]src[\\/]api[\\/]alertmanager`,
    String.raw`[\\/](react-remove-scroll|react-remove-scroll-bar|react-style-singleton|use-callback-ref|use-sidecar)[\\/]`,
  ].join("|"),
);
/** Code that sorts long tables, which few pages have. */
const sortableTables =
  /@tanstack[\\/](react-table|table-core|react-store|store)[\\/]|use-sync-external-store|SortableTable/;
/** Code that draws series, on the query page and on dashboards. */
const plots = /[\\/](uplot|src[\\/]plot)[\\/]/;
/** Code that renders the visible part of a long list. */
const longLists = /@tanstack[\\/](react-virtual|virtual-core)[\\/]/;
/** Code of dashboards, which other pages do not need. */
const dashboards = /[\\/](packages|src)[\\/]dashboards[\\/]/;
/** The part of it that every dashboard needs, without drawing code or components. */
const dashboardModel = /[\\/]packages[\\/]dashboards[\\/]src[\\/](?!(transform|diff|generate|import|migrate)[\\/])/;
/**
 * Styles of common dashboard parts are one file, and those of editors and rare panels another. The styles of all other
 * pages together are smaller than the cost of one request for each page.
 */
const dashboardStyles = /[\\/]src[\\/]dashboards[\\/].*\.css/;
const otherStyles = /^(?!.*[\\/]src[\\/]dashboards[\\/]).*\.css/;
const needsOf = (...entries: readonly string[]): ((graph: ModuleGraph) => ReadonlySet<string>) => {
  let needs: ReadonlySet<string> | undefined;
  return (graph) => (needs ??= new Set(entries.flatMap((entry) => [...staticNeeds(entry, graph)])));
};
/**
 * Dashboards are not counted as pages that share code. Otherwise other pages would load code that only dashboards and
 * one of them need.
 */
const sources = fileURLToPath(new URL("src", import.meta.url));
const sharesOf = pageShares(join(sources, "main.tsx"), (id) => dashboards.test(id));
/** Icons and components are small: if dashboards and one other page need one, it does not become its own file. */
const libraryPart = /[\\/](@mantine|@tabler)[\\/]/;
const ofSeveralPages =
  (name: string) =>
  (id: string, graph: ModuleGraph): string | null =>
    sharesOf(id, graph) > (libraryPart.test(id) ? 0 : 1) ? name : null;
/** Code that every page needs, and the small rest that an open dashboard and any other page need in addition. */
const everyPage = needsOf(fileURLToPath(new URL("index.html", import.meta.url)));
const panel = (kind: string): string => join(sources, "dashboards", "panels", kind, "index.ts");
const firstSeen = [
  join(sources, "dashboards", "routes", "DashboardPage.tsx"),
  ...["timeseries", "stat", "gauge", "bargauge"].map(panel),
];
const openDashboard = needsOf(...firstSeen);
/**
 * Real path of the package, because the bundler resolves links. In a copy of this folder, the link leads to another
 * place.
 */
const dashboardsPackage = realpathSync(fileURLToPath(new URL("node_modules/@narthex/dashboards", import.meta.url)));
/**
 * Loaded with a dashboard's page, parallel to its JSON: most dashboards have series and values, and an older schema.
 */
const preloaded = [
  ...["routes/DashboardPage.tsx", "page/AnnotationToggles.tsx"].map((path) => join(sources, "dashboards", path)),
  ...["timeseries", "stat"].map(panel),
  join(dashboardsPackage, "src/migrate/migrate-schema.ts"),
];
/** The query page's editor would otherwise be requested last; it is loaded while the page is drawn. */
const queryPage = {
  first: [join(sources, "query/QueryPage.tsx")],
  later: [join(sources, "query/editor/CodeEditor.tsx")],
};
/** Includes the code that is loaded after the dashboard is shown. */
const dashboardNeeds = needsOf(...firstSeen, join(sources, "dashboards", "page", "AnnotationToggles.tsx"));
/** Modules that the bundler adds. */
const bundlerPart = /^\0(rolldown[\\/]runtime|vite[\\/])/;
/**
 * Modules that are too small for their own files: parts that dashboards and alert lists share, parts of both editor
 * fields, and time zones.
 */
const smallParts =
  /@mantine[\\/]core[\\/].*[\\/]Switch[\\/]|[\\/]query[\\/]editor[\\/]field-texts\.|[\\/]packages[\\/]dashboards[\\/]src[\\/]time[\\/]time-zone\./;
const ofMostVisits = (id: string, graph: ModuleGraph): string | null =>
  bundlerPart.test(id) ||
  smallParts.test(id) ||
  everyPage(graph).has(id) ||
  (sharesOf(id, graph) > 0 && openDashboard(graph).has(id) && !plots.test(id))
    ? "app"
    : null;
const chunks = [
  { name: "styles", test: otherStyles, priority: 5 },
  {
    name: (id: string, graph: ModuleGraph) => (dashboardNeeds(graph).has(id) ? "dashboard-styles" : "editing-styles"),
    test: dashboardStyles,
    priority: 5,
  },
  { name: ofMostVisits, priority: 4 },
  {
    name: "editor",
    test: /[\\/](@codemirror[\\/](commands|language|state|view)|@lezer[\\/](?!yaml)|@prometheus-io[\\/]lezer-promql|query[\\/]editor[\\/](CodeEditor|extensions|highlight)\.)/,
    priority: 3,
  },
  {
    name: "assistance",
    test: /[\\/](@codemirror[\\/](autocomplete|lint|search)|@prometheus-io[\\/]codemirror-promql|lru-cache)[\\/]/,
    priority: 2,
  },
  {
    name: ofSeveralPages("shared"),
    minShareCount: 2,
    test: (id: string) =>
      !rare.test(id) &&
      !listPages.test(id) &&
      !sortableTables.test(id) &&
      !plots.test(id) &&
      !dashboards.test(id) &&
      !longLists.test(id),
    priority: 1,
  },
  // Each of these contains all modules that it needs and that no group above contains.
  {
    name: "dashboard",
    test: /[\\/]dashboards[\\/](routes[\\/]DashboardPage\.tsx|contracts[\\/]option-table\.ts|src[\\/]frame[\\/]align-times\.ts)$/,
    priority: 2,
  },
  { name: "migrations", test: /[\\/]packages[\\/]dashboards[\\/]src[\\/]migrate[\\/]migrate-schema\.ts$/, priority: 1 },
  { name: "toggles", test: /[\\/]AnnotationToggles\.tsx$/, priority: 2 },
  { name: "plot", test: plots, priority: 3 },
  { name: "series", test: /[\\/]dashboards[\\/]panels[\\/]timeseries[\\/]index\.ts$/ },
  { name: "values", test: /[\\/]dashboards[\\/]panels[\\/](stat|gauge|bargauge)[\\/]index\.ts$/ },
  { name: "long-lists", test: longLists },
  { name: "dashboards", minShareCount: 2, test: dashboardModel },
  { name: ofSeveralPages("lists"), minShareCount: 2, test: listPages },
  { name: "tables", test: sortableTables },
  // Components for selecting from lists.
  {
    name: "choices",
    minShareCount: 2,
    test: /@mantine[\\/]core[\\/].*[\\/](?!ComboboxChevron)(Autocomplete|Combobox|MultiSelect|Pill|PillsInput|Select|TagsInput)[\\/](?!ComboboxChevron)/,
    priority: 1,
  },
];

/**
 * The build creates one page for all roles. The base is relative, so that the same files work below any path prefix.
 */
export default defineConfig(({ command }) => {
  // A build is always for production, even if a test runner sets its own NODE_ENV.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    base: "./",
    plugins: [
      react(),
      listedStyles(["src/styles/mantine.css", "src/dashboards/styles/mantine.css"]),
      // Without the chunks of dashboards, since an open dashboard calls too few of their functions.
      eagerCode(["QueryPage", "shared", "editor"]),
      precompressed(),
      pagePreloads({ dashboard: { first: preloaded, later: [] }, query: queryPage }),
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
