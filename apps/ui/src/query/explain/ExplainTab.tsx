import { Box, Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ExpressionNode } from "../../api/expression-tree.ts";
import { prometheus } from "../../api/prometheus.ts";
import type { InstantResult } from "../../api/query-result.ts";
import { formatCount } from "../../format/si-number.ts";
import { EmptyRemark, ErrorRemark, LoadingRemark, errorSentence } from "../../shell/Remark.tsx";
import { pageSettings } from "../../shell/page-settings.ts";
import { nowMs } from "../../time/browser-clock.ts";
import type { TabProps } from "../QueryPanel.tsx";
import { ResultTable } from "../ResultTable.tsx";
import { describeNode } from "./describe-node.ts";
import { childNodes, printNode } from "./print-node.ts";

/** What to run for a node: ranges are reduced to their newest sample, which is as telling and far cheaper. */
function runnable(node: ExpressionNode): string {
  const text = printNode(node);
  return node.type === "matrixSelector" || node.type === "subquery" ? `last_over_time(${text})` : text;
}

function useNodeResult(node: ExpressionNode, { panel, queryKey }: TabProps) {
  const expr = runnable(node);
  return useQuery({
    queryKey: [...queryKey, "explain", expr, panel.endMs],
    queryFn: ({ signal }) => prometheus.query(expr, (panel.endMs ?? nowMs()) / 1000, signal),
    gcTime: 0,
  });
}

function resultWords(data: InstantResult): string {
  if (data.resultType === "scalar" || data.resultType === "string") return data.resultType;
  const count = data.result.length;
  return `${formatCount(count)} ${count === 1 ? "result" : "results"}`;
}

function NodeRow({
  node,
  path,
  chosen,
  onChoose,
  tab,
}: {
  node: ExpressionNode;
  path: string;
  chosen: string;
  onChoose: (path: string) => void;
  tab: TabProps;
}) {
  const result = useNodeResult(node, tab);
  const words = result.isError
    ? "error"
    : result.data === undefined
      ? "…"
      : `${resultWords(result.data.data)} · ${Math.round(result.data.elapsedMs)}ms`;
  return (
    <li>
      <UnstyledButton
        className="tree-node"
        aria-pressed={chosen === path}
        title={result.isError ? errorSentence(result.error) : undefined}
        onClick={() => onChoose(path)}
      >
        <code>{printNode(node)}</code>
        <Text component="span" size="xs" c={result.isError ? "red" : "dimmed"} className="tree-count">
          {words}
        </Text>
      </UnstyledButton>
      {childNodes(node).length > 0 && (
        <ul>
          {childNodes(node).map((child, index) => (
            <NodeRow key={index} node={child} path={`${path}.${index}`} chosen={chosen} onChoose={onChoose} tab={tab} />
          ))}
        </ul>
      )}
    </li>
  );
}

function NodeDetail({ node, tab }: { node: ExpressionNode; tab: TabProps }) {
  const result = useNodeResult(node, tab);
  return (
    <Paper withBorder className="card" p="sm">
      <Stack gap="xs">
        <code className="wrap-anywhere">{printNode(node)}</code>
        {describeNode(node, pageSettings.lookbackDelta).map((sentence) => (
          <Text size="sm" key={sentence}>
            {sentence}
          </Text>
        ))}
        {result.isError && <ErrorRemark error={result.error} title="Error executing this part" />}
        {runnable(node) !== printNode(node) && (
          <Text size="xs" c="dimmed">
            Below: the newest sample of each series in that range.
          </Text>
        )}
        {result.data !== undefined && !result.isError && (
          <Box mah={420} className="scroll-box">
            <ResultTable data={result.data.data} />
          </Box>
        )}
      </Stack>
    </Paper>
  );
}

function nodeAt(root: ExpressionNode, path: string): ExpressionNode {
  return path
    .split(".")
    .slice(1)
    .reduce((node, index) => childNodes(node)[Number(index)] ?? node, root);
}

/** The parts of an expression as a tree, each with its own result and a few sentences on what it does. */
export default function ExplainTab(tab: TabProps) {
  const { expr } = tab.panel;
  const [chosen, setChosen] = useState({ expr, path: "0" });
  const path = chosen.expr === expr ? chosen.path : "0";
  const tree = useQuery({
    queryKey: [...tab.queryKey, "tree", expr],
    queryFn: ({ signal }) => prometheus.parseQuery(expr, signal),
    enabled: expr !== "",
  });
  if (expr === "")
    return <EmptyRemark title="Nothing to explain yet">Enter an expression and press Enter.</EmptyRemark>;
  if (tree.isError) return <ErrorRemark error={tree.error} title="The expression cannot be parsed" />;
  if (tree.data === undefined) return <LoadingRemark label="Parsing the expression" />;
  const root = tree.data.data;
  return (
    <Group align="flex-start" gap="md" className="explain">
      <ul className="tree" aria-label="Parts of the expression">
        <NodeRow node={root} path="0" chosen={path} onChoose={(next) => setChosen({ expr, path: next })} tab={tab} />
      </ul>
      <div className="explain-detail">
        <NodeDetail node={nodeAt(root, path)} tab={tab} />
      </div>
    </Group>
  );
}
