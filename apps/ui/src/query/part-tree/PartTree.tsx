import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./PartTree.module.css";

const css = classesOf(styles);

/** CSS class of an element for a node of the tree. */
export const partFrame = css("part");

/** Shows the tree of an expression. Each item is a node, with its child nodes below. */
export function PartTree({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={css("tree")} aria-label={label}>
      {children}
    </ul>
  );
}

/** Shows the list of a node's children. Renders nothing for a node without children. */
export function PartInputs<T>({
  of,
  children,
}: {
  of: readonly T[];
  children: (input: T, index: number) => ReactNode;
}) {
  if (of.length === 0) return null;
  return <ul className={css("inputs")}>{of.map(children)}</ul>;
}

/** Shows a node of the tree. Its measurements are next to it or, on narrow screens, below it. */
export function PartLine({
  figures,
  color = "dimmed",
  children,
}: {
  figures: readonly string[];
  color?: string;
  children: ReactNode;
}) {
  return (
    <span className={css("line")}>
      <span>{children}</span>
      <Text component="span" size="xs" c={color} className={css("figures")}>
        {figures.join(" · ")}
      </Text>
    </span>
  );
}
