import type { LabelSet } from "../format/series-name.ts";
import { INTERNAL_NAMES } from "./alert-links.ts";
import { LinkedText } from "./LinkedText.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./Annotations.module.css";

const css = classesOf(styles);

/** Annotations that are shown first, because they describe the alert. */
const FIRST: readonly string[] = ["summary", "title", "message", "description"];

const rankOf = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);

/**
 * Shows the annotations of an alert, with URLs as links. The texts that describe the alert are first. Annotations that
 * only make links are left out.
 */
export function Annotations({ annotations }: { annotations: LabelSet }) {
  const entries = Object.entries(annotations)
    .filter(([name]) => !INTERNAL_NAMES.includes(name))
    .toSorted(([left], [right]) => rankOf(left) - rankOf(right));
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
