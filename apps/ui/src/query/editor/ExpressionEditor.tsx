import { Component, Suspense, lazy, useMemo } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useDataSource } from "../../datasource/data-source-context.ts";
import { usePreferences } from "../../shell/preferences.ts";
import type { EditorProps } from "./CodeEditor.tsx";
import type { EditorOptions } from "./extensions.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./editor.module.css";

const css = classesOf(styles);

const CodeEditor = lazy(() => import("./CodeEditor.tsx"));
const noNames: readonly string[] = [];

/** Falls back to a plain text field when the editor's code cannot be loaded, so that queries still run. */
class EditorBoundary extends Component<{ fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

function PlainEditor({ value, onChange, onExecute }: Omit<EditorProps, "options">) {
  return (
    <textarea
      className={css("plain")}
      aria-label="PromQL expression"
      rows={Math.max(1, value.split("\n").length)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.shiftKey) return;
        event.preventDefault();
        onExecute();
      }}
    />
  );
}

/** The field for one expression. Its code comes after the page: until then the text shows without a cursor. */
export function ExpressionEditor(props: Omit<EditorProps, "options">) {
  const source = useDataSource();
  const preferences = usePreferences();
  const names = useQuery({
    queryKey: ["metric-names", source.id],
    queryFn: ({ signal }) => source.labelValues("__name__", signal),
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
    }),
    [source, preferences, metricNames],
  );
  return (
    <EditorBoundary fallback={<PlainEditor {...props} />}>
      <Suspense fallback={<pre className={css("preview")}>{props.value || " "}</pre>}>
        <div className={css("code")}>
          <CodeEditor {...props} options={options} />
        </div>
      </Suspense>
    </EditorBoundary>
  );
}
