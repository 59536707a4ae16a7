import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./PartTree.module.css";

const css = classesOf(styles);

/** The frame of a part, for the element that holds it. */
export const partFrame = css("part");

/** The parts of an expression as a tree; an item of it holds a part, and below it those that it is made of. */
export function PartTree({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={css("tree")} aria-label={label}>
      {children}
    </ul>
  );
}

/** The parts that a part is made of, as items of a list; nothing where there are none. */
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

/** What a part is, and its figures beside it or, where there is no room, below. */
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
