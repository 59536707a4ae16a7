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
 * Few files per page: what every page begins with is one chunk, the editor another, what helps to write in it and comes
 * with the first key a third; what several pages share is two more. The calendar stays with the form that has it, and other inputs that start pages do without stay apart.
 */
const rare =
  /^(?!.*ComboboxChevron).*[\\/](@mantine[\\/]dates|dayjs|SilenceForm|DateTimeInput|fuzzy\.ts|NumberInput|react-number-format|Autocomplete|Combobox|Fieldset|FloatingIndicator|SegmentedControl|Select|PoolSelect|TagsInput|Pill|Chip|Pagination|print-node|ExpressionTree|PartTree)/;
/** What several pages share and the query page, on which most visits begin, does without. */
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
/** What sorts long tables, which few pages have. */
const sortableTables =
  /@tanstack[\\/](react-table|table-core|react-store|store)[\\/]|use-sync-external-store|SortableTable/;
/** What draws series, on the query page and on dashboards. */
const plots = /[\\/]uplot[\\/]/;
/** What draws the part of a long list that is in sight. */
const longLists = /@tanstack[\\/](react-virtual|virtual-core)[\\/]/;
/** What dashboards are made of, and other pages do without. */
const dashboards = /[\\/](packages|src)[\\/]dashboards[\\/]/;
/** The part of it that draws nothing, takes no component along, and that every dashboard needs. */
const dashboardModel = /[\\/]packages[\\/]dashboards[\\/]src[\\/](?!(transform|diff|generate|import|migrate)[\\/])/;
/**
 * Styles of what most dashboards show are a file of their own, those of their editors and rarer panels another; those of
 * all other pages together weigh less than a request for each page's own.
 */
const dashboardStyles = /[\\/]src[\\/]dashboards[\\/].*\.css/;
const otherStyles = /^(?!.*[\\/]src[\\/]dashboards[\\/]).*\.css/;
const needsOf = (...entries: readonly string[]): ((graph: ModuleGraph) => ReadonlySet<string>) => {
  let needs: ReadonlySet<string> | undefined;
  return (graph) => (needs ??= new Set(entries.flatMap((entry) => [...staticNeeds(entry, graph)])));
};
/** Dashboards are left out of what pages share: the others would load what only dashboards and one of them need. */
const sources = fileURLToPath(new URL("src", import.meta.url));
const sharesOf = pageShares(join(sources, "main.tsx"), (id) => dashboards.test(id));
/** Icons and components are small: one that another page has and dashboards need too is no file of its own. */
const libraryPart = /[\\/](@mantine|@tabler)[\\/]/;
const ofSeveralPages =
  (name: string) =>
  (id: string, graph: ModuleGraph): string | null =>
    sharesOf(id, graph) > (libraryPart.test(id) ? 0 : 1) ? name : null;
/** What every page begins with, and the little that an open dashboard and any other page need beyond it. */
const everyPage = needsOf(fileURLToPath(new URL("index.html", import.meta.url)));
const panel = (kind: string): string => join(sources, "dashboards", "panels", kind, "index.ts");
const firstSeen = [
  join(sources, "dashboards", "page", "DashboardPage.tsx"),
  ...["timeseries", "stat", "gauge", "bargauge"].map(panel),
];
const openDashboard = needsOf(...firstSeen);
/** Where the bundler finds it: this folder may be a copy whose packages lie elsewhere. */
const dashboardsPackage = realpathSync(fileURLToPath(new URL("node_modules/@narthex/dashboards", import.meta.url)));
/** Comes with the page of a dashboard, beside its JSON: most have series and values, and are of an older schema. */
const preloaded = [
  ...["page/DashboardPage.tsx", "annotations/AnnotationToggles.tsx"].map((path) => join(sources, "dashboards", path)),
  ...["timeseries", "stat"].map(panel),
  join(dashboardsPackage, "src/migrate/migrate-schema.ts"),
];
/** The editor of the page of queries, which would else be asked for last, comes while the page is drawn. */
const queryPage = {
  first: [join(sources, "query/QueryPage.tsx")],
  later: [join(sources, "query/editor/CodeEditor.tsx")],
};
/** With what comes once the dashboard is there. */
const dashboardNeeds = needsOf(...firstSeen, join(sources, "dashboards", "annotations", "AnnotationToggles.tsx"));
/** What the bundler adds for its own needs. */
const bundlerPart = /^\0(rolldown[\\/]runtime|vite[\\/])/;
/** Too small for files of their own: parts of dashboards and lists of alerts, of the editor and its stand-in, and time zones. */
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
  // Each with all that it needs, and that no group above has taken.
  {
    name: "dashboard",
    test: /[\\/]dashboards[\\/](page[\\/]DashboardPage\.tsx|panels[\\/]option-table\.ts|src[\\/]frame[\\/]align-times\.ts)$/,
    priority: 2,
  },
  { name: "migrations", test: /[\\/]packages[\\/]dashboards[\\/]src[\\/]migrate[\\/]migrate-schema\.ts$/, priority: 1 },
  { name: "toggles", test: /[\\/]AnnotationToggles\.tsx$/, priority: 2 },
  { name: "plot", test: plots, priority: 1 },
  { name: "series", test: /[\\/]dashboards[\\/]panels[\\/]timeseries[\\/]index\.ts$/ },
  { name: "values", test: /[\\/]dashboards[\\/]panels[\\/](stat|gauge|bargauge)[\\/]index\.ts$/ },
  { name: "long-lists", test: longLists },
  { name: "dashboards", minShareCount: 2, test: dashboardModel },
  { name: ofSeveralPages("lists"), minShareCount: 2, test: listPages },
  { name: "tables", test: sortableTables },
  // What one chooses from lists with.
  {
    name: "choices",
    minShareCount: 2,
    test: /@mantine[\\/]core[\\/].*[\\/](?!ComboboxChevron)(Autocomplete|Combobox|MultiSelect|Pill|PillsInput|Select|TagsInput)[\\/](?!ComboboxChevron)/,
    priority: 1,
  },
];

/** One page for every role comes out of the build. The base is relative, so that the same files work below any path prefix. */
export default defineConfig(({ command }) => {
  // A bundle is for readers even when a test runner, with its own NODE_ENV, asks for it.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    base: "./",
    plugins: [
      react(),
      listedStyles(["src/styles/mantine.css", "src/dashboards/styles/mantine.css"]),
      // Not those of dashboards, of which an open one calls too few functions.
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
