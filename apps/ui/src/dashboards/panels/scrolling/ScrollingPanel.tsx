import type { ReactNode } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./ScrollingPanel.module.css";

const css = classesOf(styles);

interface ScrollingPanelProps {
  /** Accessible name of a panel without a title. */
  readonly name: string;
  readonly panel: { readonly title: string };
  /** Size of the panel's content, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly children: ReactNode;
}

/** Scrollable container for content that may be larger than its panel. Supports pointer and keyboard. */
export function ScrollingPanel({ name, panel, width, height, children }: ScrollingPanelProps) {
  return (
    <div
      className={css("panel")}
      style={{ width, height }}
      tabIndex={0}
      role="region"
      aria-label={`Content of ${panel.title || name}`}
    >
      {children}
    </div>
  );
}

/** A message in place of a panel's content, for example that it is empty or cannot be shown. */
export function PanelMessage({ isFailure = false, children }: { isFailure?: boolean; children: ReactNode }) {
  return <p className={isFailure ? css("words", "failed") : css("words")}>{children}</p>;
}

export function PlainList({ children }: { children: ReactNode }) {
  return <ul className={css("list")}>{children}</ul>;
}
