import { UnstyledButton } from "@mantine/core";
import type { ComponentProps, ReactNode } from "react";
import { quoteLabelName, quoteString, sortedLabels } from "../format/series-name.ts";
import type { LabelSet } from "../format/series-name.ts";
import { INTERNAL_NAMES } from "./alert-links.ts";
import { classesOf } from "./style-sheet.ts";
import styles from "./Labels.module.css";

const css = classesOf(styles);

/** A row of tags. */
export function TagList({ children }: { children: ReactNode }) {
  return <span className={css("list")}>{children}</span>;
}

/** A small tag. */
export function Tag({ className = "", ...props }: ComponentProps<"span">) {
  return <span className={`${css("tag")} ${className}`} {...props} />;
}

/** A small tag that can be clicked. */
export const TagButton = UnstyledButton.withProps({ classNames: { root: css("tag") } });

/** Shows the name of a label in the label's colour. */
export function LabelName({ children }: { children: ReactNode }) {
  return <span className={css("name")}>{children}</span>;
}

/** Shows a label as `name="value"`. */
export function LabelPair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <LabelName>{quoteLabelName(name)}</LabelName>
      {/* If a label is wider than the page, its value starts a new line instead of being broken. */}
      <wbr />={quoteString(value)}
    </>
  );
}

/** Shows labels as small tags, `name="value"`, sorted by name. */
export function Labels({ labels, hide = [] }: { labels: LabelSet; hide?: readonly string[] }) {
  const pairs = sortedLabels(labels).filter(([name]) => !hide.includes(name) && !INTERNAL_NAMES.includes(name));
  return (
    <TagList>
      {labels["__name__"] !== undefined && (
        <Tag>
          <LabelName>{labels["__name__"]}</LabelName>
        </Tag>
      )}
      {pairs.map(([name, value]) => (
        <Tag key={name}>
          <LabelPair name={name} value={value} />
        </Tag>
      ))}
    </TagList>
  );
}
