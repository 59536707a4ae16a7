import { Group, Paper, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import type { ReactNode } from "react";

/** A card whose content opens and closes by its heading; closed content is not drawn at all. */
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
  /** Further controls beside the heading. */
  actions?: ReactNode;
  open: boolean;
  onToggle: () => void;
  /** Colour of the bar at the left edge. */
  accent?: string;
  children: ReactNode;
}) {
  const contentId = useId();
  return (
    <Paper
      withBorder
      className="card collapsible"
      style={accent === undefined ? {} : { borderLeft: `4px solid var(--mantine-color-${accent}-6)` }}
    >
      <Group wrap="nowrap" gap={0} align="stretch" className="collapsible-head">
        <UnstyledButton
          className="collapsible-toggle"
          aria-expanded={open}
          aria-controls={contentId}
          onClick={onToggle}
        >
          <IconChevronRight size={16} aria-hidden className="chevron" data-open={open} />
          <span className="collapsible-title">{title}</span>
          <span className="collapsible-summary">{summary}</span>
        </UnstyledButton>
        {actions}
      </Group>
      {open && (
        <div id={contentId} className="collapsible-content">
          {children}
        </div>
      )}
    </Paper>
  );
}
