import { RelativeTime } from "../shell/RelativeTime.tsx";
import { ActionIcon, Alert, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconClock, IconHourglass, IconRefresh, IconTags } from "@tabler/icons-react";
import { useState } from "react";
import type { ReactNode } from "react";
import type { ActiveTarget } from "../api/target-data.ts";
import { humanizeDuration } from "../format/duration.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { LabelName, Labels, Tag, TagList } from "../shell/Labels.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { failingFirst, splitScrapeUrl } from "./target-filter.ts";
import type { KeyedTarget } from "./target-filter.ts";
import { remedyOf } from "./target-remedy.ts";
import { DataTable } from "../shell/DataTable.tsx";
import type { DataColumn } from "../shell/DataTable.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./TargetTable.module.css";

const css = classesOf(styles);

function Endpoint({ target }: { target: ActiveTarget }) {
  const { base, params } = splitScrapeUrl(target.scrapeUrl);
  return (
    <>
      <a href={target.globalUrl} target="_blank" rel="noreferrer" className={`wrap-anywhere ${css("endpoint")}`}>
        {base}
      </a>
      {params.length > 0 && (
        <TagList>
          {params.map(([name, value]) => (
            <Tag key={`${name}=${value}`}>
              <LabelName>{name}</LabelName>="{value}"
            </Tag>
          ))}
        </TagList>
      )}
    </>
  );
}

function Duration({ target }: { target: ActiveTarget }) {
  return (
    <span title="Duration of the last scrape">
      <IconHourglass size={13} aria-hidden /> {humanizeDuration(target.lastScrapeDuration * 1000)}
    </span>
  );
}

function LastScrape({ target }: { target: ActiveTarget }) {
  const zone = useTimeZone();
  const at = parseApiTime(target.lastScrape);
  return (
    <div className={css("details")}>
      <span title={at === null ? "Not scraped yet" : `Last scrape ${formatInstantWithZone(at, zone)}`}>
        <IconRefresh size={13} aria-hidden /> <RelativeTime unixMs={at} />
      </span>
      <span className={css("onCard")}>
        <Duration target={target} />
      </span>
      <span title="Interval and timeout">
        <IconClock size={13} aria-hidden /> {target.scrapeInterval} / {target.scrapeTimeout}
      </span>
    </div>
  );
}

function TargetLabels({ target }: { target: ActiveTarget }) {
  const [discovered, setDiscovered] = useState(false);
  return (
    <>
      <Group gap={4} wrap="nowrap" align="flex-start" justify="space-between">
        <Labels labels={target.labels} />
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label="Discovered labels"
          title="Discovered labels"
          aria-expanded={discovered}
          onClick={() => setDiscovered(!discovered)}
        >
          <IconTags size={15} />
        </ActionIcon>
      </Group>
      {discovered && (
        <div className={css("discovered")}>
          <Text size="xs" c="dimmed">
            Discovered labels
          </Text>
          <Labels labels={target.discoveredLabels} />
        </div>
      )}
    </>
  );
}

function scrapeError(target: ActiveTarget): ReactNode {
  const { lastError } = target;
  if (lastError === "") return null;
  const remedy = remedyOf(target);
  return (
    <Alert color="red" variant="light" py={6} icon={<IconAlertTriangle size={16} />}>
      <span className="wrap-anywhere">Error scraping target: {lastError}</span>
      {remedy !== "" && <div>{remedy}</div>}
    </Alert>
  );
}

/**
 * Columns of the table. On cards, the duration is part of the details of the last scrape, so its own column is hidden.
 */
const columns: ReadonlyArray<DataColumn<KeyedTarget>> = [
  {
    header: "Endpoint",
    cell: (target) => <Endpoint target={target} />,
    sortKey: (target) => target.scrapeUrl,
    width: "28%",
  },
  { header: "Labels", cell: (target) => <TargetLabels target={target} /> },
  {
    header: "Last scrape",
    cell: (target) => <LastScrape target={target} />,
    sortKey: (target) => parseApiTime(target.lastScrape) ?? undefined,
    width: 145,
  },
  {
    header: "Duration",
    cell: (target) => (
      <div className={css("details")}>
        <Duration target={target} />
      </div>
    ),
    sortKey: (target) => (parseApiTime(target.lastScrape) === null ? undefined : target.lastScrapeDuration),
    className: css("inColumn"),
    width: 110,
  },
  {
    header: "State",
    cell: (target) => <StateBadge state={target.health} />,
    sortKey: (target) => failingFirst[target.health],
    width: 110,
  },
];

/** Heights in pixels of a target's row and of the error row below it, on a wide screen. */
const ROW_PX = 52;
const ERROR_PX = 41;
const REMEDY_PX = 22;

/** Returns the approximate height of a target in the table, pixels. */
const targetHeight = (target: ActiveTarget): number => {
  if (target.lastError === "") return ROW_PX;
  return ROW_PX + ERROR_PX + (remedyOf(target) === "" ? 0 : REMEDY_PX);
};

/** Returns the approximate height of the table of these targets, pixels. */
export const tableHeight = (targets: readonly ActiveTarget[]): number =>
  targets.reduce((sum, target) => sum + targetHeight(target), ROW_PX);

const keyOf = ({ key }: KeyedTarget): string => key;

/** Shows the targets of one scrape pool as rows, or as cards on narrow screens. */
export function TargetTable({ pool, targets }: { pool: string; targets: readonly KeyedTarget[] }) {
  return (
    <DataTable
      columns={columns}
      items={targets}
      keyOf={keyOf}
      detail={scrapeError}
      estimatedHeight={targetHeight}
      stacked
      virtual
      aria-label={`Targets of ${pool}`}
    />
  );
}
