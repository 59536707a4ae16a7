import { Fragment } from "react";
import { quoteLabelName, quoteString, seriesName, sortedLabels } from "../format/series-name.ts";
import type { LabelSet } from "../format/series-name.ts";
import { showNotification } from "../shell/Notifications.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./SeriesName.module.css";

const css = classesOf(styles);

function copyPair(pair: string): void {
  void navigator.clipboard
    ?.writeText(pair)
    .then(() => showNotification({ message: `Copied ${pair}`, autoClose: 2000 }));
}

/** Shows a series as a selector in one colour. */
export function PlainSeriesName({ labels }: { labels: LabelSet }) {
  return <span className={css("series")}>{seriesName(labels)}</span>;
}

/** Shows a series as a selector with coloured labels. A double click on a label copies it as a matcher. */
export function SeriesName({ labels, plain = false }: { labels: LabelSet; plain?: boolean }) {
  const metric = labels["__name__"] ?? "";
  const pairs = sortedLabels(labels);
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric) && metric !== "") {
    return <PlainSeriesName labels={labels} />;
  }
  return (
    <span className={css("series")}>
      <span className={css("metric")}>{metric}</span>
      {(pairs.length > 0 || metric === "") && "{"}
      {pairs.map(([name, value], index) => {
        const pair = `${quoteLabelName(name)}=${quoteString(value)}`;
        return (
          <Fragment key={name}>
            {index > 0 && ", "}
            <span {...(plain ? {} : { onDoubleClick: () => copyPair(pair), title: "Double-click to copy" })}>
              <span className={css("label")}>{quoteLabelName(name)}</span>=
              <span className={css("value")}>{quoteString(value)}</span>
            </span>
          </Fragment>
        );
      })}
      {(pairs.length > 0 || metric === "") && "}"}
    </span>
  );
}
