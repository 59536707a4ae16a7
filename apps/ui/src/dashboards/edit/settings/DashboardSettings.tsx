import { Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { NARROW_WIDTH_PX } from "@narthex/dashboards";
import { type ComponentType } from "react";
import { useSearchParams } from "react-router";
import { Card } from "../../../shell/Card.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";
import styles from "./DashboardSettings.module.css";

const css = classesOf(styles);

interface SettingsTab {
  /** Value of the URL parameter that opens this tab. */
  readonly value: string;
  readonly name: string;
  /** Whether this tab is also shown for a dashboard that was never saved. */
  readonly isOfNew: boolean;
  readonly Tab: ComponentType;
}

const tabs: readonly SettingsTab[] = [
  { value: "settings", name: "General", isOfNew: true, Tab: whenLoaded(() => import("./GeneralTab.tsx")) },
  {
    value: "annotations",
    name: "Annotations",
    isOfNew: true,
    Tab: whenLoaded(() => import("./annotations/AnnotationsTab.tsx")),
  },
  {
    value: "variables",
    name: "Variables",
    isOfNew: true,
    Tab: whenLoaded(() => import("./variables/VariablesTab.tsx")),
  },
  { value: "links", name: "Links", isOfNew: true, Tab: whenLoaded(() => import("./links/LinksTab.tsx")) },
  { value: "versions", name: "Versions", isOfNew: false, Tab: whenLoaded(() => import("./versions/VersionsTab.tsx")) },
  { value: "json-model", name: "JSON model", isOfNew: true, Tab: whenLoaded(() => import("../json/JsonTab.tsx")) },
];

/** Current names of tabs, by the names that old URLs contain. */
const SAME_TAB: ReadonlyMap<string, string> = new Map([
  ["templating", "variables"],
  ["dashboard_json", "json-model"],
]);

export default function DashboardSettings() {
  const { isNew } = useDashboardEdit();
  const [params, setParams] = useSearchParams();
  const isNarrow = useMediaQuery(`(max-width: ${NARROW_WIDTH_PX}px)`) ?? false;
  const shown = tabs.filter(({ isOfNew }) => isOfNew || !isNew);
  const wanted = params.get("editview") ?? "settings";
  const name = SAME_TAB.get(wanted) ?? wanted;
  const value = shown.some((tab) => tab.value === name) ? name : "settings";
  const choose = (next: string | null): void =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      after.set("editview", next ?? "settings");
      return after;
    });
  return (
    <Card>
      <Tabs
        value={value}
        onChange={choose}
        keepMounted={false}
        orientation={isNarrow ? "horizontal" : "vertical"}
        className={css("tabs")}
      >
        <Tabs.List aria-label="Settings of the dashboard">
          {shown.map((tab) => (
            <Tabs.Tab key={tab.value} value={tab.value}>
              {tab.name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map(({ value: of, Tab }) => (
          <Tabs.Panel key={of} value={of} className={css("panel")}>
            <Tab />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Card>
  );
}
