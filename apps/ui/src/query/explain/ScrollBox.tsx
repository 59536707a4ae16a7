import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./ScrollBox.module.css";

const css = classesOf(styles);

/** Scrollable box for long content, also usable by keyboard. */
export function ScrollBox({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={css("box")} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
