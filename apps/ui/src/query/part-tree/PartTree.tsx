import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./PartTree.module.css";

const css = classesOf(styles);

/** Class name for the element of a part. */
export const partFrame = css("part");

/** The parts of an expression as a tree. Each item contains a part, and below it the parts of that part. */
export function PartTree({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={css("tree")} aria-label={label}>
      {children}
    </ul>
  );
}

/** The inputs of a part as a list; nothing if there are none. */
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

/** A part, with its figures next to it or, on narrow screens, below it. */
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
