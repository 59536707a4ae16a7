import type { EditorOptions } from "../query/editor/extensions.ts";

export const PLAIN_OPTIONS: EditorOptions = {
  language: "text",
  autocomplete: false,
  highlighting: false,
  linter: false,
  history: false,
  metricNames: [],
  variables: [],
};
