import { useMemo } from "react";
import { rootPath } from "../../../api/root-path.ts";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { DashboardRow } from "../../controls/DashboardRow.tsx";
import { recentDashboards } from "../../data/recent-dashboards.ts";
import { useStars } from "../../data/use-dashboards.ts";
import { findDashboards, type SearchHit } from "../../data/dashboard-api.ts";
import { type LinkParameters, useHostDashboard, useHostQuery } from "../../data/host-dashboard.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { PanelMessage, ScrollingPanel } from "../scrolling/ScrollingPanel.tsx";
import { dashboardListOptions } from "./options.ts";
import { inOrderOf, type Section, sectionsOf } from "./sections.ts";
import styles from "./DashboardListPanel.module.css";

const css = classesOf(styles);

/** Lists links to dashboards: starred ones, recently opened ones, and those that a search finds. */
export function DashboardListPanel({ panel, width, height, context: { fill } }: PanelProps) {
  const options = useMemo(() => readOptions(dashboardListOptions, panel.options), [panel.options]);
  const sections = useMemo(() => sectionsOf(options, fill), [options, fill]);
  const { showHeadings, showFolders } = options;
  return (
    <ScrollingPanel name="Dashboards" panel={panel} width={width} height={height}>
      {sections.length === 0 && <PanelMessage>Select in the panel's options which dashboards it lists.</PanelMessage>}
      {sections.map((section) => (
        <SectionList
          key={section.heading}
          section={section}
          hasHeading={showHeadings}
          hasFolders={showFolders}
          along={options}
        />
      ))}
    </ScrollingPanel>
  );
}

async function fetchSection({ params, isRecent }: Section, signal: AbortSignal): Promise<readonly SearchHit[]> {
  if (!isRecent) return findDashboards(params, signal);
  const uids = recentDashboards();
  if (uids.length === 0) return [];
  const hits = await findDashboards({ dashboardUIDs: uids.join(",") }, signal);
  return inOrderOf(uids, hits, Number(params["limit"]));
}

interface SectionListProps {
  readonly section: Section;
  readonly hasHeading: boolean;
  readonly hasFolders: boolean;
  readonly along: LinkParameters;
}

function SectionList({ section, hasHeading, hasFolders, along }: SectionListProps) {
  const { heading, empty, params } = section;
  const { linkTo } = useHostDashboard();
  const star = useStars();
  // The key starts with the prefix of all lists of dashboards, so that a change of a star updates this list too.
  const { data, error } = useHostQuery(["dashboards", "list", heading, params], (signal) =>
    fetchSection(section, signal),
  );
  return (
    <section aria-label={heading}>
      {hasHeading && <h3 className={css("heading")}>{heading}</h3>}
      {error !== null && <PanelMessage isFailure>{errorSentence(error)}</PanelMessage>}
      {data?.length === 0 && <PanelMessage>{empty}</PanelMessage>}
      {data !== undefined && data.length > 0 && (
        <div role="list" aria-label={heading}>
          {data.map((hit) => (
            <DashboardRow
              key={hit.uid}
              hit={{ ...hit, tags: [], url: linkTo(hit.url, along) ?? `${rootPath}/d/${encodeURIComponent(hit.uid)}` }}
              hasFolder={hasFolders}
              onStar={star}
            />
          ))}
        </div>
      )}
    </section>
  );
}
