import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./ScrollBox.module.css";

const css = classesOf(styles);

/** What is too long for its place: it scrolls, also by the keyboard. */
export function ScrollBox({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={css("box")} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
