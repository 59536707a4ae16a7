import type { ReactNode } from "react";
import type { ResolvedTimeRange } from "@narthex/dashboards";
import { DataSourceContext } from "../datasource/data-source-context.ts";
import type { DataSource } from "../datasource/data-source.ts";
import type { Panel } from "../query-link/panel.ts";
import { shownTimeZone, TimeZoneContext } from "../shell/time-zone.ts";
import { firstDayOfWeek } from "../shell/week-start.ts";
import { spanNowOf, TimeRangeContext } from "../time/time-range-context.ts";
import { ExpressionContext, type ExpressionField } from "./expression-context.ts";
import { useValueFormat, ValueFormatContext } from "./value-format.ts";

/** Provides what the parts of a query panel share: its data source, expression, time range, zone and unit. */
export function PanelContexts({
  panel,
  source,
  field,
  onChange,
  children,
}: {
  panel: Panel;
  source: DataSource;
  field: ExpressionField;
  onChange: (change: Partial<Panel>) => void;
  children: ReactNode;
}) {
  const format = useValueFormat(panel.unit);
  const spanNow = (): Promise<ResolvedTimeRange> =>
    spanNowOf(panel, () => ({ zone: shownTimeZone(panel.zone), weekStart: firstDayOfWeek() }));
  return (
    <DataSourceContext value={source}>
      <ExpressionContext value={field}>
        <TimeZoneContext value={panel.zone}>
          <ValueFormatContext value={format}>
            <TimeRangeContext value={{ range: panel, changeRange: onChange, spanNow }}>{children}</TimeRangeContext>
          </ValueFormatContext>
        </TimeZoneContext>
      </ExpressionContext>
    </DataSourceContext>
  );
}
