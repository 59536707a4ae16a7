import { Button, Group, Paper, Tabs } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBinaryTree, IconChartLine, IconPlayerStop, IconTable } from "@tabler/icons-react";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { prometheus } from "../api/prometheus.ts";
import { LoadingRemark, errorSentence } from "../shell/Remark.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { useDraft } from "../shell/use-draft.ts";
import { EditorMenu } from "./EditorMenu.tsx";
import { GraphTab } from "./GraphTab.tsx";
import { TableTab } from "./TableTab.tsx";
import { ExpressionEditor } from "./editor/ExpressionEditor.tsx";
import { recordExpression } from "./history.ts";
import type { Panel, PanelTab } from "./panel.ts";

const ExplainTab = lazy(() => import("./explain/ExplainTab.tsx"));

/** What a tab of a panel works with; `queryKey` is new for every run. */
export interface TabProps {
  readonly panel: Panel;
  readonly queryKey: readonly unknown[];
  readonly onChange: (change: Partial<Panel>) => void;
}

/** What a panel can do to itself and its neighbours. */
export interface PanelActions {
  readonly onChange: (change: Partial<Panel>) => void;
  readonly onDuplicate: (expr: string) => void;
  readonly onRemove: () => void;
}

async function formatted(expr: string): Promise<string> {
  try {
    return (await prometheus.formatQuery(expr)).data;
  } catch (error) {
    notifications.show({ color: "red", title: "The expression cannot be formatted", message: errorSentence(error) });
    return expr;
  }
}

/** One query: its editor, and the result as a table or a graph. */
export function QueryPanel({
  id,
  number,
  panel,
  removable,
  autoFocus,
  actions,
}: {
  id: number;
  /** Position on the page, from 1. */
  number: number;
  panel: Panel;
  removable: boolean;
  autoFocus: boolean;
  actions: PanelActions;
}) {
  const { enableQueryHistory } = usePreferences();
  const [draft, setDraft] = useDraft(panel.expr);
  const [run, setRun] = useState(0);
  const client = useQueryClient();
  const busy = useIsFetching({ queryKey: ["panel", id] }) > 0;

  const execute = (text: string): void => {
    const expr = text.trim() === "" ? "" : text;
    if (enableQueryHistory) recordExpression(expr);
    setRun((count) => count + 1);
    if (expr !== panel.expr) actions.onChange({ expr });
  };
  const insert = (text: string): void => setDraft((old) => (old.trim() === "" ? text : `${old} ${text}`));
  const tabProps: TabProps = { panel, queryKey: ["panel", id, run], onChange: actions.onChange };

  return (
    <Paper withBorder className="panel" component="section" aria-label={`Query ${number}`}>
      <Group align="flex-start" gap="xs" wrap="nowrap" className="editor-row">
        <div className="editor-frame">
          <ExpressionEditor value={draft} onChange={setDraft} onExecute={() => execute(draft)} autoFocus={autoFocus} />
          <EditorMenu
            removable={removable}
            onInsert={insert}
            onReplace={setDraft}
            onFormat={() => void formatted(draft).then(setDraft)}
            onDuplicate={() => actions.onDuplicate(draft)}
            onRemove={actions.onRemove}
          />
        </div>
        <Button h={38} onClick={() => execute(draft)}>
          Execute
        </Button>
        {busy && (
          <Button
            h={38}
            px="xs"
            variant="default"
            aria-label="Cancel query"
            title="Cancel query"
            onClick={() => void client.cancelQueries({ queryKey: ["panel", id] })}
          >
            <IconPlayerStop size={17} />
          </Button>
        )}
      </Group>
      <Tabs
        value={panel.tab}
        onChange={(tab) => actions.onChange({ tab: (tab ?? "table") as PanelTab })}
        keepMounted={false}
        mt="sm"
      >
        <Tabs.List mb="sm">
          <Tabs.Tab value="table" leftSection={<IconTable size={16} aria-hidden />}>
            Table
          </Tabs.Tab>
          <Tabs.Tab value="graph" leftSection={<IconChartLine size={16} aria-hidden />}>
            Graph
          </Tabs.Tab>
          <Tabs.Tab value="explain" leftSection={<IconBinaryTree size={16} aria-hidden />}>
            Explain
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="table">
          <TableTab {...tabProps} />
        </Tabs.Panel>
        <Tabs.Panel value="graph">
          <GraphTab {...tabProps} />
        </Tabs.Panel>
        <Tabs.Panel value="explain">
          <Suspense fallback={<LoadingRemark />}>
            <ExplainTab {...tabProps} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}
