import type { PanelPlugin, PluginInput } from "@narthex/dashboards";
import { type Option, readOptions } from "../../contracts/option-table.ts";
import type { PanelModule, PanelProps } from "../../contracts/panel-kind.ts";
import { PluginPanel } from "./PluginPanel.tsx";

/** Returns the module of a panel type that a plugin adds. */
export function pluginModule(plugin: PanelPlugin): PanelModule {
  const options = Object.fromEntries(plugin.options.map((input) => [input.key, optionOf(input)]));
  const Panel = (props: PanelProps) => (
    <PluginPanel {...props} plugin={plugin} options={readOptions(options, props.panel.options)} />
  );
  return { Panel, options, fieldOptions: {} };
}

function optionOf({ key, label, type, help, choices = [], initial }: PluginInput): Option {
  const base = { path: key, name: label, ...(help !== undefined && { description: help }) };
  switch (type) {
    case "switch":
      return { ...base, kind: "switch", initial: initial === true };
    case "number":
      return { ...base, kind: "number", initial: typeof initial === "number" ? initial : undefined };
    case "choice": {
      const first = choices[0] ?? "";
      const names = Object.fromEntries(choices.map((choice) => [choice, choice]));
      return { ...base, kind: "choice", choices: names, initial: typeof initial === "string" ? initial : first };
    }
    case "text":
    case "area": {
      const text = typeof initial === "string" ? initial : "";
      return { ...base, kind: "text", initial: text, input: type === "area" ? "area" : "line" };
    }
  }
}
