import { Component, type ReactNode, useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { useDataSource } from "../../datasource/data-source-context.ts";
import { metricNamesQuery } from "../../datasource/metric-names-query.ts";
import { usePreferences } from "../../shell/preferences.ts";
import type { EditorVariable } from "./built-in-variables.ts";
import type { EditorProps } from "./CodeEditor.tsx";
import type { EditorOptions } from "./extensions.ts";
import { fullEditorOf } from "./full-editor.ts";
import { PlainEditor } from "./PlainEditor.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./editor.module.css";

const css = classesOf(styles);

const noNames: readonly string[] = [];
const noVariables: readonly EditorVariable[] = [];

/** Shows a plain text field if the full editor fails. */
class EditorBoundary extends Component<{ fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

const useFullEditor = fullEditorOf(() => import("./CodeEditor.tsx"));

/** Input for an expression. A plain field is used until the full editor is loaded. */
export function ExpressionEditor({
  variables = noVariables,
  ...props
}: Omit<EditorProps, "options" | "replacedField"> & {
  /** Variables that the page replaces in the expression. */
  readonly variables?: readonly EditorVariable[];
}) {
  const source = useDataSource();
  const preferences = usePreferences();
  const names = useQuery({
    ...metricNamesQuery(source),
    staleTime: 60_000,
    enabled: preferences.enableAutocomplete,
  });
  const metricNames = names.data?.data ?? noNames;
  const options = useMemo<EditorOptions>(
    () => ({
      language: source.capabilities.language,
      autocomplete: preferences.enableAutocomplete,
      highlighting: preferences.enableSyntaxHighlighting,
      linter: preferences.enableLinter,
      history: preferences.enableQueryHistory,
      metricNames,
      variables,
    }),
    [source, preferences, metricNames, variables],
  );
  const { field, full } = useFullEditor(props.value);
  if (full === undefined) return <PlainEditor {...props} ref={field} />;
  const { Editor, replacedField } = full;
  return (
    <EditorBoundary fallback={<PlainEditor {...props} />}>
      <div className={css("code")}>
        <Editor {...props} {...(replacedField && { replacedField })} options={options} />
      </div>
    </EditorBoundary>
  );
}
