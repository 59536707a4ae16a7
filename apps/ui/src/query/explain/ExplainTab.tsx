import { Group, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import type { ExpressionNode } from "../../api/expression-tree.ts";
import type { InstantSeries } from "../../api/query-result.ts";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { pageSettings } from "../../api/page-settings.ts";
import type { TabProps } from "../../query-link/panel.ts";
import { ResultTable } from "../ResultTable.tsx";
import ExpressionTree, { nodeAt, useExpressionTree, useNodeResult } from "./ExpressionTree.tsx";
import { MatchingTable } from "./MatchingTable.tsx";
import { describeNode, docOf } from "./describe-node.ts";
import { printNode, runnableExpression } from "./print-node.ts";
import { isVectorOperation, matchGroups } from "./vector-matching.ts";
import type { VectorOperation } from "./vector-matching.ts";
import { Card } from "../../shell/Card.tsx";
import { ScrollBox } from "./ScrollBox.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./ExplainTab.module.css";

const css = classesOf(styles);

type NodeResult = ReturnType<typeof useNodeResult>;

const seriesOf = (answer: NodeResult["data"]): readonly InstantSeries[] =>
  answer?.data.resultType === "vector" ? answer.data.result : [];

function Matching({ node, result, tab }: { node: VectorOperation; result: NodeResult; tab: TabProps }) {
  const [left, right] = [useNodeResult(node.lhs, tab), useNodeResult(node.rhs, tab)];
  const [leftAnswer, rightAnswer] = [left.data, right.data];
  // A failed operation has no result. The table of matching series then shows which series cause the error.
  const resultAnswer = result.isError ? undefined : result.data;
  const groups = useMemo(
    () =>
      matchGroups(node.matching, {
        left: seriesOf(leftAnswer),
        right: seriesOf(rightAnswer),
        result: seriesOf(resultAnswer),
      }),
    [node, leftAnswer, rightAnswer, resultAnswer],
  );
  if (left.isError || right.isError) return null;
  if (left.isPending || right.isPending || result.isPending) return <LoadingMessage label="Matching both sides" />;
  return <MatchingTable groups={groups} operator={node.op} />;
}

function Documentation({ node }: { node: ExpressionNode }) {
  const doc = docOf(node);
  if (doc === null) return null;
  return (
    <div className={css("doc")}>
      <code>{doc.signature}</code>
      {doc.sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}

function NodeDetail({ node, tab }: { node: ExpressionNode; tab: TabProps }) {
  const result = useNodeResult(node, tab);
  return (
    <Card p="sm">
      <Stack gap="xs">
        <code className="wrap-anywhere">{printNode(node)}</code>
        <Documentation node={node} />
        {describeNode(node, pageSettings.lookbackDelta).map((sentence) => (
          <Text size="sm" key={sentence}>
            {sentence}
          </Text>
        ))}
        {result.isError && <ErrorMessage error={result.error} title="Error executing this part" />}
        {isVectorOperation(node) && <Matching node={node} result={result} tab={tab} />}
        {runnableExpression(node) !== printNode(node) && (
          <Text size="xs" c="dimmed">
            Below: the newest sample of each series in that range.
          </Text>
        )}
        {result.data !== undefined && !result.isError && (
          <ScrollBox label="Result of this part">
            <ResultTable data={result.data.data} scroller="element" />
          </ScrollBox>
        )}
      </Stack>
    </Card>
  );
}

/**
 * Explains the selected part of the expression and shows its result, next to the expression's tree unless the panel
 * already shows the tree.
 */
export default function ExplainTab({
  tab,
  chosen,
  onChoose,
}: {
  tab: TabProps;
  /** Path of the selected part in the expression's tree. */
  chosen: string;
  onChoose: (path: string, node: ExpressionNode) => void;
}) {
  const tree = useExpressionTree(tab);
  if (tab.panel.expr === "")
    return <EmptyMessage title="Nothing to explain yet">Enter an expression and press Enter.</EmptyMessage>;
  if (tree.isError) return <ErrorMessage error={tree.error} title="The expression cannot be parsed" />;
  if (tree.data === undefined) return <LoadingMessage label="Parsing the expression" />;
  const detail = <NodeDetail node={nodeAt(tree.data.data, chosen)} tab={tab} />;
  if (tab.panel.showTree) return detail;
  return (
    <Group align="flex-start" gap="md" className={css("explain")}>
      <div className={css("tree")}>
        <ExpressionTree tab={tab} chosen={chosen} onChoose={onChoose} />
      </div>
      <div className={css("detail")}>{detail}</div>
    </Group>
  );
}
