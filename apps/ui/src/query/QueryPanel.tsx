import { Button, Group, Paper, Tabs } from "@mantine/core";
import { IconBinaryTree, IconChartLine, IconPlayerStop, IconStopwatch, IconTable } from "@tabler/icons-react";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ExpressionNode } from "../api/expression-tree.ts";
import type { Capabilities } from "../datasource/data-source.ts";
import { dataSourceOf } from "../datasource/registry.ts";
import { ErrorBoundary } from "../shell/ErrorBoundary.tsx";
import { showNotification } from "../shell/Notifications.tsx";
import { errorSentence } from "../shell/StatusMessage.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { useDraft } from "../shell/use-draft.ts";
import { DataSourceSelect } from "./DataSourceSelect.tsx";
import { EditorMenu } from "./EditorMenu.tsx";
import { TableTab } from "./TableTab.tsx";
import { STEP_VARIABLES } from "./editor/built-in-variables.ts";
import { ExpressionEditor } from "./editor/ExpressionEditor.tsx";
import type { ExpressionField } from "./expression-context.ts";
import { PanelContexts } from "./PanelContexts.tsx";
import type { QueryAction } from "./query-action.ts";
import { QueryActions } from "./later-parts.tsx";
import { QueryTime } from "./QueryTime.tsx";
import { runnableExpr } from "./step-variables.ts";
import { recordExpression } from "./history.ts";
import type { Panel, PanelTab, TabProps } from "../query-link/panel.ts";
import { classesOf } from "../shell/style-sheet.ts";
import { whenLoaded } from "../shell/when-loaded.tsx";
import styles from "./QueryPanel.module.css";

const css = classesOf(styles);

const GraphTab = whenLoaded(() => import("./GraphTab.tsx"));
const ExpressionTree = whenLoaded(() => import("./explain/ExpressionTree.tsx"));
const ExplainTab = whenLoaded(() => import("./explain/ExplainTab.tsx"));
const PlanTab = whenLoaded(() => import("./plan/PlanTab.tsx"));

export interface PanelActions {
  readonly onChange: (change: Partial<Panel>) => void;
  readonly onDuplicate: (expr: string) => void;
  readonly onRemove: () => void;
}

async function formatted(format: NonNullable<Capabilities["format"]>, expr: string): Promise<string> {
  try {
    return (await format(expr)).data;
  } catch (error) {
    showNotification({ color: "red", title: "The expression cannot be formatted", message: errorSentence(error) });
    return expr;
  }
}

/**
 * Returns which part of an expression is selected in the expression's tree, as a path. When the expression changes, the
 * whole expression is selected.
 */
function useChosenPart(expr: string) {
  const whole = { expr, path: "0", part: expr };
  const [stored, setStored] = useState(whole);
  const { path, part } = stored.expr === expr ? stored : whole;
  return {
    path,
    /** The PromQL query that evaluates the selected part. */
    part,
    onChoose: (next: string, node: ExpressionNode): void =>
      // The import does not wait for the network, because the component of the tree has already loaded the module.
      void import("./explain/print-node.ts").then(({ runnableExpression }) =>
        setStored({ expr, path: next, part: next === whole.path ? expr : runnableExpression(node) }),
      ),
  };
}

export function QueryPanel({
  id,
  number,
  panel,
  removable,
  autoFocus,
  isFitted,
  actions,
  on,
}: {
  id: number;
  /** Position of the panel on the page, starting at 1. */
  number: number;
  panel: Panel;
  removable: boolean;
  autoFocus: boolean;
  /** Whether the time range is shorter than usual, because there is no older data. */
  isFitted: boolean;
  actions: readonly QueryAction[];
  on: PanelActions;
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
    if (expr !== panel.expr) on.onChange({ expr });
  };
  const insert = (text: string): void => setDraft((old) => (old.trim() === "" ? text : `${old} ${text}`));
  const source = dataSourceOf(panel.dataSource);
  const { analyze, format, parse } = source.capabilities;
  const shownPanel = { ...panel, expr: runnableExpr(panel) };
  const tab: TabProps = { panel: shownPanel, queryKey: ["panel", id, source.id, run], onChange: on.onChange };
  const showsTree = panel.showTree && parse !== undefined;
  const { path, onChoose, part } = useChosenPart(shownPanel.expr);
  const partTab: TabProps = showsTree ? { ...tab, panel: { ...shownPanel, expr: part } } : tab;
  const field: ExpressionField = {
    isEdited: draft !== panel.expr,
    ...(part === panel.expr && { onReplace: (expr: string) => execute(expr) }),
  };
  const shown = JSON.stringify([partTab.queryKey, partTab.panel]);

  return (
    <PanelContexts panel={panel} source={source} field={field} onChange={on.onChange}>
      <Paper withBorder className={css("panel")} component="section" aria-label={`Query ${number}`}>
        <Group align="flex-start" gap="xs" wrap="nowrap">
          <DataSourceSelect id={source.id} onChange={(dataSource) => on.onChange({ dataSource })} />
          <div className={css("editor")}>
            <ExpressionEditor
              value={draft}
              onChange={setDraft}
              onExecute={() => execute(draft)}
              autoFocus={autoFocus}
              variables={STEP_VARIABLES}
            />
            <EditorMenu
              removable={removable}
              showTree={panel.showTree}
              {...(parse === undefined ? {} : { onShowTree: (showTree: boolean) => on.onChange({ showTree }) })}
              onInsert={insert}
              onReplace={setDraft}
              {...(format === undefined ? {} : { onFormat: () => void formatted(format, draft).then(setDraft) })}
              onDuplicate={() => on.onDuplicate(draft)}
              onRemove={on.onRemove}
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
        {/* While the tree is shown, Table, Graph and Plan show the part that is selected in it. */}
        {showsTree && (
          <div className={css("tree")}>
            <ErrorBoundary of={shown}>
              <ExpressionTree tab={tab} chosen={path} onChoose={onChoose} />
            </ErrorBoundary>
          </div>
        )}
        <Tabs
          value={panel.tab}
          onChange={(next) => on.onChange({ tab: (next ?? "table") as PanelTab })}
          keepMounted={false}
          mt="sm"
        >
          <Tabs.List mb="xs">
            <Tabs.Tab value="table" leftSection={<IconTable size={16} className="wide-only" aria-hidden />}>
              Table
            </Tabs.Tab>
            <Tabs.Tab value="graph" leftSection={<IconChartLine size={16} className="wide-only" aria-hidden />}>
              Graph
            </Tabs.Tab>
            {parse !== undefined && (
              <Tabs.Tab value="explain" leftSection={<IconBinaryTree size={16} className="wide-only" aria-hidden />}>
                Explain
              </Tabs.Tab>
            )}
            {analyze !== undefined && (
              <Tabs.Tab value="plan" leftSection={<IconStopwatch size={16} className="wide-only" aria-hidden />}>
                Plan
              </Tabs.Tab>
            )}
          </Tabs.List>
          <Group gap="xs" mb="sm" justify="space-between">
            <QueryTime panel={panel} isFitted={isFitted} hasKeys={number === 1} onChange={on.onChange} />
            <Group gap="xs">{panel.expr !== "" && <QueryActions actions={actions} panel={panel} />}</Group>
          </Group>
          <Tabs.Panel value="table">
            <ErrorBoundary of={shown}>
              <TableTab {...partTab} />
            </ErrorBoundary>
          </Tabs.Panel>
          <Tabs.Panel value="graph">
            <ErrorBoundary of={shown}>
              <GraphTab {...partTab} />
            </ErrorBoundary>
          </Tabs.Panel>
          <Tabs.Panel value="explain">
            <ErrorBoundary of={shown}>
              <ExplainTab tab={tab} chosen={path} onChoose={onChoose} />
            </ErrorBoundary>
          </Tabs.Panel>
          <Tabs.Panel value="plan">
            <ErrorBoundary of={shown}>
              <PlanTab {...partTab} />
            </ErrorBoundary>
          </Tabs.Panel>
        </Tabs>
      </Paper>
    </PanelContexts>
  );
}
