/** An input of a form that a plugin declares: for a setting, a property of a query, or an option of a panel. */
export interface PluginInput {
  /** Name of the property that the input changes. */
  readonly key: string;
  readonly label: string;
  readonly type: "text" | "area" | "number" | "switch" | "choice";
  readonly help?: string;
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  /** Value of new queries and panels. */
  readonly initial?: string | number | boolean;
}

/** A panel type that a plugin adds. The dashboards role sends these descriptions to the pages as JSON. */
export interface PanelPlugin {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Changes if the plugin's files change. */
  readonly revision: string;
  readonly options: readonly PluginInput[];
}
