import type { ReactNode } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./ScrollingPanel.module.css";

const css = classesOf(styles);

interface ScrollingPanelProps {
  /** What it is called where the panel has no title. */
  readonly name: string;
  readonly panel: { readonly title: string };
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly children: ReactNode;
}

/** What a panel shows where that may be higher or wider than the panel: keys scroll it, too. */
export function ScrollingPanel({ name, panel, width, height, children }: ScrollingPanelProps) {
  return (
    <div className={css("panel")} style={{ width, height }} tabIndex={0} role="region" aria-label={panel.title || name}>
      {children}
    </div>
  );
}

/** That there is nothing, or why. */
export function PanelWords({ isFailure = false, children }: { isFailure?: boolean; children: ReactNode }) {
  return <p className={isFailure ? css("words", "failed") : css("words")}>{children}</p>;
}

/** Lines of a panel without the looks of a list. */
export function PlainList({ children }: { children: ReactNode }) {
  return <ul className={css("list")}>{children}</ul>;
}
