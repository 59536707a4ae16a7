import { Group, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import type { ReactNode } from "react";
import { Card } from "./Card.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./Collapsible.module.css";

const css = classesOf(styles);

/** A card that the user opens and closes by its heading. The content of a closed card is not rendered. */
export function Collapsible({
  title,
  summary,
  actions,
  open,
  onToggle,
  accent,
  children,
}: {
  title: ReactNode;
  summary?: ReactNode;
  /** Additional controls next to the heading. */
  actions?: ReactNode;
  open: boolean;
  onToggle: () => void;
  /** Colour of the bar at the left edge. */
  accent?: string;
  children: ReactNode;
}) {
  const contentId = useId();
  return (
    <Card style={accent === undefined ? {} : { borderLeft: `4px solid var(--mantine-color-${accent}-6)` }}>
      <Group wrap="nowrap" gap={0} align="stretch" className={css("head")}>
        <UnstyledButton className={css("toggle")} aria-expanded={open} aria-controls={contentId} onClick={onToggle}>
          <IconChevronRight size={16} aria-hidden className={css("chevron")} data-open={open} />
          <span className={css("title")}>{title}</span>
          <span className={css("summary")}>{summary}</span>
        </UnstyledButton>
        {actions}
      </Group>
      {open && (
        <div id={contentId} className={css("content")}>
          {children}
        </div>
      )}
    </Card>
  );
}
