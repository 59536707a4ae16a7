import { Anchor } from "@mantine/core";
import {
  formatValue,
  type GroupChange,
  groupCourse,
  joinFormatted,
  relativeDifference,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { Link } from "react-router";
import { classesOf } from "../../shell/style-sheet.ts";
import { shareText } from "../plot/difference-text.ts";
import { exploreAddress } from "../data/explore-address.ts";
import type { QueryChanges } from "./find-changes.ts";
import { ChangeChart } from "./ChangeChart.tsx";
import styles from "./WhatChanged.module.css";

const css = classesOf(styles);

const share = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

interface Compared {
  /** Uid of the data source. */
  readonly source: string;
  readonly range: ResolvedTimeRange;
  readonly shiftMs: number;
}

/** Lists the changes of the compared queries, largest first. */
export function ChangeList({ changes, compared }: { changes: readonly QueryChanges[]; compared: Compared }) {
  return changes.map((one) => <QuerySection key={one.query.title} changes={one} compared={compared} />);
}

function QuerySection({ changes, compared }: { changes: QueryChanges; compared: Compared }) {
  const { query, ranked, series } = changes;
  return (
    <section className={css("query")} aria-label={query.title}>
      <h2 className={css("title")}>{query.title}</h2>
      <ul className={css("groups")}>
        <Group changes={changes} group={ranked.total} compared={compared} />
        {ranked.groups.map((group) => (
          <Group key={group.labels.join(" ")} changes={changes} group={group} compared={compared} />
        ))}
      </ul>
      {ranked.left > 0 && (
        <p className={css("left")}>
          … and {ranked.left} more values of labels among {series.length} series
        </p>
      )}
    </section>
  );
}

/** Returns a short text for a change: `+800%`, or a word for a value that appeared or disappeared. */
function changeText({ before, after }: GroupChange): string {
  if (before === undefined) return "appeared";
  if (after === undefined) return "vanished";
  const relative = relativeDifference(after, before);
  return relative === undefined ? "changed" : shareText(relative);
}

function Group({ changes, group, compared }: { changes: QueryChanges; group: GroupChange; compared: Compared }) {
  const { query, series } = changes;
  const { labels, before, after, explained } = group;
  const name = labels.length === 0 ? `All ${series.length} series` : matcherTexts(group).join(", ");
  const text = (value: number | undefined): string =>
    value === undefined ? "–" : joinFormatted(formatValue(query.unit, value));
  const isUp = before === undefined || (after !== undefined && after > before);
  return (
    <li className={css("group")}>
      <Anchor className={css("name")} component={Link} size="sm" to={exploreTo(changes, group, compared)}>
        {name}
      </Anchor>
      <span className={css("change", isUp ? "up" : "down")}>{changeText(group)}</span>
      <span className={css("values")}>
        {text(before)} → {text(after)}
      </span>
      <span className={css("explained")}>
        {labels.length > 0 && explained > 0 && `${share.format(explained)} of all change`}
      </span>
      <ChangeChart
        before={groupCourse(series, group.members, "before", query.together)}
        after={groupCourse(series, group.members, "after", query.together)}
        range={compared.range}
        shiftMs={compared.shiftMs}
      />
    </li>
  );
}

const matcherTexts = ({ labels }: GroupChange): readonly string[] =>
  labels.map(
    ([name, value]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(value)}`,
  );

/**
 * Returns a link that opens the series of a change on the query page. The page shows both time ranges if they are close
 * to each other.
 */
function exploreTo({ query }: QueryChanges, group: GroupChange, { source, range, shiftMs }: Compared): string {
  const { from, to } = range;
  const isNear = shiftMs <= 3 * (to - from);
  return exploreAddress({
    queries: [
      {
        refId: "A",
        datasource: { uid: source },
        source: { expr: query.exprWith(matcherTexts(group)) },
      },
    ],
    raw: { from: String(isNear ? from - shiftMs : from), to: String(to) },
  });
}
