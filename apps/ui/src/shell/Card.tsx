import { Group, Paper, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { classesOf } from "./style-sheet.ts";
import styles from "./Card.module.css";

const css = classesOf(styles);

/** A bordered container for parts of a page. */
export const Card = Paper.withProps({ withBorder: true, classNames: { root: css("card") } });

/** The heading of a card. */
export const CardTitle = Title.withProps({ order: 2, size: "h5", classNames: { root: css("title") } });

/** The heading of a card, with space for controls at the end of the line. */
export const CardHead = Group.withProps({ justify: "space-between", classNames: { root: css("title") } });

/** One of several entries of a card, separated by lines. */
export function CardItem({
  as: Element = "div",
  accent,
  children,
}: {
  as?: "div" | "article";
  /** Colour of the bar at the left edge. */
  accent?: string;
  children: ReactNode;
}) {
  return (
    <Element
      className={css("item")}
      style={accent === undefined ? {} : { borderLeftColor: `var(--mantine-color-${accent}-6)` }}
    >
      {children}
    </Element>
  );
}
