import { ActionIcon } from "@mantine/core";
import { IconChevronRight, IconFolder, IconLayoutDashboard, IconStar, IconStarFilled } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { rootPath } from "../../api/root-path.ts";
import { TagButton } from "../../shell/Labels.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import type { SearchHit } from "../data/dashboard-api.ts";
import { routeOf } from "../data/dashboard-list.ts";
import styles from "./DashboardRow.module.css";

const css = classesOf(styles);

/** Indentation of a row for each level of folders, CSS pixels. */
const INDENT = 22;

interface DashboardRowProps {
  readonly hit: SearchHit;
  readonly depth?: number;
  /** Whether the row shows the name of the dashboard's folder. */
  readonly hasFolder: boolean;
  readonly onStar: (hit: SearchHit) => void;
  readonly onTag?: (tag: string) => void;
  /** Content before the title, such as a checkbox. */
  readonly before?: ReactNode;
  /** Content at the end of the row, such as a menu. */
  readonly actions?: ReactNode;
}

/** A dashboard in the list: its title, folder, tags and star. A click outside of the buttons opens the dashboard. */
export function DashboardRow({ hit, depth = 0, hasFolder, onStar, onTag, before, actions }: DashboardRowProps) {
  const { title, url, folderTitle, tags, isStarred } = hit;
  const Star = isStarred ? IconStarFilled : IconStar;
  return (
    <Row depth={depth}>
      {before !== undefined && <div className={css("before")}>{before}</div>}
      <IconLayoutDashboard size={18} aria-hidden />
      <div className={css("main")}>
        <Link to={routeOf(url, rootPath)} className={css("title")}>
          {title === "" ? "(no title)" : title}
        </Link>
        {hasFolder && folderTitle !== undefined && <div className={css("place")}>{folderTitle}</div>}
      </div>
      {tags.length > 0 && (
        <div className={css("tags")}>
          {tags.slice(0, 8).map((tag) => (
            <TagButton key={tag} title={`Only dashboards with the tag ${tag}`} onClick={() => onTag?.(tag)}>
              {tag}
            </TagButton>
          ))}
        </div>
      )}
      <ActionIcon
        variant="subtle"
        color={isStarred ? "ember" : "gray"}
        aria-label={`Star ${title}`}
        aria-pressed={isStarred}
        onClick={() => onStar(hit)}
      >
        <Star size={17} />
      </ActionIcon>
      {actions}
    </Row>
  );
}

/** A folder in the list; a click opens or closes it. */
export function FolderRow(props: {
  hit: SearchHit;
  depth: number;
  count: number;
  isOpen: boolean;
  onToggle: () => void;
  actions?: ReactNode;
}) {
  const { hit, depth, count, isOpen, onToggle, actions } = props;
  return (
    <Row depth={depth}>
      <button type="button" className={css("folder")} aria-expanded={isOpen} onClick={onToggle}>
        <IconChevronRight size={16} className={css("arrow")} aria-hidden />
        <IconFolder size={18} aria-hidden />
        {hit.title}
      </button>
      <span className={css("place")}>{count === 1 ? "1 dashboard" : `${count} dashboards`}</span>
      <span className={css("end")}>{actions}</span>
    </Row>
  );
}

function Row({ depth, children }: { depth: number; children: ReactNode }) {
  return (
    <div role="listitem" className={css("row")} style={{ paddingLeft: 10 + Math.min(depth, 6) * INDENT }}>
      {children}
    </div>
  );
}
