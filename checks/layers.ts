import { dirname, join } from "node:path/posix";
import { importsOf, packageOf, type SourceFile } from "./sources.ts";

/** Layer of each package. A package may import only packages of lower layers. ARCHITECTURE.md describes each layer. */
export const LAYERS: Readonly<Record<string, number>> = {
  bytes: 0,
  model: 0,
  storage: 0,
  runtime: 0,
  exposition: 1,
  promql: 1,
  template: 1,
  config: 1,
  dashboards: 1,
  tsdb: 2,
  http: 2,
  store: 2,
  mesh: 2,
  tls: 2,
  notification: 2,
  plugins: 2,
  pictures: 2,
  discovery: 3,
  scrape: 3,
  querying: 3,
  rules: 3,
  slo: 3,
  remote: 3,
  alerting: 3,
  "alert-context": 3,
  receivers: 3,
  pushing: 3,
  collectors: 3,
  datasources: 3,
  "alertmanager-config": 4,
  backtest: 4,
  "rule-lint": 4,
  "alert-quality": 4,
};

/**
 * Layers of the folders below apps/ui/src, from the lowest. A folder imports only from lower layers; folders of a layer
 * do not import each other. apps/ui/README.md describes the folders.
 */
export const UI_LAYERS: readonly (readonly string[])[] = [
  ["format", "styles"],
  ["time"],
  ["api", "query-link"],
  ["shell"],
  ["plot", "datasource", "time-controls"],
  ["query", "alertmanager"],
  ["rules", "discovery", "pushgateway", "status", "targets"],
  ["alerts", "objectives"],
  ["dashboards/contracts", "dashboards/styles"],
  ["dashboards/data"],
  ["dashboards/plot", "dashboards/draft"],
  ["dashboards/controls", "dashboards/grid"],
  ["dashboards/panels"],
  ["dashboards/panel"],
  ["dashboards/share"],
  ["dashboards/page"],
  ["dashboards/edit"],
  ["dashboards/routes", "dashboards/generate", "dashboards/sign-in"],
  ["dashboards/list", "dashboards/snapshots", "dashboards/what-changed", "dashboards/explore"],
  ["dashboards/people", "dashboards/playlists"],
  ["dashboards/account", "dashboards/reports"],
  ["roles"],
  ["main.tsx"],
];
const UI = "apps/ui/src/";

/** Exceptions: packages that may import certain packages of the same layer. */
const SAME_FLOOR: Readonly<Record<string, readonly string[]>> = {
  model: ["bytes"],
  storage: ["model"],
  http: ["tls"],
  mesh: ["tls"],
};

/** Subpath exports of packages, which an importer can use without loading the rest of the package. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  discovery: ["/alertmanager-configs", "/alertmanager-config-section"],
  http: ["/answer"],
  promql: ["/syntax"],
  dashboards: ["/palette", "/time"],
  ui: ["/docs-search", "/precompress", "/theme-colors"],
};

/**
 * Apps that the command-line program imports. An app must not import another app, except the command-line program,
 * which starts all servers.
 */
const APPS_OF_THE_CLI = [
  "@narthex/server-app",
  "@narthex/alertmanager-app",
  "@narthex/pushgateway-app",
  "@narthex/node-exporter-app",
  "@narthex/dashboards-app",
];

/** Returns wrong imports of a file as `path:line sentence`. */
export function layerProblems(file: SourceFile): string[] {
  const home = packageOf(file.path);
  const [folder, name] = home.split("/") as [string, string | undefined];
  return importsOf(file).flatMap(({ line, specifier }): string[] => {
    const problem = (sentence: string): string[] => [`${file.path}:${line} ${sentence}`];
    if (specifier.startsWith(".")) {
      // Files below `src` must not import files outside of `src`. Files next to `src` configure the build of the
      // package, so they may import from the whole package.
      const top = home.split("/").length + (file.path.startsWith(`${home}/src/`) ? 1 : 0);
      const depth = file.path.split("/").length - 1 - top;
      const climbs = specifier.split("/").filter((part) => part === "..").length;
      return climbs > depth && folder !== "checks" && !file.isTest
        ? problem(`imports "${specifier}", which leaves ${home}; import the package by its name`)
        : [];
    }
    const target = /^@narthex\/([^/]+)(\/.*)?$/.exec(specifier);
    if (target === null) return [];
    const [, wanted, sub] = target as unknown as [string, string, string | undefined];
    const isOpen = sub === undefined || PARTS[wanted]?.includes(sub) === true || (sub === "/testing" && file.isTest);
    if (!isOpen)
      return problem(`imports "${specifier}"; from outside only @narthex/${wanted} is open (and /testing to tests)`);
    if (wanted.endsWith("-app")) {
      return home === "apps/narthex" && APPS_OF_THE_CLI.includes(specifier)
        ? []
        : problem(`imports the app ${specifier}; only apps/narthex may`);
    }
    if (folder !== "packages") return [];
    const own = LAYERS[name!];
    const below = LAYERS[wanted];
    if (own === undefined)
      return problem(`is in package ${name}, which has no layer; give it one in checks/layers.ts and ARCHITECTURE.md`);
    if (below === undefined) return problem(`imports @narthex/${wanted}, which has no layer`);
    if (below < own || wanted === name || SAME_FLOOR[name!]?.includes(wanted) === true) return [];
    return problem(
      `${name} (layer ${own}) imports ${wanted} (layer ${below}); imports go down only: move the shared part below both, or pass it in`,
    );
  });
}

/**
 * Returns forbidden imports of a user interface file, from the same layer or a higher layer, as `path:line sentence`.
 */
export function uiLayerProblems(file: SourceFile): string[] {
  if (!file.path.startsWith(UI) || file.isTest) return [];
  const own = uiLayer(file.path);
  if (own.layer === -1) return [`${file.path}:1 ${own.folder} has no layer; give it one in checks/layers.ts`];
  return importsOf(file)
    .filter(({ specifier }) => specifier.startsWith("."))
    .flatMap(({ line, specifier }) => {
      const below = uiLayer(join(dirname(file.path), specifier));
      if (below.folder === own.folder || below.layer < own.layer) return [];
      return [
        `${file.path}:${line} ${own.folder} (layer ${own.layer}) imports ${below.folder} (layer ${below.layer}); imports go down only`,
      ];
    });
}

/** Returns the folder of a user interface file and the folder's layer; the layer is -1 if the folder has none. */
function uiLayer(path: string): { readonly folder: string; readonly layer: number } {
  const parts = path.slice(UI.length).split("/");
  const folder = parts.slice(0, parts[0] === "dashboards" ? 2 : 1).join("/");
  return { folder, layer: UI_LAYERS.findIndex((layer) => layer.includes(folder)) };
}
