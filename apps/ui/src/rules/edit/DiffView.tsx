import { VisuallyHidden } from "@mantine/core";
import { useMemo } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./edit.module.css";
import { type DiffLine, lineDiff } from "./line-diff.ts";

const css = classesOf(styles);

const classes: Readonly<Record<DiffLine["kind"], string>> = { same: "", added: css("added"), removed: css("removed") };
const signs: Readonly<Record<DiffLine["kind"], string>> = { same: "\u00a0", added: "+", removed: "-" };

/** Shows which lines of a text are added and removed. */
export function DiffView({ before, after }: { before: string; after: string }) {
  const lines = useMemo(() => lineDiff(before, after), [before, after]);
  return (
    <div className={css("diff")} tabIndex={0} role="group" aria-label="Differences">
      {lines.map(({ kind, text }, index) => (
        <div key={index} className={classes[kind]}>
          {kind !== "same" && <VisuallyHidden>{kind}: </VisuallyHidden>}
          <span aria-hidden>{signs[kind]} </span>
          {text}
        </div>
      ))}
    </div>
  );
}
