import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importedNames } from "./build/imported-names.ts";
import { listedStyles } from "./build/listed-styles.ts";
import { pageShares } from "./build/page-shares.ts";
import { precompressed } from "./build/precompressed.ts";

/**
 * Few files per page: what every page begins with is one chunk, the editor another, what helps to write in it and comes
 * with the first key a third; what several pages share is two more. The calendar stays with the form that has it, and other inputs that start pages do without stay apart.
 */
const rare =
  /^(?!.*ComboboxChevron).*[\\/](@mantine[\\/]dates|dayjs|SilenceForm|DateTimeInput|ufuzzy|fuzzy\.ts|NumberInput|react-number-format|Autocomplete|Combobox|Fieldset|FloatingIndicator|SegmentedControl|Select|PoolSelect|TagsInput|Pill|Chip|Pagination|print-node|ExpressionTree|PartTree)/;
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
/** Styles of dashboards are a file of their own; those of all other pages together weigh less than a request for each page's own. */
const dashboardStyles = /[\\/]src[\\/]dashboards[\\/].*\.css/;
const otherStyles = /^(?!.*[\\/]src[\\/]dashboards[\\/]).*\.css/;
/** Dashboards are left out of what pages share: the others would load what only dashboards and one of them need. */
const sources = fileURLToPath(new URL("src", import.meta.url));
const sharesOf = pageShares(join(sources, "main.tsx"), (id) => dashboards.test(id));
const namesOfOthers = importedNames(sources, "dashboards");
const libraryPart = /@mantine[\\/]core[\\/]esm[\\/]components[\\/](\w+)|@tabler[\\/]icons-react[\\/].*[\\/](Icon\w+)\./;
type Context = Parameters<typeof sharesOf>[1];
const ofSeveralPages =
  (name: string) =>
  (id: string, context: Context): string | null => {
    const part = libraryPart.exec(id);
    if (part !== null) return namesOfOthers.has(part[1] ?? part[2]) ? name : null;
    return sharesOf(id, context) > 1 ? name : null;
  };
const chunks = [
  { name: "styles", test: otherStyles, priority: 5 },
  { name: "dashboard-styles", test: dashboardStyles, priority: 5 },
  { name: "app", tags: ["$initial"], priority: 4 },
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
  { name: "plot", test: plots },
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
    plugins: [react(), listedStyles(["src/styles/mantine.css", "src/dashboards/styles/mantine.css"]), precompressed()],
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2022",
      rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
      chunkSizeWarningLimit: 1000,
    },
  };
});
