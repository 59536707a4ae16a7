import { Tooltip, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconClock, IconInfoCircle } from "@tabler/icons-react";
import type { BoundVariable, Lookup, Panel } from "@narthex/dashboards";
import { memo } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import { PanelMenu } from "./menu/PanelMenu.tsx";
import styles from "./PanelCard.module.css";
import { PanelLinks } from "./PanelLinks.tsx";

const css = classesOf(styles);

interface PanelHeadProps {
  readonly panelKey: string;
  readonly panel: Panel;
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  readonly title: string;
  /** Text of the panel's own time range; empty if the panel uses the dashboard's range. */
  readonly timeText: string;
  /** Whether the dashboard is compared with an earlier period that this kind of panel does not show. */
  readonly isNotCompared: boolean;
  readonly description: string;
  /** Notices about the panel's data, one for each line. */
  readonly notices: string;
  /** Time of the data if it is older than the last request: `as of 12:03`. Otherwise empty. */
  readonly asOf: string;
  readonly lookup: Lookup;
}

/** Header above a panel's content. Memoised, so that a refresh renders it again only if a property changes. */
export const PanelHead = memo(function PanelHead(props: PanelHeadProps) {
  const { panelKey, panel, scoped, title, timeText, isNotCompared, description, notices, asOf, lookup } = props;
  return (
    <header className={title !== "" || timeText !== "" ? css("head") : css("head", "floating")}>
      {title !== "" && (
        <h2 className={css("title")} title={title}>
          {title}
        </h2>
      )}
      {timeText !== "" && (
        <span className={css("time")} title="This panel shows a different time range than the dashboard.">
          <IconClock size={13} aria-hidden /> {timeText}
        </span>
      )}
      {isNotCompared && (
        <span className={css("time")} title="This kind of panel does not show the earlier period.">
          not compared
        </span>
      )}
      {description !== "" && (
        <Tooltip label={description} withinPortal>
          <UnstyledButton className={css("mark")} aria-label="Description">
            <IconInfoCircle size={14} />
          </UnstyledButton>
        </Tooltip>
      )}
      {panel.links.length > 0 && <PanelLinks links={panel.links} lookup={lookup} />}
      {notices !== "" && (
        <Tooltip label={notices} withinPortal>
          <UnstyledButton
            className={css("mark", "warning")}
            aria-label={["Notice:", asOf, notices.split("\n", 1)[0]].filter(Boolean).join(" ")}
          >
            <IconAlertTriangle size={14} />
            {asOf !== "" && <span className={css("asOf")}>{asOf}</span>}
          </UnstyledButton>
        </Tooltip>
      )}
      <PanelMenu panelKey={panelKey} panel={panel} title={title} scoped={scoped} className={css("menu")} />
    </header>
  );
});
