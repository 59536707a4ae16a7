import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FunctionTable, parseTemplate, Template, templateFunction } from "@narthex/template";
import { root } from "../../support/running.ts";
import { type ClusterObject, objectsIn } from "../cluster-object.ts";
import { HELM_FUNCTIONS, type HelmMap, type HelmValue, readYaml } from "./helm-functions.ts";

const chart = join(root, "deploy/helm/narthex");

const file = (name: string): string => readFileSync(join(chart, name), "utf8");

/** Helm's `.Release` object: name and namespace of the installed release. */
const RELEASE = new Map([
  ["Name", "mon"],
  ["Namespace", "watch"],
  ["Service", "Helm"],
]);

/** The Kubernetes objects and notes that `helm install` creates from the chart. */
export interface RenderedChart {
  readonly objects: readonly ClusterObject[];
  readonly notes: string;
}

/** Renders the Helm chart. Throws if a template refuses the values. */
export function renderChart(values: string): RenderedChart {
  const about = readYaml(file("Chart.yaml")) as HelmMap;
  const data = new Map<string, HelmValue>([
    ["Values", overlaid(readYaml(file("values.yaml")) as HelmMap, (readYaml(values) ?? new Map()) as HelmMap)],
    ["Release", RELEASE],
    ["Chart", new Map(["name", "version", "appVersion"].map((key) => [capital(key), about.get(key)]))],
  ]);
  const all = parseAll();
  const run = (name: string): string => all.execute(data, { name });
  const names = readdirSync(join(chart, "templates")).filter((name) => name.endsWith(".yaml"));
  return { objects: names.flatMap((name) => objectsIn(run(name))), notes: run("NOTES.txt") };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Merges a user's values into the Helm chart's default values. A null value removes a key. */
function overlaid(base: HelmMap, own: HelmMap): HelmMap {
  const all = new Map(base);
  for (const [key, value] of own) {
    const below = all.get(key);
    if (value === null) all.delete(key);
    else if (below instanceof Map && value instanceof Map) all.set(key, overlaid(below as HelmMap, value as HelmMap));
    else all.set(key, value);
  }
  return all;
}

/**
 * Parses all template files of the Helm chart into one Go template. Each file becomes a definition with the file's
 * name.
 */
function parseAll(): Template {
  let all: Template | undefined;
  const functions: FunctionTable = {
    ...HELM_FUNCTIONS,
    include: templateFunction(["string", "any"], (name, data) => all!.execute(data, { name })),
    tpl: templateFunction(["string", "any"], (text, data) => parsed("tpl", text).execute(data)),
  };
  const parsed = (name: string, text: string): Template => {
    const result = parseTemplate(name, text, all === undefined ? { functions } : { functions, within: all });
    if (!result.ok) throw result.error;
    return result.template;
  };
  for (const name of readdirSync(join(chart, "templates"))) all = parsed(name, file(`templates/${name}`));
  return all!;
}
