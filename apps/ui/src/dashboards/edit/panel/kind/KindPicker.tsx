import { Tabs, UnstyledButton } from "@mantine/core";
import {
  IconChartBar,
  IconChartDots,
  IconChartHistogram,
  IconChartLine,
  IconChartPie,
  IconFileText,
  IconGauge,
  IconGridDots,
  IconLayoutBoard,
  IconListDetails,
  IconNumbers,
  IconProgress,
  IconTable,
  IconTimeline,
} from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { SearchInput } from "../../../../shell/SearchInput.tsx";
import { matchesSearch } from "../../../../shell/text-search.ts";
import type { DrawnKind } from "../../../contracts/panel-kind.ts";
import { loadPluginKinds } from "../../../panels/plugins/load-plugin-kinds.ts";
import { usePluginKinds } from "../../../panels/plugins/plugin-kinds.ts";
import { drawnKindOf, drawnKinds } from "../../../panels/registry.ts";
import { PanelView } from "../../../panel/PanelCard.tsx";
import type { PanelData } from "../../../data/panel-data.ts";
import { noScope } from "../../../data/panel/panel-request.ts";
import { usePanelEditing } from "../panel-edit-context.ts";
import { suggestedKinds } from "./suggest-kinds.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./KindPicker.module.css";

const css = classesOf(styles);

const icons: Readonly<Record<string, typeof IconTable>> = {
  timeseries: IconChartLine,
  trend: IconChartLine,
  table: IconTable,
  "state-timeline": IconTimeline,
  "status-history": IconGridDots,
  text: IconFileText,
  stat: IconNumbers,
  gauge: IconGauge,
  bargauge: IconProgress,
  barchart: IconChartBar,
  piechart: IconChartPie,
  histogram: IconChartHistogram,
  heatmap: IconGridDots,
  xychart: IconChartDots,
  logs: IconListDetails,
};

/** Selects the kind of a panel: in a list of all kinds, or among small previews of the kinds that suit the data. */
export function KindPicker({
  current,
  data,
  onPick,
}: {
  current: string;
  data: PanelData;
  onPick: (kind: DrawnKind) => void;
}) {
  const [search, setSearch] = useState("");
  const typed = search.trim();
  const plugins = usePluginKinds();
  useEffect(() => void loadPluginKinds(), []);
  const fitting = [...drawnKinds, ...plugins].filter(
    ({ name, description }) => typed === "" || matchesSearch(`${name} ${description}`.toLowerCase(), typed),
  );
  const suggested = suggestedKinds(data.frames).flatMap((id) => drawnKindOf(id) ?? []);
  return (
    <Tabs defaultValue="all" keepMounted={false}>
      <Tabs.List grow>
        <Tabs.Tab value="all">Visualizations</Tabs.Tab>
        <Tabs.Tab value="suggestions">Suggestions</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="all">
        <div className={css("search")}>
          <SearchInput label="Search visualizations" value={search} onChange={setSearch} />
        </div>
        <ul className={css("kinds")}>
          {fitting.map((kind) => {
            const Icon = icons[kind.id] ?? IconLayoutBoard;
            return (
              <li key={kind.id}>
                <UnstyledButton
                  className={css("kind")}
                  aria-current={kind.id === current || undefined}
                  onClick={() => onPick(kind)}
                >
                  <Icon size={26} stroke={1.4} aria-hidden />
                  <span>
                    <span className={css("name")}>{kind.name}</span>
                    <span className={css("description")}>{kind.description}</span>
                  </span>
                </UnstyledButton>
              </li>
            );
          })}
        </ul>
      </Tabs.Panel>
      <Tabs.Panel value="suggestions">
        {suggested.length === 0 ? (
          <p className={css("none")}>There are no suggestions, because the panel has no data yet.</p>
        ) : (
          <ul className={css("kinds")}>
            {suggested.map((kind) => (
              <li key={kind.id}>
                <Suggestion kind={kind} data={data} isCurrent={kind.id === current} onPick={() => onPick(kind)} />
              </li>
            ))}
          </ul>
        )}
      </Tabs.Panel>
    </Tabs>
  );
}

/** Size of a small preview before it is scaled, pixels. */
const WIDTH = 520;
const HEIGHT = 220;

function Suggestion({
  kind,
  data,
  isCurrent,
  onPick,
}: {
  kind: DrawnKind;
  data: PanelData;
  isCurrent: boolean;
  onPick: () => void;
}) {
  const { panel } = usePanelEditing();
  const { custom: _, ...defaults } = panel.fieldConfig.defaults;
  const small = {
    ...panel,
    type: kind.id,
    title: "",
    description: "",
    options: kind.id === panel.type ? panel.options : {},
    fieldConfig: { ...panel.fieldConfig, defaults },
  };
  return (
    <div className={css("suggestion")}>
      <div className={css("frame")} inert>
        <div className={css("small")}>
          <PanelView panel={small} data={data} scoped={noScope} width={WIDTH} height={HEIGHT} isVisible />
        </div>
      </div>
      <UnstyledButton className={css("choose")} aria-current={isCurrent || undefined} onClick={onPick}>
        {kind.name}
      </UnstyledButton>
    </div>
  );
}
