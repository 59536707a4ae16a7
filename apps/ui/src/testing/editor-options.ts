import type { EditorOptions } from "../query/editor/extensions.ts";

/** Options of an editor without optional features. */
export const PLAIN_OPTIONS: EditorOptions = {
  language: "text",
  autocomplete: false,
  highlighting: false,
  linter: false,
  history: false,
  metricNames: [],
};
