import { useMemo, useState } from "react";
import { useDraft } from "../../../../../shell/use-draft.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { whenLoaded } from "../../../../../shell/when-loaded.tsx";
import { proxyUrl } from "../../../../data/source-proxy.ts";
import { usePanelEditing } from "../../panel-edit-context.ts";
import { queryVariables } from "../../query-variables.ts";
import { useMetricNames } from "./source-labels.ts";
import styles from "./PromqlField.module.css";

const css = classesOf(styles);

const CodeEditor = whenLoaded(
  () => import("../../../../../query/editor/CodeEditor.tsx"),
  ({ value }) => <pre className={css("waiting")}>{value || " "}</pre>,
);

/** A code editor for a PromQL expression. Enter or leaving the field applies the expression. */
export function PromqlField({
  uid,
  value,
  onCommit,
}: {
  /** Uid of the data source that provides metric and label names for completion. */
  uid: string | undefined;
  value: string;
  onCommit: (expr: string) => void;
}) {
  const [text, setText] = useDraft(value);
  const [isTouched, setTouched] = useState(false);
  const metricNames = useMetricNames(isTouched ? uid : undefined);
  const { variables } = usePanelEditing();
  const options = useMemo(
    () => ({
      language: "promql" as const,
      autocomplete: true,
      highlighting: true,
      // The linter is off, since it would report dashboard variables such as `[$__rate_interval]` as errors.
      linter: false,
      history: false,
      metricNames,
      variables: queryVariables(variables),
      ...(uid === undefined ? {} : { completionUrl: proxyUrl(uid) }),
    }),
    [metricNames, variables, uid],
  );
  const commit = (): void => {
    if (text !== value) onCommit(text);
  };
  return (
    <div className={css("field")} onFocus={() => setTouched(true)} onBlur={commit}>
      <CodeEditor value={text} onChange={setText} onExecute={commit} autoFocus={false} options={options} />
    </div>
  );
}
