import type { JsonObject, PluginInput, SourceSetting } from "@narthex/dashboards";
import type { PluginManifest, PluginThread } from "@narthex/plugins";
import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { PluginSource } from "./plugin-source.ts";

/**
 * Returns the kind of data sources that a plugin adds.
 * @param thread thread that runs the module of the plugin, for all of its sources
 */
export function pluginKind(manifest: PluginManifest, thread: PluginThread): DataSourceKind {
  const { id, name, queryInputs, settings, hasVariables, hasAnnotations } = manifest;
  return {
    types: [id],
    name,
    language: { valueFormat: "glob" },
    blankQuery: queryInputs.length === 0 ? { text: "" } : initialsOf(queryInputs),
    leastStepMs: 1,
    queryInputs,
    ...(hasVariables && { variables: { help: "A text that the plugin of the source understands." } }),
    ...(hasAnnotations && { annotations: [{ path: ["query"], label: "Query", type: "text" as const }] }),
    features: [],
    routes: [],
    defaults: initialsOf(settings),
    settings: [...httpForm("http://127.0.0.1:8080"), ...settings.map(settingOf)],
    open: (given, environment) => new PluginSource(given, environment, { manifest, thread }),
  };
}

const initialsOf = (inputs: readonly PluginInput[]): JsonObject =>
  Object.fromEntries(inputs.flatMap(({ key, initial }) => (initial === undefined ? [] : [[key, initial]])));

const settingOf = ({ key, label, type, help, placeholder, choices }: PluginInput): SourceSetting => ({
  path: ["jsonData", key],
  label,
  type: type === "area" ? "text" : type,
  ...(help !== undefined && { help }),
  ...(placeholder !== undefined && { placeholder }),
  ...(choices !== undefined && { choices }),
});
