import type { LabelSet } from "../format/series-name.ts";
import { LinkedText } from "./LinkedText.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./Annotations.module.css";

const css = classesOf(styles);

/** The annotations of an alert, with URLs as links. */
export function Annotations({ annotations }: { annotations: LabelSet }) {
  const entries = Object.entries(annotations);
  if (entries.length === 0) return null;
  return (
    <dl className={css("annotations")}>
      {entries.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <LinkedText text={text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
