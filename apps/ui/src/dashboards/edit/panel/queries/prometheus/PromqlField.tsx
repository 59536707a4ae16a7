import { lazy, Suspense, useMemo, useState } from "react";
import { useDraft } from "../../../../../shell/use-draft.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { proxyUrl } from "../../../../query/source-proxy.ts";
import { useMetricNames } from "./source-labels.ts";
import styles from "./PromqlField.module.css";

const css = classesOf(styles);

const CodeEditor = lazy(() => import("../../../../../query/editor/CodeEditor.tsx"));

/** An expression as code, which is applied with Enter or when the user leaves the field. */
export function PromqlField({
  uid,
  value,
  onCommit,
}: {
  /** Uid of the data source whose names are suggested. */
  uid: string | undefined;
  value: string;
  onCommit: (expr: string) => void;
}) {
  const [text, setText] = useDraft(value);
  const [isTouched, setTouched] = useState(false);
  const metricNames = useMetricNames(isTouched ? uid : undefined);
  const options = useMemo(
    () => ({
      language: "promql" as const,
      autocomplete: true,
      highlighting: true,
      // No linter, since variables of dashboards, as in [$__rate_interval], would be errors.
      linter: false,
      history: false,
      metricNames,
      ...(uid === undefined ? {} : { completionUrl: proxyUrl(uid) }),
    }),
    [metricNames, uid],
  );
  const commit = (): void => {
    if (text !== value) onCommit(text);
  };
  return (
    <div className={css("field")} onFocus={() => setTouched(true)} onBlur={commit}>
      <Suspense fallback={<pre className={css("waiting")}>{text || " "}</pre>}>
        <CodeEditor value={text} onChange={setText} onExecute={commit} autoFocus={false} options={options} />
      </Suspense>
    </div>
  );
}
