import { Button, Tabs } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { interpolate, type Panel } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { contentWidthOf } from "../../panel/PanelCard.tsx";
import { usePluginKinds } from "../../panels/plugins/plugin-kinds.ts";
import { drawnKindOf } from "../../panels/registry.ts";
import { KindPane } from "./kind/KindPane.tsx";
import { editedPanel } from "./panel-edit.ts";
import { type PanelEditing, PanelEditingContext } from "./panel-edit-context.ts";
import { PanelPreview, usePreviewBox } from "./preview/PanelPreview.tsx";
import { shownNames } from "./preview/shown-names.ts";
import { useFirstScope, usePreviewData } from "./preview/use-preview-data.ts";
import { QueryTab } from "./queries/QueryTab.tsx";
import { TransformationTab } from "./transformations/TransformationTab.tsx";
import { headerHeightStyle } from "../../../shell/header-height.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./PanelEditor.module.css";

const css = classesOf(styles);

export interface PanelEditorProps {
  readonly panel: Panel;
  /**
   * Called immediately for each change, with a function that returns the changed panel. Its property `source` contains
   * the new JSON.
   */
  readonly onChange: (change: (panel: Panel) => Panel) => void;
  /** Closes the editor and keeps the changes. */
  readonly onApply: () => void;
  /** Closes the editor and undoes the changes. */
  readonly onDiscard: () => void;
}

/**
 * The editor of a panel: a preview with the dashboard's variables and time range, and forms for all properties of the
 * panel.
 */
export default function PanelEditor({ panel, onChange, onApply, onDiscard }: PanelEditorProps) {
  const { lookupFor, sources, dashboard } = useDashboardContext();
  const scoped = useFirstScope(panel);
  const lookup = useMemo(() => lookupFor(scoped), [lookupFor, scoped]);
  usePluginKinds();
  const kind = drawnKindOf(panel.type);
  const isFed = kind?.isFed ?? true;
  const box = usePreviewBox(panel);
  const data = usePreviewData(panel, scoped, contentWidthOf(box.width), isFed);
  const fieldNames = useMemo(() => shownNames(data.shown.frames), [data.shown.frames]);
  const editing: PanelEditing = {
    panel,
    edit: (edits) => onChange((now) => editedPanel(now, typeof edits === "function" ? edits(now) : edits)),
    sources,
    variables: dashboard.variables,
    lookup,
    answered: data.answered,
    shown: data.shown.frames,
    fieldNames,
    error: data.shown.error,
  };
  const title = interpolate(panel.title, lookup);
  return (
    <PanelEditingContext value={editing}>
      <div className={css("editor")} style={headerHeightStyle} data-edit-panel={panel.id}>
        <header className={css("bar")}>
          <h2 className={css("title")}>Edit {title === "" ? "panel" : `“${title}”`}</h2>
          <Button size="xs" variant="default" leftSection={<IconX size={14} />} onClick={onDiscard}>
            Discard
          </Button>
          <Button size="xs" leftSection={<IconCheck size={14} />} onClick={onApply}>
            Apply
          </Button>
        </header>
        <div className={css("main")} data-fed={isFed}>
          <div className={css("preview")}>
            <PanelPreview panel={panel} scoped={scoped} data={data.shown} box={box} />
          </div>
          {isFed && (
            <div className={css("data")}>
              <DataTabs panel={panel} />
            </div>
          )}
        </div>
        <KindPane kind={kind} data={data.shown} />
      </div>
    </PanelEditingContext>
  );
}

const counted = (name: string, count: number): string => (count === 0 ? name : `${name} (${count})`);

function DataTabs({ panel }: { panel: Panel }) {
  return (
    <Tabs defaultValue="queries" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="queries">{counted("Query", panel.targets.length)}</Tabs.Tab>
        <Tabs.Tab value="transformations">{counted("Transformations", panel.transformations.length)}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="queries">
        <QueryTab />
      </Tabs.Panel>
      <Tabs.Panel value="transformations">
        <TransformationTab />
      </Tabs.Panel>
    </Tabs>
  );
}
